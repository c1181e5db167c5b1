// SPDX-License-Identifier: GPL-2.0-only
/* Guests that come, go, or trap too often leave events.  Told in process context, under locks of the engine's. */
#include "wasm_watch.h"

#include <hauberk/wasm.h>

#include "event.h"

static void told(enum hbk_guest_event event, struct hbk_guest *guest)
{
	struct hbk_guest_info info;

	hbk_guest_describe(guest, &info);
	switch (event) {
	case HBK_GUEST_LOADED:
		hbk_event_wasm_loaded(info.name, info.size, info.compiled);
		break;
	case HBK_GUEST_UNLOADED:
		hbk_event_wasm_unloaded(info.name);
		break;
	case HBK_GUEST_QUARANTINED:
		hbk_event_wasm_quarantined(info.name, info.traps);
		break;
	}
}

static struct hbk_guest_watcher watcher = { .told = told };

/**
 * hbk_wasm_watch_init() - begin to tell; the ring of events must be there
 */
void hbk_wasm_watch_init(void)
{
	hbk_guest_watch(&watcher);
}

/**
 * hbk_wasm_watch_exit() - tell nothing any more
 */
void hbk_wasm_watch_exit(void)
{
	hbk_guest_unwatch(&watcher);
}
