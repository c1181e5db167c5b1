# SPDX-License-Identifier: Apache-2.0
#
# The portable half of the proxy-wasm host and of HTTP/1.1: `hauberk-proxy`, its tests in user space, its fuzzers. It
# stands on the engine that mk/wasm.mk builds.

PROXY_CORE     := kmod/core/proxy
PROXY_HTTP     := kmod/core/http
PROXY_BUILD    := build/proxy
PROXY_WASM     := build/wasm
PICO           := third-party/picohttpparser/source
PROXY_SOURCES  := $(wildcard $(PROXY_CORE)/*.c $(PROXY_HTTP)/*.c)
PROXY_HEADERS  := $(wildcard $(PROXY_CORE)/*.h $(PROXY_CORE)/*/*.h $(PROXY_HTTP)/*.h kmod/core/wasm/*.h kmod/core/*.h)
PROXY_WARNINGS := -std=gnu11 -Wall -Wextra -Wno-missing-field-initializers -Werror
PROXY_INCLUDES := -isystem $(PICO)/deps/picohttpparser
PROXY_CHECKED  := -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all
# What programs in user space run guests with, built one way: plain, checked or fuzzed.
proxy_tool      = $(PROXY_BUILD)/$(1)/proxy/tool/engine.o $(PROXY_BUILD)/$(1)/proxy/tool/link.o
PROXY_OBJECTS  := $(PROXY_SOURCES:kmod/core/%.c=%.o) picohttpparser.o
PROXY_TESTS    := $(wildcard $(PROXY_CORE)/tests/*.c)
PROXY_PROBES   := probe probe-start-call probe-initialize probe-no-malloc no-abi
PROXY_GUESTS   := $(PROXY_PROBES:%=$(PROXY_BUILD)/guests/%.wasm) \
	$(patsubst $(PROXY_CORE)/tests/guests/%.wat,$(PROXY_BUILD)/guests/%.wasm,$(wildcard $(PROXY_CORE)/tests/guests/*.wat))
PROXY_SECONDS  ?= 20
PROXY_FUZZERS  := $(patsubst $(PROXY_CORE)/tests/fuzz/%.c,%,$(wildcard $(PROXY_CORE)/tests/fuzz/*.c))

hauberk-proxy: $(PROXY_BUILD)/hauberk-proxy ## build hauberk-proxy: run event scripts against filters without a kernel

test-proxy-core: $(PROXY_BUILD)/proxy-tests $(PROXY_GUESTS) $(PROXY_BUILD)/.kernel-flags ## the proxy-wasm host in user space under ASan and UBSan
	@CMOCKA_MESSAGE_OUTPUT=TAP $(PROXY_BUILD)/proxy-tests $(PROXY_BUILD)/guests $(PROXY_CORE)/tests/trials >$(PROXY_BUILD)/tests.log 2>&1 || \
		{ grep -v '^ok' $(PROXY_BUILD)/tests.log; exit 1; }
	@tail -n 1 $(PROXY_BUILD)/tests.log

test-proxy-threads: $(PROXY_BUILD)/threads $(PROXY_BUILD)/guests/holder.wasm ## chains and VMs shared by threads, under the thread sanitizer [PROXY_SECONDS=20]
	$(PROXY_BUILD)/threads $(PROXY_BUILD)/guests/holder.wasm $(PROXY_SECONDS)

fuzz-proxy: $(PROXY_FUZZERS:%=$(PROXY_BUILD)/fuzz-%) $(PROXY_GUESTS) ## fuzz the proxy-wasm host a little [FUZZ_SECONDS=20]
	@for target in $(PROXY_FUZZERS); do \
		$(PROXY_CORE)/tests/fuzz-run $(PROXY_BUILD) $$target $(FUZZ_SECONDS) || exit 1; \
	done

$(PROXY_BUILD)/plain/%.o: kmod/core/%.c $(PROXY_HEADERS) $(PICO)/.unpacked | wasm-tools
	@mkdir -p $(@D)
	gcc $(PROXY_WARNINGS) -O2 $(PROXY_INCLUDES) -c $< -o $@

$(PROXY_BUILD)/checked/%.o: kmod/core/%.c $(PROXY_HEADERS) $(PICO)/.unpacked | wasm-tools
	@mkdir -p $(@D)
	gcc $(PROXY_WARNINGS) $(PROXY_CHECKED) -fsanitize=address,undefined $(PROXY_INCLUDES) -c $< -o $@

$(PROXY_BUILD)/fuzzed/%.o: kmod/core/%.c $(PROXY_HEADERS) $(PICO)/.unpacked | fuzz-tools
	@mkdir -p $(@D)
	clang $(PROXY_WARNINGS) $(PROXY_CHECKED) -fsanitize=fuzzer-no-link,address,undefined $(PROXY_INCLUDES) -c $< -o $@

# The thread sanitizer does not go with the others: here it sees the engine, too.
$(PROXY_BUILD)/threads: $(PROXY_CORE)/tests/threads/threads.c $(PROXY_CORE)/tool/idle.c $(PROXY_CORE)/tool/link.c \
		$(PROXY_SOURCES) $(wildcard kmod/core/wasm/*.c) $(PROXY_HEADERS) $(PICO)/.unpacked third-party/wasm3/source/.unpacked | wasm-tools
	@mkdir -p $(@D)
	gcc -std=gnu11 -w -g -O1 -fsanitize=thread -fno-strict-aliasing -fwrapv -fno-math-errno -foptimize-sibling-calls \
		-Ikmod/core/wasm -isystem third-party/wasm3/source/wasm3 $(PROXY_INCLUDES) $(filter %.c,$^) \
		$(PICO)/deps/picohttpparser/picohttpparser.c $(WASM3_OBJECTS:%.o=third-party/wasm3/source/%.c) -lpthread -o $@

$(PROXY_BUILD)/guests/holder.wasm: $(PROXY_CORE)/tests/threads/holder.c $(FILTERS_HEADER) | filter-tools
	@mkdir -p $(@D)
	$(WASM_CC) $< -o $@

# Not our code: its warnings are its own.
$(PROXY_BUILD)/plain/picohttpparser.o: $(PICO)/.unpacked | wasm-tools
	@mkdir -p $(@D)
	gcc -w -O2 -c $(PICO)/deps/picohttpparser/picohttpparser.c -o $@

$(PROXY_BUILD)/checked/picohttpparser.o: $(PICO)/.unpacked | wasm-tools
	@mkdir -p $(@D)
	gcc -w $(PROXY_CHECKED) -fsanitize=address,undefined -c $(PICO)/deps/picohttpparser/picohttpparser.c -o $@

$(PROXY_BUILD)/fuzzed/picohttpparser.o: $(PICO)/.unpacked | fuzz-tools
	@mkdir -p $(@D)
	clang -w $(PROXY_CHECKED) -fsanitize=fuzzer-no-link,address,undefined \
		-c $(PICO)/deps/picohttpparser/picohttpparser.c -o $@

$(PROXY_BUILD)/%/host.a:
	rm -f $@
	ar rcs $@ $^

$(foreach way,plain checked fuzzed,$(eval $(PROXY_BUILD)/$(way)/host.a: $(PROXY_OBJECTS:%=$(PROXY_BUILD)/$(way)/%)))

$(PROXY_BUILD)/hauberk-proxy: $(PROXY_BUILD)/plain/proxy/tool/main.o $(call proxy_tool,plain) \
		$(PROXY_BUILD)/plain/host.a $(PROXY_WASM)/plain/engine.a
	gcc $^ -o $@

$(PROXY_BUILD)/hauberk-proxy-checked: $(PROXY_BUILD)/checked/proxy/tool/main.o $(call proxy_tool,checked) \
		$(PROXY_BUILD)/checked/host.a $(PROXY_WASM)/checked/engine.a
	gcc -fsanitize=address,undefined $^ -o $@

$(PROXY_BUILD)/proxy-tests: $(PROXY_TESTS:kmod/core/%.c=$(PROXY_BUILD)/checked/%.o) $(call proxy_tool,checked) \
		$(PROXY_BUILD)/checked/host.a $(PROXY_WASM)/checked/engine.a
	gcc -fsanitize=address,undefined $^ -lcmocka -o $@

$(PROXY_BUILD)/fuzz-%: $(PROXY_BUILD)/fuzzed/proxy/tests/fuzz/%.o $(call proxy_tool,fuzzed) \
		$(PROXY_BUILD)/fuzzed/host.a $(PROXY_WASM)/fuzzed/engine.a
	clang -fsanitize=fuzzer,address,undefined $^ -o $@

$(PROXY_BUILD)/guests/%.wasm: $(PROXY_CORE)/tests/guests/%.wat | wasm-tools
	@mkdir -p $(@D)
	wat2wasm $< -o $@

# The probe, a guest that does what its configuration says: mk/filters.mk builds it.
$(PROXY_PROBES:%=$(PROXY_BUILD)/guests/%.wasm): $(PROXY_BUILD)/guests/%.wasm: build/filters/%.wasm
	@mkdir -p $(@D)
	cp $< $@

# It runs on a guest's stack, in the kernel, without its floats.
$(PROXY_BUILD)/.kernel-flags: $(filter-out $(PROXY_CORE)/chain_http%,$(wildcard $(PROXY_CORE)/*.c)) $(PROXY_HEADERS) \
		$(PICO)/.unpacked | wasm-tools
	@mkdir -p $(@D)
	for unit in $(filter %.c,$^); do \
		gcc $(PROXY_WARNINGS) $(PROXY_INCLUDES) -O2 -mgeneral-regs-only -Wframe-larger-than=768 -Wvla -c $$unit -o /dev/null || \
			exit 1; \
	done
	touch $@

.PHONY: hauberk-proxy test-proxy-core test-proxy-threads fuzz-proxy
