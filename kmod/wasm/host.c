// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registry of host modules. Process context; hosts_lock guards the list.
 *
 * A host module of another kernel module is held while an instance is there
 * that may call it. A guest that merely is loaded does not hold it: it goes
 * when the host module is unregistered.
 */
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "../core/wasm/instance.h"
#include "guest.h"
#include "host.h"

#define NAME_SHOWN	80	/* bytes of an import's names that an error shows */

static DEFINE_MUTEX(hosts_lock);
static LIST_HEAD(hosts);

static bool name_is(const struct hbk_wasm_name *name, const char *text)
{
	return name->length == strlen(text) && !memcmp(name->text, text, name->length);
}

static const struct hbk_host_function *find_function(const struct hbk_host_module *host,
						     const struct hbk_wasm_name *name)
{
	u32 i;

	for (i = 0; i < host->count; i++)
		if (name_is(name, host->functions[i].name))
			return &host->functions[i];
	return NULL;
}

/* Several host modules may have one name: no two of them have a function of the same name. */
static const struct hbk_host_function *find_in_hosts(const struct hbk_wasm_name *module,
						     const struct hbk_wasm_name *name,
						     struct hbk_host_module **found)
{
	const struct hbk_host_function *function;
	struct hbk_host_module *host;

	lockdep_assert_held(&hosts_lock);
	list_for_each_entry(host, &hosts, node) {
		function = name_is(module, host->name) ? find_function(host, name) : NULL;
		if (function) {
			*found = host;
			return function;
		}
	}
	return NULL;
}

/* A list of what is wrong with the imports, cut where the error's room ends. */
struct complaints {
	struct hbk_guest_error *error;
	size_t length;
	u32 count;
	u32 untold;
};

/* Names are UTF-8 of the module's author: what is not printable ASCII is shown as a point. */
static void show_name(char *to, size_t size, const struct hbk_wasm_name *name)
{
	size_t length = min_t(size_t, name->length, size - 1), i;

	for (i = 0; i < length; i++)
		to[i] = name->text[i] > ' ' && name->text[i] < 0x7f ? name->text[i] : '.';
	to[length] = '\0';
}

static void complain(struct complaints *complaints, const struct hbk_wasm_import *import,
		     const char *what)
{
	size_t room = sizeof(complaints->error->text) - 32 - complaints->length;
	char module[NAME_SHOWN / 2], name[NAME_SHOWN];
	int length;

	complaints->count++;
	show_name(module, sizeof(module), &import->module);
	show_name(name, sizeof(name), &import->name);
	if (complaints->untold) {
		complaints->untold++;
		return;
	}
	length = snprintf(complaints->error->text + complaints->length, room, "%s%s.%s%s",
			  complaints->length ? ", " : "unknown imports: ", module, name, what);
	if (length >= room) {
		complaints->error->text[complaints->length] = '\0';
		complaints->untold++;
		return;
	}
	complaints->length += length;
}

static void note_host(struct hbk_guest *guest, struct hbk_host_module *host)
{
	u32 i;

	for (i = 0; i < guest->host_count; i++)
		if (guest->hosts[i] == host)
			return;
	guest->hosts[guest->host_count++] = host;
}

static void resolve(struct hbk_guest *guest, u32 index, struct complaints *complaints)
{
	const struct hbk_wasm_import *import = &guest->module.imports[index];
	const struct hbk_host_function *function;
	struct hbk_host_module *host;

	if (import->kind != HBK_WASM_KIND_FUNCTION) {
		complain(complaints, import, import->kind == HBK_WASM_KIND_MEMORY ? " (a memory)" :
			 import->kind == HBK_WASM_KIND_TABLE ? " (a table)" : " (a global)");
		return;
	}
	function = find_in_hosts(&import->module, &import->name, &host);
	if (!function) {
		complain(complaints, import, "");
		return;
	}
	if (!hbk_wasm_signature_matches(function->signature,
					hbk_wasm_function_type(&guest->module, import->index))) {
		complain(complaints, import, " (of another type)");
		return;
	}
	guest->imports[index] = function;
	note_host(guest, host);
}

/**
 * hbk_host_resolve() - find what a guest imports
 * @guest: its module is validated
 * @error: gets the names of all that there is not
 *
 * The host modules are held for now: hbk_host_put() when the guest is where
 * hbk_guest_drop_host() finds it.
 *
 * Return: 0, -ENOENT with @error filled in, or -ENOMEM.
 */
