# SPDX-License-Identifier: Apache-2.0
#
# The proxy-wasm filters that come with Hauberk, the probe that event scripts drive, and what tests them all.

FILTERS_SOURCE := proxy-wasm-filters
FILTERS_BUILD  := build/filters
FILTERS_HEADER := $(FILTERS_SOURCE)/include/proxy_wasm.h
FILTERS_C      := stamp access-log rate-limit ip-allow deny-sql redact
FILTERS        := $(FILTERS_C) http-authz metrics
PROBES         := probe probe-start probe-start-call probe-initialize probe-no-malloc probe-allocate probe-both probe-0-2-0 bare no-abi
# Those that look at every byte are built for speed: their instructions are counted.
FILTERS_FAST   := deny-sql redact
WASM_CC        := clang-14 -ffreestanding -nostdlib --target=wasm32 -mcpu=mvp -Wall -Wextra -Werror \
	-Wno-unused-parameter -Wno-missing-field-initializers -I$(FILTERS_SOURCE)/include \
	-Wl,--no-entry -Wl,--stack-first -Wl,-z,stack-size=8192 -Wl,--strip-all
# Debian's compiler also where another one comes first on the path: only that one has the library for WebAssembly.
WASM_RUSTC     := /usr/bin/rustc --target wasm32-unknown-unknown --edition 2021 --crate-type cdylib -D warnings \
	-C opt-level=z -C lto -C panic=abort -C strip=symbols -C linker=wasm-ld-14 -C link-arg=-zstack-size=16384 \
	-C link-arg=--max-memory=16777216

filters: $(FILTERS:%=$(FILTERS_BUILD)/%.wasm) ## build the proxy-wasm filters of proxy-wasm-filters/ into build/filters

probes: $(PROBES:%=$(FILTERS_BUILD)/%.wasm)

filter-tools:
	@scripts/apt-need clang-14 lld-14

rust-filter-tools: filter-tools
	@scripts/apt-need rustc libstd-rust-dev-wasm32

# A node that is there may bring its own npm, which Debian's would collide with.
npm-filter-tools:
	@command -v npm >/dev/null || scripts/apt-need nodejs npm

define filter_in_c
$(FILTERS_BUILD)/$(1).wasm: $(FILTERS_SOURCE)/$(1)/$(1).c $(FILTERS_HEADER) | filter-tools
	@mkdir -p $$(@D)
	$(WASM_CC) $(if $(filter $(1),$(FILTERS_FAST)),-O2,-Os) $$< -o $$@
endef

$(foreach filter,$(FILTERS_C),$(eval $(call filter_in_c,$(filter))))

define variant_of
$(FILTERS_BUILD)/$(1).wasm: $(FILTERS_SOURCE)/probe/$(2).c $(FILTERS_HEADER) | filter-tools
	@mkdir -p $$(@D)
	$(WASM_CC) -Os $(3) $$< -o $$@
endef

$(eval $(call variant_of,probe,probe))
$(eval $(call variant_of,probe-start,probe,-DPROBE_START='"log 2 \"start\"; unstable_fd_write 1 [\"wasi\"]"'))
$(eval $(call variant_of,probe-start-call,probe,-DPROBE_START='"get_property \"plugin_name\""'))
$(eval $(call variant_of,probe-initialize,probe,-DPROBE_INITIALIZE='"log 2 \"initialize\""'))
$(eval $(call variant_of,probe-no-malloc,probe,-DPROBE_NO_MALLOC))
$(eval $(call variant_of,probe-allocate,probe,-DPROBE_NO_MALLOC -DPROBE_MEMORY_ALLOCATE))
$(eval $(call variant_of,probe-both,probe,-DPROBE_MEMORY_ALLOCATE))
$(eval $(call variant_of,probe-0-2-0,probe,-DPW_ABI_VERSION='"proxy_abi_version_0_2_0"'))
$(eval $(call variant_of,bare,bare))
$(eval $(call variant_of,no-abi,bare,-DPW_ABI_VERSION='"abi_of_nobody"'))

$(FILTERS_BUILD)/http-authz.wasm: $(FILTERS_SOURCE)/http-authz/http-authz.rs | rust-filter-tools
	@mkdir -p $(@D)
	$(WASM_RUSTC) $< -o $@

