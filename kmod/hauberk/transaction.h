/* SPDX-License-Identifier: GPL-2.0-only */
/* A push under way: the rule-set that it builds. */
#ifndef _HBK_TRANSACTION_H
#define _HBK_TRANSACTION_H

#include "../core/frame.h"
#include "ruleset.h"

struct hbk_transaction {
	struct hbk_ruleset *ruleset;	/* NULL while no transaction is open */
	u32 table_length;		/* bytes pushed so far */
	u32 table_size;			/* bytes of room at ruleset->blob */
};

static inline bool hbk_transaction_is_open(const struct hbk_transaction *transaction)
{
	return transaction->ruleset;
}

/* Each leaves the transaction as it was if it fails. */
int hbk_transaction_begin(struct hbk_transaction *transaction, struct hbk_fault *fault);
int hbk_transaction_anchor(struct hbk_transaction *transaction,
			   const struct hbk_request *request, struct hbk_fault *fault);
int hbk_transaction_identity(struct hbk_transaction *transaction,
			     const struct hbk_request *request, struct hbk_fault *fault);
int hbk_transaction_table(struct hbk_transaction *transaction,
			  const struct hbk_request *request, struct hbk_fault *fault);
int hbk_transaction_filter(struct hbk_transaction *transaction,
			   const struct hbk_request *request, struct hbk_fault *fault);
int hbk_transaction_upstream(struct hbk_transaction *transaction,
			     const struct hbk_request *request, struct hbk_fault *fault);
void hbk_transaction_settings(struct hbk_transaction *transaction,
			      const struct hbk_request *request);
int hbk_transaction_commit(struct hbk_transaction *transaction,
			   const struct hbk_request *request, const char *label,
			   u64 *generation, struct hbk_fault *fault);
void hbk_transaction_abort(struct hbk_transaction *transaction);

#endif /* _HBK_TRANSACTION_H */
