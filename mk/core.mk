# SPDX-License-Identifier: Apache-2.0
#
# The portable C of kmod/core, tested in user space under the address and undefined-behaviour sanitizers.

CORE_BUILD    := build/core
CORE_TESTS    := kmod/core/tests
CORE_SOURCES  := $(wildcard kmod/core/*.c)
CORE_HEADERS  := $(wildcard kmod/core/*.h $(CORE_TESTS)/*.h) kmod/include/uapi/hauberk.h
# Tables leave the fields out that are zero.
CORE_CHECKED  := -std=gnu11 -g -O1 -Wall -Wextra -Wno-missing-field-initializers -Werror \
	-fno-omit-frame-pointer -fno-sanitize-recover=all
CORE_FUZZERS  := frame table leaf hello
FUZZ_SECONDS  ?= 20

test-core: $(CORE_BUILD)/core-tests $(CORE_BUILD)/certificates/.issued ## unit tests of kmod/core under ASan and UBSan
	@CMOCKA_MESSAGE_OUTPUT=TAP $(CORE_BUILD)/core-tests $(CORE_TESTS)/golden $(CORE_BUILD)/certificates \
		>$(CORE_BUILD)/tests.log 2>&1 || grep -v '^ok' $(CORE_BUILD)/tests.log
	@tail -n 1 $(CORE_BUILD)/tests.log | grep '^core: .* passed, 0 failed$$'

fuzz-smoke: $(CORE_FUZZERS:%=$(CORE_BUILD)/fuzz-%) $(CORE_BUILD)/certificates/.issued ## fuzz kmod/core's parsers a little [FUZZ_SECONDS=20]
	@for target in $(CORE_FUZZERS); do \
		$(CORE_TESTS)/fuzz-run $(CORE_BUILD) $$target $(FUZZ_SECONDS) || exit 1; \
	done

golden: $(CORE_BUILD)/core-tests ## write the golden frames and the golden table again
	$(CORE_BUILD)/core-tests --write $(CORE_TESTS)/golden

core-tools:
	@scripts/apt-need gcc libc6-dev libcmocka-dev openssl

fuzz-tools:
	@scripts/apt-need clang libclang-rt-14-dev libc6-dev openssl

$(CORE_BUILD)/core-tests: $(CORE_SOURCES) $(wildcard $(CORE_TESTS)/*.c) $(CORE_HEADERS) | core-tools
	@mkdir -p $(@D)
	gcc $(CORE_CHECKED) -fsanitize=address,undefined $(filter %.c,$^) -lcmocka -o $@

$(CORE_BUILD)/fuzz-%: $(CORE_TESTS)/fuzz/%.c $(CORE_SOURCES) $(CORE_HEADERS) | fuzz-tools
	@mkdir -p $(@D)
	clang $(CORE_CHECKED) -fsanitize=fuzzer,address,undefined $(filter %.c,$^) -o $@

$(CORE_BUILD)/certificates/.issued: $(CORE_TESTS)/make-certificates | core-tools
	$(CORE_TESTS)/make-certificates $(@D)
	touch $@

.PHONY: test-core fuzz-smoke golden core-tools fuzz-tools