METRICS_SOURCE := $(FILTERS_SOURCE)/metrics
METRICS_BUILD  := $(FILTERS_BUILD)/metrics

# npm wants its modules beside package.json; what it makes stays out of the sources.
$(METRICS_BUILD)/.installed: $(METRICS_SOURCE)/package.json $(METRICS_SOURCE)/package-lock.json | npm-filter-tools
	rm -rf $(METRICS_BUILD)
	mkdir -p $(METRICS_BUILD)
	cp $^ $(METRICS_BUILD)
	cd $(METRICS_BUILD) && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

$(FILTERS_BUILD)/metrics.wasm: $(wildcard $(METRICS_SOURCE)/assembly/*.ts) $(METRICS_BUILD)/.installed
	rm -rf $(METRICS_BUILD)/assembly
	cp -r $(METRICS_SOURCE)/assembly $(METRICS_BUILD)
	cd $(METRICS_BUILD) && npx --no-install asc assembly/index.ts --outFile ../metrics.wasm --optimizeLevel 2 --shrinkLevel 2 \
		--runtime minimal --disable bulk-memory --disable sign-extension --disable nontrapping-f2i \
		--initialMemory 1 --use abort=assembly/host/aborted

# What the lab's kernels are compared with. stage lays it out.
FILTERS_STAGE  := build/stage/scripts
EVENT_SCRIPTS  := $(wildcard $(FILTERS_SOURCE)/scripts/*.yaml $(FILTERS_SOURCE)/*/test.yaml)
FILTERS_TRACES := $(FILTERS_BUILD)/traces

test-filters: filters probes build/proxy/hauberk-proxy-checked controller ## event scripts on the native host under ASan, and on the Java one: traces must be the same
	@scripts/apt-need python3 python3-yaml
	rm -rf $(FILTERS_TRACES)
	build/stage/bin/hauberk filter test --modules $(FILTERS_BUILD) --traces $(FILTERS_TRACES)/java \
		$(EVENT_SCRIPTS:%=--script %)
	@$(FILTERS_SOURCE)/test-scripts --tool build/proxy/hauberk-proxy-checked --modules $(FILTERS_BUILD) \
		--traces $(FILTERS_TRACES) --against java $(EVENT_SCRIPTS)

# Scripts made by chance, which expect nothing but that both hosts do the same. SCRIPTS is how many, SEED the first one's.
SCRIPTS ?= 200
FILTERS_RANDOM := $(FILTERS_BUILD)/random

filters-differential: filters probes build/proxy/hauberk-proxy-checked controller ## random filters and connections on both hosts: traces must be the same [SCRIPTS=200] [SEED=1]
	@scripts/apt-need python3 python3-yaml
	rm -rf $(FILTERS_RANDOM)
	mkdir -p $(FILTERS_RANDOM)
	$(FILTERS_SOURCE)/random-scripts $(SCRIPTS) $(SEED) >$(FILTERS_RANDOM)/scripts.yaml
	build/stage/bin/hauberk filter test --modules $(FILTERS_BUILD) --traces $(FILTERS_RANDOM)/java \
		--script $(FILTERS_RANDOM)/scripts.yaml
	@$(FILTERS_SOURCE)/test-scripts --tool build/proxy/hauberk-proxy-checked --modules $(FILTERS_BUILD) \
		--traces $(FILTERS_RANDOM) --against java $(FILTERS_RANDOM)/scripts.yaml

event-scripts: filters probes build/proxy/hauberk-proxy
	@scripts/apt-need python3 python3-yaml
	rm -rf $(FILTERS_STAGE)
	mkdir -p $(FILTERS_STAGE)
	@$(FILTERS_SOURCE)/test-scripts --tool build/proxy/hauberk-proxy --modules $(FILTERS_BUILD) \
		--traces $(FILTERS_STAGE) $(EVENT_SCRIPTS)
	cp $(FILTERS_BUILD)/*.wasm $(FILTERS_STAGE)

stage: event-scripts

.PHONY: test-filters filters-differential event-scripts filters probes filter-tools rust-filter-tools npm-filter-tools
