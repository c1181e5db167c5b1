// SPDX-License-Identifier: GPL-2.0-only
/* The registry of compiled guests. Process context; compiled_lock guards the list. */
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "compiled.h"

static DEFINE_MUTEX(compiled_lock);
static LIST_HEAD(all);

static struct hbk_compiled *find(const u8 *sha256)
{
	struct hbk_compiled *compiled;

	lockdep_assert_held(&compiled_lock);
	list_for_each_entry(compiled, &all, node)
		if (!memcmp(compiled->sha256, sha256, HBK_GUEST_SHA256))
			return compiled;
	return NULL;
}

const struct hbk_compiled *hbk_compiled_get(const u8 *sha256)
{
	struct hbk_compiled *compiled;

	mutex_lock(&compiled_lock);
	compiled = find(sha256);
	if (compiled && !try_module_get(compiled->owner))
		compiled = NULL;
	mutex_unlock(&compiled_lock);
	return compiled;
}

void hbk_compiled_put(const struct hbk_compiled *compiled)
{
	module_put(compiled->owner);
}

/**
 * hbk_compiled_register() - offer a compiled guest to modules that are loaded from now on
 * @compiled: stays until it is unregistered
 *
 * Return: 0, or -EEXIST when one of the same module is there.
 */
int hbk_compiled_register(struct hbk_compiled *compiled)
{
	int err = 0;

	mutex_lock(&compiled_lock);
	if (find(compiled->sha256))
		err = -EEXIST;
	else
		list_add_tail(&compiled->node, &all);
	mutex_unlock(&compiled_lock);
	return err;
}
EXPORT_SYMBOL_GPL(hbk_compiled_register);

/* For the exit of its .ko, which no guest holds any more. */
void hbk_compiled_unregister(struct hbk_compiled *compiled)
{
	mutex_lock(&compiled_lock);
	list_del(&compiled->node);
	mutex_unlock(&compiled_lock);
}
EXPORT_SYMBOL_GPL(hbk_compiled_unregister);
