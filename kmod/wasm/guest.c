// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests: loading, the registry, unloading. Process context.
 *
 * guests_lock guards the list and the step from the last user to none: a guest
 * whose only reference is the registry's can get no other while it is held.
 * What a guest consists of is read-only from the moment it is in the list.
 */
#include <crypto/sha2.h>

#include <linux/ctype.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../core/wasm/error.h"
#include "../core/wasm/instance.h"
#include "../core/wasm/interp.h"
#include "../core/wasm/validate.h"
#include "compiled.h"
#include "guest.h"
#include "host.h"

#define GUESTS_MAX	256
#define HASH_CHUNK	65536		/* bytes that are hashed without a chance to reschedule */
#define LOG_INTERVAL	(5 * HZ)	/* in which a guest may write LOG_BURST lines */
#define LOG_BURST	100

static DEFINE_MUTEX(guests_lock);
static LIST_HEAD(guests);
static u32 guest_count;

int hbk_guest_fail(struct hbk_guest_error *error, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vscnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return err;
}

static bool name_is_good(const char *name)
{
	size_t length = strnlen(name, HBK_GUEST_NAME);

	if (!length || length == HBK_GUEST_NAME)
		return false;
	while (*name)
		if (!isgraph(*name++))
			return false;
	return true;
}

static struct hbk_guest *find(const char *name)
{
	struct hbk_guest *guest;

	lockdep_assert_held(&guests_lock);
	list_for_each_entry(guest, &guests, node)
		if (!strcmp(guest->name, name))
			return guest;
	return NULL;
}

static void hash(const u8 *bytes, size_t size, u8 *digest)
{
	struct sha256_state state;
	size_t chunk;

	sha256_init(&state);
	for (; size; size -= chunk, bytes += chunk) {
		chunk = min_t(size_t, size, HASH_CHUNK);
		sha256_update(&state, bytes, chunk);
		cond_resched();
	}
	sha256_final(&state, digest);
}

/* Takes apart what load() has put together, as far as it got. */
static void guest_free(struct hbk_guest *guest)
{
	if (guest->code && guest->backend->release)
		guest->backend->release(guest->code, &guest->account.heap);
	if (guest->compiled)
		hbk_compiled_put(guest->compiled);
	hbk_host_release(guest);
	hbk_wasm_module_free(&guest->module);
	hbk_account_free(&guest->account, guest->bytes, guest->size);
	WARN_ONCE(atomic64_read(&guest->account.used), "guest %s leaks memory\n", guest->name);
	kfree(guest);
}

static struct hbk_guest *guest_new(const char *name, u32 flags)
{
	struct hbk_guest *guest = kzalloc(sizeof(*guest), GFP_KERNEL);

	if (!guest)
		return NULL;
	strscpy(guest->name, name, sizeof(guest->name));
	guest->flags = flags;
	guest->loaded_ns = ktime_get_real_ns();
	INIT_LIST_HEAD(&guest->node);
	refcount_set(&guest->refs, 1);
	hbk_account_init(&guest->account);
	spin_lock_init(&guest->quarantine.lock);
	ratelimit_state_init(&guest->log_rate, LOG_INTERVAL, LOG_BURST);
	/* What is left out is not spoken of: that would be a guest's way into the kernel's log. */
	ratelimit_set_flags(&guest->log_rate, RATELIMIT_MSG_ON_RELEASE);
	return guest;
}

static int copy_bytes(struct hbk_guest *guest, const void *bytes, size_t size,
		      struct hbk_guest_error *error)
{
	if (!size || size > HBK_WASM_MODULE_MAX)
		return hbk_guest_fail(error, -E2BIG, "a module has 1 to %u bytes, this one %zu",
				      HBK_WASM_MODULE_MAX, size);
	guest->bytes = hbk_account_alloc(&guest->account, size);
	if (!guest->bytes)
		return hbk_guest_fail(error, -ENOMEM, "not enough memory for its bytes");
	guest->size = size;
	memcpy(guest->bytes, bytes, size);
	hash(guest->bytes, size, guest->sha256);
	return 0;
}

/* The engine's words for what is wrong, in the room that we have for them. */
static int refuse(struct hbk_guest_error *error, int err, const struct hbk_wasm_error *core)
{
	error->offset = core->offset;
	error->function = core->function;
	strscpy(error->text, core->text[0] ? core->text : "not enough memory",
		sizeof(error->text));
	return err;
}

static int validate(struct hbk_guest *guest, struct hbk_guest_error *error)
{
	u32 forbidden = guest->flags & HBK_GUEST_NO_FLOATS ? HBK_WASM_FLOATS : 0;
	struct hbk_wasm_error core = { };
	int err;

	err = hbk_wasm_validate(&guest->module, guest->bytes, guest->size, forbidden,
				&guest->account.heap, &core);
	return err ? refuse(error, err, &core) : 0;
}