int hbk_host_resolve(struct hbk_guest *guest, struct hbk_guest_error *error)
{
	struct complaints complaints = { .error = error };
	u32 count = guest->module.import_count, i;
	int err = 0;

	if (!count)
		return 0;
	guest->imports = hbk_account_alloc(&guest->account, count * sizeof(*guest->imports));
	guest->hosts = hbk_account_alloc(&guest->account, count * sizeof(*guest->hosts));
	if (!guest->imports || !guest->hosts)
		return hbk_guest_fail(error, -ENOMEM, "not enough memory for its imports");
	mutex_lock(&hosts_lock);
	for (i = 0; i < count; i++)
		resolve(guest, i, &complaints);
	if (!complaints.count)
		err = hbk_host_get(guest);
	mutex_unlock(&hosts_lock);
	if (err)
		return hbk_guest_fail(error, err, "what it imports is just being unloaded");
	if (!complaints.count)
		return 0;
	if (complaints.untold)
		snprintf(error->text + complaints.length, 32, " and %u more", complaints.untold);
	return -ENOENT;
}

/**
 * hbk_host_prefer() - what an import means to an instance with host functions of its own
 * @hosts: its own, of names that may be registered ones'
 * @count: how many
 * @module: of the guest
 * @import: a function
 *
 * Return: the function, or NULL where none of them has it with this type.
 */
const struct hbk_host_function *hbk_host_prefer(const struct hbk_host_module *hosts, u32 count,
						const struct hbk_wasm_module *module,
						const struct hbk_wasm_import *import)
{
	const struct hbk_wasm_type *type = hbk_wasm_function_type(module, import->index);
	const struct hbk_host_function *function;
	u32 i;

	for (i = 0; i < count; i++) {
		function = name_is(&import->module, hosts[i].name) ?
			   find_function(&hosts[i], &import->name) : NULL;
		if (function && hbk_wasm_signature_matches(function->signature, type))
			return function;
	}
	return NULL;
}

void hbk_host_release(struct hbk_guest *guest)
{
	u32 count = guest->module.import_count;

	hbk_account_free(&guest->account, guest->imports, count * sizeof(*guest->imports));
	hbk_account_free(&guest->account, guest->hosts, count * sizeof(*guest->hosts));
}

static void put_owners(struct hbk_guest *guest, u32 count)
{
	while (count--)
		module_put(guest->hosts[count]->owner);
}

/* The tables must be there: see hbk_guest_hold_hosts(). -ENOENT when some of their modules are going. */
int hbk_host_get(struct hbk_guest *guest)
{
	u32 i;

	for (i = 0; i < guest->host_count; i++) {
		if (!try_module_get(guest->hosts[i]->owner)) {
			put_owners(guest, i);
			return -ENOENT;
		}
	}
	return 0;
}

void hbk_host_put(struct hbk_guest *guest)
{
	put_owners(guest, guest->host_count);
}

static bool is_offered(const struct hbk_host_module *host)
{
	struct hbk_wasm_name module = { .text = host->name, .length = strlen(host->name) };
	struct hbk_host_module *other;
	u32 i;

	for (i = 0; i < host->count; i++) {
		struct hbk_wasm_name name = {
			.text = host->functions[i].name, .length = strlen(host->functions[i].name),
		};

		if (find_in_hosts(&module, &name, &other))
			return true;
	}
	return false;
}

/**
 * hbk_host_register() - offer functions to guests that are loaded from now on
 * @host: the table; stays until it is unregistered
 *
 * Return: 0, or -EEXIST when a host module of this name offers one of its
 * functions already.
 */
int hbk_host_register(struct hbk_host_module *host)
{
	int err = 0;

	mutex_lock(&hosts_lock);
	if (is_offered(host))
		err = -EEXIST;
	else
		list_add_tail(&host->node, &hosts);
	mutex_unlock(&hosts_lock);
	return err;
}
EXPORT_SYMBOL_GPL(hbk_host_register);

/**
 * hbk_host_unregister() - take the functions back
 * @host: registered before
 *
 * For the exit of the module that owns it. Guests that import from it are
 * unloaded: they have no instances, for those held the module.
 */
void hbk_host_unregister(struct hbk_host_module *host)
{
	mutex_lock(&hosts_lock);
	list_del(&host->node);
	mutex_unlock(&hosts_lock);
	hbk_guest_drop_host(host);
}
EXPORT_SYMBOL_GPL(hbk_host_unregister);

static struct hbk_host_module *const own[] = {
	&hbk_host_env,
	&hbk_host_wasi,
	&hbk_host_wasi_unstable,
	&hbk_host_hauberk,
};

/* Cannot fail: nobody has taken their names before. */
void hbk_host_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(own); i++)
		WARN_ON(hbk_host_register(own[i]));
}

void hbk_host_exit(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(own); i++)
		hbk_host_unregister(own[i]);
}
