// SPDX-License-Identifier: GPL-2.0-only
/* Who is told of guests. Process context; watchers_lock guards the list and is held while they are told. */
#include <linux/export.h>
#include <linux/mutex.h>

#include "guest.h"

static DEFINE_MUTEX(watchers_lock);
static LIST_HEAD(watchers);

void hbk_guest_watch(struct hbk_guest_watcher *watcher)
{
	mutex_lock(&watchers_lock);
	list_add_tail(&watcher->node, &watchers);
	mutex_unlock(&watchers_lock);
}
EXPORT_SYMBOL_GPL(hbk_guest_watch);

/* Once this has returned, nobody is in @watcher any more. */
void hbk_guest_unwatch(struct hbk_guest_watcher *watcher)
{
	mutex_lock(&watchers_lock);
	list_del(&watcher->node);
	mutex_unlock(&watchers_lock);
}
EXPORT_SYMBOL_GPL(hbk_guest_unwatch);

void hbk_watch_tell(enum hbk_guest_event event, struct hbk_guest *guest)
{
	struct hbk_guest_watcher *watcher;

	mutex_lock(&watchers_lock);
	list_for_each_entry(watcher, &watchers, node)
		watcher->told(event, guest);
	mutex_unlock(&watchers_lock);
}