/* One that was made for another wasm.ko than this one is left alone. */
static bool use_compiled(struct hbk_guest *guest)
{
	const struct hbk_compiled_entry *entry = hbk_compiled_get(guest->sha256);

	if (!entry)
		return false;
	if (!hbk_wasm_compiled_fits(entry->compiled, &guest->module)) {
		hbk_compiled_put(entry);
		return false;
	}
	guest->compiled = entry;
	guest->backend = hbk_wasm_compiled_backend(entry->compiled);
	guest->code = entry->compiled;
	return true;
}

/* All code is made now: nothing is compiled once guests run. */
static int prepare(struct hbk_guest *guest, struct hbk_guest_error *error)
{
	struct hbk_wasm_error core = {
		.offset = HBK_GUEST_NOWHERE,
		.function = HBK_GUEST_NOWHERE,
	};
	int err;

	if (!(guest->flags & HBK_GUEST_INTERPRET) && use_compiled(guest))
		return 0;
	guest->backend = &hbk_wasm_interp;
	err = guest->backend->prepare(&guest->code, &guest->module, &guest->account.heap, &core);
	return err ? refuse(error, err, &core) : 0;
}

static int insert(struct hbk_guest *guest, struct hbk_guest_error *error)
{
	int err = 0;

	mutex_lock(&guests_lock);
	if (find(guest->name)) {
		err = hbk_guest_fail(error, -EEXIST, "a guest of this name is loaded");
	} else if (guest_count >= GUESTS_MAX) {
		err = hbk_guest_fail(error, -EUSERS, "%u guests are loaded, more there cannot be",
				     GUESTS_MAX);
	} else {
		hbk_guest_get(guest);
		guest_count++;
		list_add_tail(&guest->node, &guests);
		hbk_watch_tell(HBK_GUEST_LOADED, guest);
	}
	mutex_unlock(&guests_lock);
	return err;
}

static int build(struct hbk_guest *guest, const void *bytes, size_t size,
		 struct hbk_guest_error *error)
{
	int err;

	err = copy_bytes(guest, bytes, size, error);
	if (err)
		return err;
	err = validate(guest, error);
	if (err)
		return err;
	err = prepare(guest, error);
	if (err)
		return err;
	err = hbk_host_resolve(guest, error);
	if (err)
		return err;
	err = insert(guest, error);
	hbk_host_put(guest);
	return err;
}

/**
 * hbk_guest_load() - make a guest of a module
 * @name: what it is to be called
 * @bytes: the module, in the binary format; copied
 * @size: of @bytes
 * @flags: HBK_GUEST_*
 * @error: tells why it was refused
 *
 * Context: process context; sleeps.
 * Return: 0, or with @error filled in: -EINVAL (name, flags), -EEXIST (the
 * name is taken), -EUSERS (too many guests), -ENOEXEC (no valid module),
 * -EOPNOTSUPP (it uses what is refused), -E2BIG (past a limit), -ENOENT
 * (unknown imports), -ENOMEM, -EINTR.
 */
int hbk_guest_load(const char *name, const void *bytes, size_t size, u32 flags,
		   struct hbk_guest_error *error)
{
	struct hbk_guest *guest;
	int err;

	error->offset = HBK_GUEST_NOWHERE;
	error->function = HBK_GUEST_NOWHERE;
	if (!name_is_good(name))
		return hbk_guest_fail(error, -EINVAL,
				      "a name has 1 to %u printable characters and no space",
				      HBK_GUEST_NAME - 1);
	if (flags & ~HBK_GUEST_FLAGS)
		return hbk_guest_fail(error, -EINVAL, "unknown flags %#lx",
				      flags & ~HBK_GUEST_FLAGS);
	guest = guest_new(name, flags);
	if (!guest)
		return hbk_guest_fail(error, -ENOMEM, "not enough memory");
	err = build(guest, bytes, size, error);
	hbk_guest_put(guest);
	return err;
}
EXPORT_SYMBOL_GPL(hbk_guest_load);

static void remove(struct hbk_guest *guest)
{
	lockdep_assert_held(&guests_lock);
	list_del_init(&guest->node);
	guest_count--;
	hbk_watch_tell(HBK_GUEST_UNLOADED, guest);
	hbk_guest_put(guest);
}

/**
 * hbk_guest_unload() - forget a guest that nobody uses
 * @name: of the guest
 *
 * Return: 0, -ENOENT, or -EBUSY while it is used.
 */
int hbk_guest_unload(const char *name)
{
	struct hbk_guest *guest;
	int err = 0;

	mutex_lock(&guests_lock);
	guest = find(name);
	if (!guest)
		err = -ENOENT;
	else if (refcount_read(&guest->refs) > 1)
		err = -EBUSY;
	else
		remove(guest);
	mutex_unlock(&guests_lock);
	return err;
}
EXPORT_SYMBOL_GPL(hbk_guest_unload);

/**
 * hbk_guest_find() - a guest by its name
 * @name: of the guest
 *
 * Return: the guest, for hbk_guest_put(), or NULL.
 */
struct hbk_guest *hbk_guest_find(const char *name)
{
	struct hbk_guest *guest;

