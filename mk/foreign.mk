# SPDX-License-Identifier: Apache-2.0
#
# Filters that nobody wrote for Hauberk, from the packages that they are published in, and what they do in each host.

FOREIGN_SOURCE := proxy-wasm-filters/foreign
FOREIGN_BUILD  := build/foreign
FOREIGN_RUST   := http_headers http_body http_config http_auth_random
FOREIGN        := $(FOREIGN_RUST) hello_world add_header gzip

foreign-filters: $(FOREIGN:%=$(FOREIGN_BUILD)/%.wasm) ## build the filters of other SDKs (Rust, AssemblyScript, C with wasi-libc) into build/foreign

# ---- Rust: the examples of the crate proxy-wasm. ----

FOREIGN_CRATES := $(FOREIGN_BUILD)/crates
FOREIGN_RUSTC  := /usr/bin/rustc -C opt-level=3 -C panic=abort --cap-lints allow
BARE           := wasm32-unknown-unknown
WASI           := wasm32-wasi

$(FOREIGN_CRATES)/.fetched: scripts/fetch-crates $(addprefix $(FOREIGN_SOURCE)/rust/,Cargo.toml Cargo.lock)
	scripts/fetch-crates $(FOREIGN_SOURCE)/rust $(FOREIGN_CRATES)
	touch $@

# The libraries of crates for a target.
rlibs = $(foreach crate,$(2),$(FOREIGN_BUILD)/$(1)/lib$(subst -,_,$(crate)).rlib)
externs = $(foreach crate,$(subst -,_,$(2)),--extern $(crate)=$(FOREIGN_BUILD)/$(1)/lib$(crate).rlib)

# crate TARGET NAME EDITION CRATES FEATURES: what Cargo would do, but that Debian's Cargo is too old for the registry, or
# too new for the compiler that has the libraries for WebAssembly.
define crate
$(call rlibs,$(1),$(2)): $(call rlibs,$(1),$(4)) $(FOREIGN_CRATES)/.fetched | rust-filter-tools
	@mkdir -p $$(@D)
	$$(FOREIGN_RUSTC) --target $(1) --crate-name $(subst -,_,$(2)) --crate-type rlib --edition $(3) -L $$(@D) \
		$(call externs,$(1),$(4)) $(5:%=--cfg 'feature="%"') $(FOREIGN_CRATES)/$(2)/src/lib.rs -o $$@
endef

$(eval $(call crate,$(BARE),log,2015))
$(eval $(call crate,$(BARE),once_cell,2021,,std alloc race))
$(eval $(call crate,$(BARE),ahash,2018,once_cell))
$(eval $(call crate,$(BARE),hashbrown,2021,ahash,ahash inline-more))
$(eval $(call crate,$(BARE),proxy-wasm,2018,hashbrown log))

$(eval $(call crate,$(WASI),log,2015))
$(eval $(call crate,$(WASI),once_cell,2021,,std alloc race))
$(eval $(call crate,$(WASI),cfg-if,2018))
$(eval $(call crate,$(WASI),wasi,2018,,std))
$(eval $(call crate,$(WASI),getrandom,2018,cfg-if wasi))
$(eval $(call crate,$(WASI),ahash,2018,once_cell getrandom,runtime-rng))
$(eval $(call crate,$(WASI),hashbrown,2021,ahash,ahash inline-more))
$(eval $(call crate,$(WASI),num-traits,2018,,std))
$(eval $(call crate,$(WASI),chrono,2021,num-traits,std alloc clock))
$(eval $(call crate,$(WASI),proxy-wasm,2018,hashbrown log))

# example TARGET NAME CRATES
define example
$(FOREIGN_BUILD)/$(2).wasm: $(call rlibs,$(1),$(3))
	$$(FOREIGN_RUSTC) --target $(1) --crate-type cdylib --edition 2018 -C linker=wasm-ld-14 -C strip=symbols \
		-L $(FOREIGN_BUILD)/$(1) $(call externs,$(1),$(3)) $(FOREIGN_CRATES)/proxy-wasm/examples/$(2).rs -o $$@
endef

$(foreach name,$(FOREIGN_RUST),$(eval $(call example,$(BARE),$(name),log proxy-wasm)))
$(eval $(call example,$(WASI),hello_world,log proxy-wasm cfg-if chrono getrandom))

