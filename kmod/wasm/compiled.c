// SPDX-License-Identifier: GPL-2.0-only
/* The registry of compiled guests. Process context; compiled_lock guards the list. */
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compiled.h"

static DEFINE_MUTEX(compiled_lock);
static LIST_HEAD(entries);

static struct hbk_compiled_entry *find(const u8 *sha256)
{
	struct hbk_compiled_entry *entry;

	lockdep_assert_held(&compiled_lock);
	list_for_each_entry(entry, &entries, node)
		if (!memcmp(entry->compiled->sha256, sha256, HBK_COMPILED_SHA256))
			return entry;
	return NULL;
}

const struct hbk_compiled_entry *hbk_compiled_get(const u8 *sha256)
{
	struct hbk_compiled_entry *entry;

	mutex_lock(&compiled_lock);
	entry = find(sha256);
	if (entry && !try_module_get(entry->owner))
		entry = NULL;
	mutex_unlock(&compiled_lock);
	return entry;
}

void hbk_compiled_put(const struct hbk_compiled_entry *entry)
{
	module_put(entry->owner);
}

/**
 * hbk_compiled_register() - offer a compiled guest to modules that are loaded from now on
 * @compiled: stays until it is unregistered
 * @owner: the module that it is part of
 *
 * Return: 0, -EEXIST when one of the same module is there, or -ENOMEM.
 */
int hbk_compiled_register(const struct hbk_wasm_compiled *compiled, struct module *owner)
{
	struct hbk_compiled_entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	int err = 0;

	if (!entry)
		return -ENOMEM;
	entry->compiled = compiled;
	entry->owner = owner;
	mutex_lock(&compiled_lock);
	if (find(compiled->sha256))
		err = -EEXIST;
	else
		list_add_tail(&entry->node, &entries);
	mutex_unlock(&compiled_lock);
	if (err)
		kfree(entry);
	return err;
}
EXPORT_SYMBOL_GPL(hbk_compiled_register);

/* For the exit of its .ko, which no guest holds any more. */
void hbk_compiled_unregister(const struct hbk_wasm_compiled *compiled)
{
	struct hbk_compiled_entry *entry;

	mutex_lock(&compiled_lock);
	entry = find(compiled->sha256);
	if (entry)
		list_del(&entry->node);
	mutex_unlock(&compiled_lock);
	kfree(entry);
}
EXPORT_SYMBOL_GPL(hbk_compiled_unregister);