	mutex_lock(&guests_lock);
	guest = find(name);
	if (guest)
		hbk_guest_get(guest);
	mutex_unlock(&guests_lock);
	return guest;
}
EXPORT_SYMBOL_GPL(hbk_guest_find);

/**
 * hbk_guest_next() - walk all guests
 * @after: the one that came before, whose reference is given up; NULL at first
 *
 * The walk ends early when @after has lost its host module meanwhile and with
 * it its place.
 *
 * Return: the next guest, for hbk_guest_put() or another call, or NULL.
 */
struct hbk_guest *hbk_guest_next(struct hbk_guest *after)
{
	struct hbk_guest *next = NULL;

	mutex_lock(&guests_lock);
	if (!after)
		next = list_first_entry_or_null(&guests, struct hbk_guest, node);
	else if (!list_empty(&after->node) && !list_is_last(&after->node, &guests))
		next = list_next_entry(after, node);
	if (next)
		hbk_guest_get(next);
	mutex_unlock(&guests_lock);
	if (after)
		hbk_guest_put(after);
	return next;
}
EXPORT_SYMBOL_GPL(hbk_guest_next);

void hbk_guest_get(struct hbk_guest *guest)
{
	refcount_inc(&guest->refs);
}

void hbk_guest_put(struct hbk_guest *guest)
{
	if (refcount_dec_and_test(&guest->refs))
		guest_free(guest);
}
EXPORT_SYMBOL_GPL(hbk_guest_put);

/**
 * hbk_guest_describe() - what a guest is and how it fares
 * @guest: the guest
 * @info: filled in
 *
 * Context: any; takes no lock.
 */
void hbk_guest_describe(struct hbk_guest *guest, struct hbk_guest_info *info)
{
	*info = (struct hbk_guest_info) {
		.size = guest->size,
		.flags = guest->flags,
		.compiled = guest->compiled,
		.quarantined = hbk_quarantine_is_closed(guest),
		.floats = guest->module.features & HBK_WASM_FLOATS,
		.loaded_ns = guest->loaded_ns,
		.memory = atomic64_read(&guest->account.used),
		.instances = atomic_read(&guest->instances),
		.calls = atomic64_read(&guest->calls),
		.traps = atomic64_read(&guest->traps),
		.fuel = atomic64_read(&guest->fuel),
	};
	memcpy(info->name, guest->name, sizeof(info->name));
	memcpy(info->sha256, guest->sha256, sizeof(info->sha256));
}
EXPORT_SYMBOL_GPL(hbk_guest_describe);

const struct hbk_wasm_module *hbk_guest_module(const struct hbk_guest *guest)
{
	return &guest->module;
}
EXPORT_SYMBOL_GPL(hbk_guest_module);

/**
 * hbk_guest_export() - find a function that a guest exports
 * @guest: the guest
 * @name: of the export
 * @function: set to its index, for hbk_guest_call()
 *
 * Return: 0, or -ENOENT when it exports no function of this name.
 */
int hbk_guest_export(const struct hbk_guest *guest, const char *name, u32 *function)
{
	const struct hbk_wasm_export *found;

	found = hbk_wasm_export_find(&guest->module, name, strlen(name));
	if (!found || found->kind != HBK_WASM_KIND_FUNCTION)
		return -ENOENT;
	*function = found->index;
	return 0;
}
EXPORT_SYMBOL_GPL(hbk_guest_export);

const struct hbk_wasm_type *hbk_guest_signature(const struct hbk_guest *guest, u32 function)
{
	return hbk_wasm_function_type(&guest->module, function);
}
EXPORT_SYMBOL_GPL(hbk_guest_signature);

/**
 * hbk_guest_hold_hosts() - keep the host modules of a guest, for an instance
 * @guest: the guest
 *
 * While the guest is in the list, the tables that it imports from are there:
 * hbk_guest_drop_host() takes it off before they go.
 *
 * Return: 0, for hbk_host_put(), or -ENOENT when some of them are going.
 */
int hbk_guest_hold_hosts(struct hbk_guest *guest)
{
	int err = -ENOENT;

	mutex_lock(&guests_lock);
	if (!list_empty(&guest->node))
		err = hbk_host_get(guest);
	mutex_unlock(&guests_lock);
	return err;
}

static bool imports_from(const struct hbk_guest *guest, const struct hbk_host_module *host)
{
	u32 i;

	for (i = 0; i < guest->host_count; i++)
		if (guest->hosts[i] == host)
			return true;
	return false;
}

void hbk_guest_drop_host(struct hbk_host_module *host)
{
	struct hbk_guest *guest, *next;

	mutex_lock(&guests_lock);
	list_for_each_entry_safe(guest, next, &guests, node)
		if (imports_from(guest, host))
			remove(guest);
	mutex_unlock(&guests_lock);
}

/* Nobody is left who could use a guest: such a module would hold this one. */
void hbk_guest_exit(void)
{
	struct hbk_guest *guest, *next;

	mutex_lock(&guests_lock);
	list_for_each_entry_safe(guest, next, &guests, node)
		remove(guest);
	mutex_unlock(&guests_lock);
}
