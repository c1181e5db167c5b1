// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transactions.  A transaction belongs to one opener, whose lock serialises
 * it, and builds a rule-set that nobody else sees until COMMIT publishes it.
 * What it can take is bounded by the limits of the ABI and charged to the
 * opener's memory cgroup.  Process context.
 */
#include "transaction.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#define TABLE_SIZE_MIN	65536

/**
 * hbk_transaction_begin() - open a transaction
 * @transaction: must not be open
 * @fault: filled on error
 *
 * Return: 0, -EBUSY or -ENOMEM.
 */
int hbk_transaction_begin(struct hbk_transaction *transaction, struct hbk_fault *fault)
{
	if (hbk_transaction_is_open(transaction))
		return hbk_fault_set(fault, -EBUSY, "transaction",
				     "this opener has a transaction open already");
	transaction->ruleset = hbk_ruleset_create();
	if (!transaction->ruleset)
		return -ENOMEM;
	transaction->table_length = 0;
	transaction->table_size = 0;
	return 0;
}

/**
 * hbk_transaction_anchor() - take a CA into the trust bundle
 * @transaction: an open transaction
 * @request: ANCHOR
 * @fault: filled on error
 *
 * Return: 0 or a negative errno.
 */
int hbk_transaction_anchor(struct hbk_transaction *transaction,
			   const struct hbk_request *request, struct hbk_fault *fault)
{
	return hbk_anchors_add(&transaction->ruleset->anchors, request->certs[0].data,
			       request->certs[0].length, fault);
}

/**
 * hbk_transaction_identity() - take an identity
 * @transaction: an open transaction
 * @request: IDENTITY
 * @fault: filled on error
 *
 * Return: 0 or a negative errno.
 */
int hbk_transaction_identity(struct hbk_transaction *transaction,
			     const struct hbk_request *request, struct hbk_fault *fault)
{
	struct hbk_identity *identity;
	int error;

	identity = hbk_identity_create(request, fault);
	if (IS_ERR(identity))
		return PTR_ERR(identity);
	error = hbk_ruleset_add(transaction->ruleset, identity, fault);
	if (error)
		hbk_identity_put(identity);
	return error;
}

/**
 * hbk_transaction_filter() - take a filter
 * @transaction: an open transaction
 * @request: FILTER
 * @fault: filled on error
 *
 * Return: 0 or a negative errno.
 */
int hbk_transaction_filter(struct hbk_transaction *transaction,
			   const struct hbk_request *request, struct hbk_fault *fault)
{
	struct hbk_filter *filter;
	int error;

	filter = hbk_filter_create(transaction->ruleset, request, fault);
	if (IS_ERR(filter))
		return PTR_ERR(filter);
	error = hbk_ruleset_add_filter(transaction->ruleset, filter, fault);
	if (error)
		hbk_filter_free(filter);
	return error;
}

/**
 * hbk_transaction_upstream() - take an upstream
 * @transaction: an open transaction
 * @request: UPSTREAM
 * @fault: filled on error
 *
 * Return: 0 or a negative errno.
 */
int hbk_transaction_upstream(struct hbk_transaction *transaction,
			     const struct hbk_request *request, struct hbk_fault *fault)
{
	const struct hbk_attr_view *name = &request->attrs[HBK_A_NAME];
	struct hbk_upstream upstream = { .port = hbk_request_u16(request, HBK_A_PORT, 0) };

	memcpy(upstream.name, name->data, name->length);
	memcpy(&upstream.address, request->attrs[HBK_A_ADDRESS].data, sizeof(upstream.address));
	return hbk_ruleset_add_upstream(transaction->ruleset, &upstream, fault);
}

/* Doubles, so that a table of many parts is copied a few times only. */
static int grow_table(struct hbk_transaction *transaction, u32 length)
{
	struct hbk_ruleset *ruleset = transaction->ruleset;
	u32 size = max_t(u32, transaction->table_size, TABLE_SIZE_MIN);
	void *blob;

	if (length <= transaction->table_size)
		return 0;
	while (size < length)
		size *= 2;
	blob = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!blob)
		return -ENOMEM;
	if (ruleset->blob)
		memcpy(blob, ruleset->blob, transaction->table_length);
	kvfree(ruleset->blob);
	ruleset->blob = blob;
	transaction->table_size = size;
	return 0;
}

