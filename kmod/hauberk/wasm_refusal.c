// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why the engine did not do what was asked: its sentence is longer than a
 * fault's, and tells where in the module.  Process context.
 */
#include <hauberk/wasm.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "wasm_request.h"

static_assert(HBK_GUEST_NAME == HBK_NAME_MAX + 1);
static_assert(HBK_WASM_UPLOAD_MAX == HBK_WASM_MODULE_MAX);
static_assert(HBK_WASM_FIELD_MAX == HBK_WASM_NAME_MAX);

/**
 * hbk_wasm_copy_name() - the guest that a request names, as a string
 * @name: HBK_NAME_MAX + 1 bytes
 * @request: with a NAME
 */
void hbk_wasm_copy_name(char *name, const struct hbk_request *request)
{
	const struct hbk_attr_view *view = &request->attrs[HBK_A_NAME];

	memcpy(name, view->data, view->length);
	name[view->length] = '\0';
}

/**
 * hbk_wasm_find() - the guest that a request names
 * @exchange: the request; its fault is set if there is none
 *
 * Return: the guest, for hbk_guest_put(), or ERR_PTR(-ENOENT).
 */
struct hbk_guest *hbk_wasm_find(struct hbk_exchange *exchange)
{
	char name[HBK_NAME_MAX + 1];
	struct hbk_guest *guest;

	hbk_wasm_copy_name(name, &exchange->request);
	guest = hbk_guest_find(name);
	if (guest)
		return guest;
	hbk_wasm_refuse(exchange, -ENOENT, "guest", name);
	return ERR_PTR(-ENOENT);
}

/**
 * hbk_wasm_expect_refusal() - make room for what the engine may have to say
 * @exchange: its refusal and a larger outcome are made
 *
 * Return: 0 or -ENOMEM.
 */
int hbk_wasm_expect_refusal(struct hbk_exchange *exchange)
{
	struct hbk_reply *outcome;

	exchange->refusal = kvzalloc(sizeof(*exchange->refusal), GFP_KERNEL_ACCOUNT);
	if (!exchange->refusal)
		return -ENOMEM;
	exchange->refusal->offset = HBK_GUEST_NOWHERE;
	exchange->refusal->function = HBK_GUEST_NOWHERE;
	outcome = hbk_reply_create(HBK_OUTCOME_MAX + HBK_GUEST_TEXT);
	if (!outcome)
		return -ENOMEM;
	hbk_reply_free(exchange->outcome);
	exchange->outcome = outcome;
	return 0;
}

static const struct {
	int err;
	const char *text;
} sentences[] = {
	{ -ENOENT, "there is no such guest" },
	{ -EBUSY, "the guest is in use" },
	{ -ESHUTDOWN, "the guest trapped too often: it is in quarantine and runs no more" },
	{ -EINTR, "interrupted" },
};

/**
 * hbk_wasm_refuse() - tell what the engine would not do
 * @exchange: its fault is set; what its refusal says, if it says anything, comes before our own words
 * @err: the negative errno
 * @what: "guest" or "module"
 * @name: of it
 *
 * Return: @err.
 */
int hbk_wasm_refuse(struct hbk_exchange *exchange, int err, const char *what, const char *name)
{
	const char *text = err == -ENOMEM ? "the kernel is out of memory" : "the engine refused it";
	char item[HBK_FAULT_ITEM];
	u32 i;

	snprintf(item, sizeof(item), "%s %s", what, name);
	for (i = 0; i < ARRAY_SIZE(sentences); i++) {
		if (sentences[i].err == err)
			text = sentences[i].text;
	}
	if (exchange->refusal && exchange->refusal->text[0])
		text = exchange->refusal->text;
	return hbk_fault_set(&exchange->fault, err, item, "%s", text);
}
