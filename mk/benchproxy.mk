# SPDX-License-Identifier: Apache-2.0
#
# What filters cost, in instructions: see bench/README.md.

BENCH_PROXY := build/bench/proxy
BENCH_TOOL  := engine idle link

bench-proxy: $(BENCH_PROXY)/chain $(BENCH_PROXY)/filter.so $(BENCH_PROXY)/stamp.so ## instructions that filters cost per callback, in user space
	@scripts/apt-need valgrind
	bench/proxy $(BENCH_PROXY)

bench-filters: hauberk-wasm $(BENCH_PROXY)/filter.wasm $(BENCH_PROXY)/stamp.wasm third-party/bearssl/source/.unpacked third-party/wasm3/source/.unpacked third-party/picohttpparser/source/.unpacked ## instructions that filters cost on connections, in two lab VMs [KERNEL=6.1|6.12]
	bench/proxy-kernel $(KERNEL) $(BENCH_PROXY)

$(BENCH_PROXY)/filter.wasm: bench/guests/filter.wat | wasm-tools
	@mkdir -p $(@D)
	wat2wasm $< -o $@

$(BENCH_PROXY)/stamp.wasm: build/filters/stamp.wasm
	@mkdir -p $(@D)
	cp $< $@

$(BENCH_PROXY)/%.so: $(BENCH_PROXY)/%.wasm build/wasm/hauberk-wasm
	build/wasm/hauberk-wasm together $(@:.so=.c) $<
	$(WASM_COMPILE_FAST) $(@:.so=.c) -o $@

$(BENCH_PROXY)/chain: bench/user/chain.c $(BENCH_TOOL:%=build/proxy/plain/proxy/tool/%.o) \
		build/wasm/plain/tool/compiled.o build/wasm/plain/tool/sha256.o build/proxy/plain/host.a build/wasm/plain/engine.a
	@mkdir -p $(@D)
	gcc -std=gnu11 -Wall -Wextra -Wno-missing-field-initializers -Werror -O2 -rdynamic $^ -o $@

.PHONY: bench-proxy bench-filters
