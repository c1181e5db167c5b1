// SPDX-License-Identifier: GPL-2.0-only
#include "fault.h"

/**
 * hbk_fault_vset() - hbk_fault_set() with the arguments in a list
 * @fault: where to tell it, or NULL
 * @err: the negative errno
 * @item: the thing at fault
 * @format: the sentence, as for printf()
 * @args: what the sentence names
 *
 * Return: @err.
 */
int hbk_fault_vset(struct hbk_fault *fault, int err, const char *item, const char *format,
		   va_list args)
{
	if (!fault)
		return err;
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	snprintf(fault->item, sizeof(fault->item), "%s", item);
	return err;
}

/**
 * hbk_fault_set() - tell a person what is wrong
 * @fault: where to tell it, or NULL
 * @err: the negative errno
 * @item: the thing at fault
 * @format: the sentence, as for printf()
 *
 * What does not fit is cut off.
 *
 * Return: @err, so that a caller can return the call.
 */
int hbk_fault_set(struct hbk_fault *fault, int err, const char *item, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	hbk_fault_vset(fault, err, item, format, args);
	va_end(args);
	return err;
}