/**
 * hbk_transaction_table() - take the next part of the decision table
 * @transaction: an open transaction
 * @request: TABLE
 * @fault: filled on error
 *
 * Return: 0 or a negative errno.
 */
int hbk_transaction_table(struct hbk_transaction *transaction,
			  const struct hbk_request *request, struct hbk_fault *fault)
{
	const struct hbk_attr_view *part = &request->attrs[HBK_A_DATA];
	u32 offset = hbk_request_u32(request, HBK_A_OFFSET, 0);
	int error;

	if (offset != transaction->table_length)
		return hbk_fault_set(fault, -EINVAL, "attribute OFFSET",
				     "the part begins at %u, but the next one is due at %u",
				     offset, transaction->table_length);
	if (part->length > HBK_TABLE_MAX - offset)
		return hbk_fault_set(fault, -E2BIG, "table",
				     "a decision table has at most %d bytes", HBK_TABLE_MAX);
	error = grow_table(transaction, offset + part->length);
	if (error)
		return error;
	memcpy(transaction->ruleset->blob + offset, part->data, part->length);
	transaction->table_length += part->length;
	return 0;
}

/**
 * hbk_transaction_settings() - take the settings that a request names
 * @transaction: an open transaction
 * @request: SETTINGS; the values are in range
 */
void hbk_transaction_settings(struct hbk_transaction *transaction,
			      const struct hbk_request *request)
{
	struct hbk_ruleset *ruleset = transaction->ruleset;

	ruleset->handshake_timeout_ms = hbk_request_u32(request, HBK_A_HANDSHAKE_TIMEOUT_MS,
							ruleset->handshake_timeout_ms);
	ruleset->handshake_max = hbk_request_u32(request, HBK_A_HANDSHAKE_MAX,
						 ruleset->handshake_max);
	ruleset->handshake_rate = hbk_request_u32(request, HBK_A_HANDSHAKE_RATE,
						  ruleset->handshake_rate);
	ruleset->session_max = hbk_request_u32(request, HBK_A_SESSION_MAX, ruleset->session_max);
	ruleset->record_layer = hbk_request_u8(request, HBK_A_RECORD_LAYER, ruleset->record_layer);
}

static void set_label(struct hbk_ruleset *ruleset, const struct hbk_request *request,
		      const char *label)
{
	const struct hbk_attr_view *own = &request->attrs[HBK_A_LABEL];

	if (own->data) {
		memcpy(ruleset->label, own->data, own->length);
		ruleset->label[own->length] = '\0';
	} else {
		strscpy(ruleset->label, label, sizeof(ruleset->label));
	}
}

/**
 * hbk_transaction_commit() - check the rule-set as a whole and publish it
 * @transaction: an open transaction; closed on success
 * @request: COMMIT
 * @label: of the rule-set, unless the request has one
 * @generation: the new one
 * @fault: filled on error
 *
 * Return: 0 or a negative errno.
 */
int hbk_transaction_commit(struct hbk_transaction *transaction,
			   const struct hbk_request *request, const char *label,
			   u64 *generation, struct hbk_fault *fault)
{
	u64 expect = hbk_request_u64(request, HBK_A_EXPECT_GENERATION, HBK_ANY_GENERATION);
	struct hbk_ruleset *ruleset = transaction->ruleset;
	int error;

	if (!transaction->table_length)
		return hbk_fault_set(fault, -ENODATA, "table", "no decision table was pushed");
	error = hbk_ruleset_complete(ruleset, transaction->table_length, fault);
	if (error)
		return error;
	set_label(ruleset, request, label);
	/* Once published it may be replaced, and gone, at any time. */
	hbk_ruleset_hold(ruleset);
	error = hbk_ruleset_publish(ruleset, expect);
	if (error) {
		hbk_ruleset_put(ruleset);
		return hbk_fault_set(fault, error, "attribute EXPECT_GENERATION",
				     "another push came first: the generation is not %llu", expect);
	}
	*generation = ruleset->generation;
	hbk_ruleset_put(ruleset);
	transaction->ruleset = NULL;
	return 0;
}

/**
 * hbk_transaction_abort() - discard a transaction
 * @transaction: need not be open; closed afterwards
 */
void hbk_transaction_abort(struct hbk_transaction *transaction)
{
	if (!hbk_transaction_is_open(transaction))
		return;
	hbk_ruleset_put(transaction->ruleset);
	transaction->ruleset = NULL;
}
