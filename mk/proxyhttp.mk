# SPDX-License-Identifier: Apache-2.0
#
# HTTP/1.1 in user space: the tests of kmod/core/http and of the chain's HTTP mode, and their fuzzers.

HTTP_TESTS   := $(wildcard $(PROXY_HTTP)/tests/*.c)
HTTP_FUZZERS := $(patsubst $(PROXY_HTTP)/tests/fuzz/%.c,%,$(wildcard $(PROXY_HTTP)/tests/fuzz/*.c))

test-http: $(PROXY_BUILD)/http-tests $(PROXY_BUILD)/.http-kernel-flags ## HTTP/1.1 under ASan and UBSan: malformed messages, framing, header maps, chains
	@CMOCKA_MESSAGE_OUTPUT=TAP $(PROXY_BUILD)/http-tests >$(PROXY_BUILD)/http-tests.log 2>&1 || \
		{ grep -v '^ok' $(PROXY_BUILD)/http-tests.log; exit 1; }
	@tail -n 1 $(PROXY_BUILD)/http-tests.log

fuzz-http: $(HTTP_FUZZERS:%=$(PROXY_BUILD)/fuzz-http-%) ## fuzz HTTP/1.1 a little: parser, pairs, answers, whole chains [FUZZ_SECONDS=20]
	@for target in $(HTTP_FUZZERS); do \
		$(PROXY_HTTP)/tests/fuzz-run $(PROXY_BUILD) http-$$target $(FUZZ_SECONDS) || exit 1; \
	done

$(PROXY_BUILD)/http-tests: $(HTTP_TESTS:kmod/core/%.c=$(PROXY_BUILD)/checked/%.o) $(PROXY_BUILD)/checked/host.a \
		$(PROXY_WASM)/checked/engine.a
	gcc -fsanitize=address,undefined $^ -lcmocka -o $@

$(PROXY_BUILD)/fuzz-http-%: $(PROXY_BUILD)/fuzzed/http/tests/fuzz/%.o $(PROXY_BUILD)/fuzzed/http/tests/heap.o \
		$(PROXY_BUILD)/fuzzed/http/tests/puppet.o $(PROXY_BUILD)/fuzzed/host.a $(PROXY_WASM)/fuzzed/engine.a
	clang -fsanitize=fuzzer,address,undefined $^ -o $@

# It runs on a kernel's stack, without its floats.
$(PROXY_BUILD)/.http-kernel-flags: $(wildcard $(PROXY_HTTP)/*.c $(PROXY_CORE)/chain_http*.c) $(PROXY_CORE)/map.c \
		$(PROXY_CORE)/pairs.c $(PROXY_HEADERS) $(PICO)/.unpacked | wasm-tools
	@mkdir -p $(@D)
	for unit in $(filter %.c,$^); do \
		gcc $(PROXY_WARNINGS) -O2 $(PROXY_INCLUDES) -mgeneral-regs-only -Wframe-larger-than=1024 -Wvla -c $$unit \
			-o /dev/null || exit 1; \
	done
	touch $@

.PHONY: test-http fuzz-http
