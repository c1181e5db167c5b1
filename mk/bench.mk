# SPDX-License-Identifier: Apache-2.0
#
# What the engine of guests costs, in instructions: see bench/README.md.

BENCH_BUILD  := build/bench
BENCH_GUESTS := $(patsubst bench/guests/%.c,%,$(wildcard bench/guests/*.c))
# As a kernel is built; the same for every engine.
BENCH_FLAGS  := -std=gnu11 -O2 -Wall -Wextra
BENCH_WASM3  := $(BENCH_BUILD)/wasm3-0.5.0/wasm3

bench-tools:
	@scripts/apt-need clang lld gcc libc6-dev python3

$(BENCH_BUILD)/guests/%.wasm: bench/guests/%.c bench/guests/guest.h | bench-tools
	@mkdir -p $(@D)
	clang --target=wasm32 -O2 -Wall -Wextra -Werror -ffreestanding -fno-builtin -nostdlib \
		-Wl,--no-entry,--strip-all,-z,stack-size=8192 $< -o $@

$(BENCH_BUILD)/native/%.o: bench/guests/%.c bench/guests/guest.h | bench-tools
	@mkdir -p $(@D)
	gcc $(BENCH_FLAGS) -Werror -c $< -o $@

# The release without our patches, from the archive that the recipe verified.
$(BENCH_WASM3)/.unpacked: third-party/wasm3/source/.unpacked third-party/wasm3/SHA256SUMS
	rm -rf $(BENCH_BUILD)/wasm3-0.5.0
	mkdir -p $(BENCH_BUILD)/wasm3-0.5.0
	cd $${HAUBERK_CACHE:-$$HOME/.cache/hauberk}/third-party && \
		sha256sum --quiet -c $(CURDIR)/third-party/wasm3/SHA256SUMS && \
		tar -C $(CURDIR)/$(BENCH_BUILD)/wasm3-0.5.0 --strip-components=1 --no-same-owner -xf pywasm3-0.5.0.tar.gz
	touch $@

$(BENCH_BUILD)/bin/native: bench/user/native.c bench/user/measure.h bench/guests/list.h \
		$(BENCH_GUESTS:%=$(BENCH_BUILD)/native/%.o)
	@mkdir -p $(@D)
	gcc $(BENCH_FLAGS) -static $(filter %.c %.o,$^) -o $@

$(BENCH_BUILD)/bin/stock: bench/user/stock.c bench/user/measure.h bench/user/file.h bench/guests/list.h \
		$(BENCH_WASM3)/.unpacked
	@mkdir -p $(@D)
	gcc $(BENCH_FLAGS) -w -static -I$(BENCH_WASM3) $< $(BENCH_WASM3)/*.c -lm -o $@

.PHONY: bench-tools
