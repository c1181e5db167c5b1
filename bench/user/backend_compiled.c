// SPDX-License-Identifier: Apache-2.0
/* The guests were compiled and linked to this program; the build gave each guest's one symbol its name. */
#include <err.h>
#include <string.h>

#include "../../kmod/core/wasm/compiled.h"

#include "../guests/list.h"
#include "backend.h"

#define DECLARE(name, amount)	extern const struct hbk_wasm_compiled guest_##name;
BENCH_LIST(DECLARE)
DECLARE(nop, 0)

static const struct {
	const char *name;
	const struct hbk_wasm_compiled *guest;
} guests[] = {
#define GUEST(name, amount)	{ #name, &guest_##name },
	BENCH_LIST(GUEST)
	GUEST(nop, 0)
};

const struct hbk_wasm_backend *backend_for(const char *name, const void **code)
{
	size_t i;

	for (i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
		if (strcmp(guests[i].name, name))
			continue;
		*code = guests[i].guest;
		return hbk_wasm_compiled_backend(guests[i].guest);
	}
	errx(1, "%s: was not compiled", name);
}