# ---- AssemblyScript: what the README of the npm package says to write. ----

FOREIGN_AS := $(FOREIGN_BUILD)/assemblyscript
FOREIGN_NPM := $(FOREIGN_AS)/node_modules/@solo-io/proxy-runtime

$(FOREIGN_AS)/.installed: $(addprefix $(FOREIGN_SOURCE)/assemblyscript/,package.json package-lock.json) | npm-filter-tools
	rm -rf $(FOREIGN_AS)
	mkdir -p $(FOREIGN_AS)
	cp $^ $(FOREIGN_AS)
	cd $(FOREIGN_AS) && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

$(FOREIGN_BUILD)/add_header.wasm: $(FOREIGN_AS)/.installed
	mkdir -p $(FOREIGN_AS)/assembly
	sed -n '/^```ts$$/,/^```$$/{/^```/d;p}' $(FOREIGN_NPM)/README.md >$(FOREIGN_AS)/assembly/index.ts
	cd $(FOREIGN_AS) && npx --no-install asc assembly/index.ts -b ../add_header.wasm --use abort=abort_proc_exit --optimize

# ---- C: zlib and wasi-libc. ----

FOREIGN_ZLIB := third-party/zlib/source

wasi-libc-tools: filter-tools
	@scripts/apt-need wasi-libc libclang-rt-14-dev-wasm32

# zlib is compiled without our warnings.
$(FOREIGN_BUILD)/gzip.wasm: $(FOREIGN_SOURCE)/wasi-libc/gzip.c $(FOREIGN_ZLIB)/.unpacked | wasi-libc-tools
	@mkdir -p $(FOREIGN_BUILD)/zlib
	for name in adler32 crc32 deflate trees zutil; do \
		clang-14 --target=wasm32-wasi -mcpu=mvp -O2 -w -c $(FOREIGN_ZLIB)/$$name.c -o $(FOREIGN_BUILD)/zlib/$$name.o || exit 1; \
	done
	clang-14 --target=wasm32-wasi -mcpu=mvp -mexec-model=reactor -O2 -Wall -Wextra -Werror -isystem $(FOREIGN_ZLIB) \
		-Wl,--export=malloc -Wl,--strip-all $< $(FOREIGN_BUILD)/zlib/*.o -o $@

# ---- The same events in each host. ----

FOREIGN_SCRIPTS := $(FOREIGN_SOURCE)/scripts.yaml
FOREIGN_TRACES  := $(FOREIGN_BUILD)/traces
FOREIGN_STAGE   := build/stage/foreign

test-foreign: foreign-filters build/proxy/hauberk-proxy-checked controller ## the filters of other SDKs: what is wrong with them, and event scripts on the native host under ASan and on the Java one
	@scripts/apt-need python3 python3-yaml
	build/stage/bin/hauberk filter check $(FOREIGN:%=$(FOREIGN_BUILD)/%.wasm)
	rm -rf $(FOREIGN_TRACES)
	build/stage/bin/hauberk filter test --modules $(FOREIGN_BUILD) --traces $(FOREIGN_TRACES)/java --script $(FOREIGN_SCRIPTS)
	@$(FILTERS_SOURCE)/test-scripts --tool build/proxy/hauberk-proxy-checked --modules $(FOREIGN_BUILD) \
		--traces $(FOREIGN_TRACES) --against java $(FOREIGN_SCRIPTS)

# What the lab's kernels are compared with.
foreign-scripts: foreign-filters build/proxy/hauberk-proxy
	@scripts/apt-need python3 python3-yaml
	rm -rf $(FOREIGN_STAGE)
	mkdir -p $(FOREIGN_STAGE)
	@$(FILTERS_SOURCE)/test-scripts --tool build/proxy/hauberk-proxy --modules $(FOREIGN_BUILD) \
		--traces $(FOREIGN_STAGE) $(FOREIGN_SCRIPTS)
	cp $(FOREIGN:%=$(FOREIGN_BUILD)/%.wasm) $(FOREIGN_STAGE)

stage: foreign-scripts

.PHONY: foreign-filters foreign-scripts test-foreign wasi-libc-tools
