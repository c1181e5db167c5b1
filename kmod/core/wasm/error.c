// SPDX-License-Identifier: GPL-2.0-only
#include "error.h"

static const struct {
	const char *name;
	int err;
} refusals[] = {
	[HBK_WASM_ACCEPTED] = { "accepted", 0 },
	[HBK_WASM_MALFORMED] = { "malformed", -ENOEXEC },
	[HBK_WASM_INVALID] = { "invalid", -ENOEXEC },
	[HBK_WASM_UNSUPPORTED] = { "unsupported", -EOPNOTSUPP },
	[HBK_WASM_LIMIT] = { "over the limit", -E2BIG },
	[HBK_WASM_FAILED] = { "failed", -ENOMEM },
};

/* A sentence may have a module's own bytes in it, and is read on terminals. */
static void make_printable(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '.';
	}
}

/**
 * hbk_wasm_error_vset() - hbk_wasm_error_set() with the arguments in a list
 * @error: where to tell it, or NULL
 * @refusal: of which kind it is; not HBK_WASM_ACCEPTED
 * @offset: of the byte at fault
 * @function: whose body it is in, or HBK_WASM_NO_INDEX
 * @format: the sentence, as for printf()
 * @args: what the sentence names; what is not printable ASCII becomes points
 *
 * Return: the negative errno of that kind.
 */
int hbk_wasm_error_vset(struct hbk_wasm_error *error, enum hbk_wasm_refusal refusal, u32 offset, u32 function,
			const char *format, va_list args)
{
	if (error) {
		error->refusal = refusal;
		error->offset = offset;
		error->function = function;
		vsnprintf(error->text, sizeof(error->text), format, args);
		make_printable(error->text);
	}
	return refusals[refusal].err;
}

/**
 * hbk_wasm_error_set() - tell a person why a module was refused
 * @error: where to tell it, or NULL
 * @refusal: of which kind it is; not HBK_WASM_ACCEPTED
 * @offset: of the byte at fault
 * @function: whose body it is in, or HBK_WASM_NO_INDEX
 * @format: the sentence, as for printf(); what does not fit is cut off
 *
 * Return: the negative errno of that kind, so that a caller can return the call.
 */
int hbk_wasm_error_set(struct hbk_wasm_error *error, enum hbk_wasm_refusal refusal, u32 offset, u32 function,
		       const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = hbk_wasm_error_vset(error, refusal, offset, function, format, args);
	va_end(args);
	return err;
}

/**
 * hbk_wasm_error_failed() - tell that it was not the module's fault
 * @error: where to tell it, or NULL
 * @err: -ENOMEM, or what the heap's yield() answered
 *
 * Return: @err.
 */
int hbk_wasm_error_failed(struct hbk_wasm_error *error, int err)
{
	hbk_wasm_error_set(error, HBK_WASM_FAILED, 0, HBK_WASM_NO_INDEX, "%s",
			   err == -ENOMEM ? "not enough memory" : "interrupted");
	return err;
}

/**
 * hbk_wasm_refusal_name() - what a kind of refusal is called
 * @refusal: the kind
 *
 * Return: "malformed", "invalid" and so on.
 */
const char *hbk_wasm_refusal_name(enum hbk_wasm_refusal refusal)
{
	return refusals[refusal].name;
}

/**
 * hbk_wasm_error_print() - write an error as one line
 * @error: told by hbk_wasm_validate()
 * @text: the line
 * @size: of @text
 *
 * Return: as snprintf().
 */
int hbk_wasm_error_print(const struct hbk_wasm_error *error, char *text, size_t size)
{
	if (error->refusal == HBK_WASM_FAILED)
		return snprintf(text, size, "%s", error->text);
	if (error->function == HBK_WASM_NO_INDEX)
		return snprintf(text, size, "%s at offset 0x%x: %s", hbk_wasm_refusal_name(error->refusal),
				error->offset, error->text);
	return snprintf(text, size, "%s at offset 0x%x in function %u: %s", hbk_wasm_refusal_name(error->refusal),
			error->offset, error->function, error->text);
}
