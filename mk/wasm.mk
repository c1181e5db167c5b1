# SPDX-License-Identifier: Apache-2.0
#
# The portable half of the WebAssembly engine: `hauberk-wasm`, its tests in user space, its fuzzers. WASM_TESTSUITE is
# the folder of the core test suite's .wast files; WASM_FILES names some of them.

WASM_CORE      := kmod/core/wasm
WASM_BUILD     := build/wasm
WASM_TESTSUITE ?= ../shared/wasm-testsuite
WASM_FILES     ?=
WASM_SOURCES   := $(wildcard $(WASM_CORE)/*.c)
WASM_VALIDATOR := error reader opcode module body body_control body_operand body_value parse parse_define parse_segment \
	sort validate
WASM_TOOL      := $(wildcard $(WASM_CORE)/tool/*.c)
WASM_TESTS     := $(wildcard $(WASM_CORE)/tests/validate*.c)
WASM_HEADERS   := $(wildcard $(WASM_CORE)/*.h $(WASM_CORE)/tool/*.h $(WASM_CORE)/tests/*.h kmod/core/*.h) \
	kmod/include/uapi/hauberk.h
WASM_WARNINGS  := -std=gnu11 -Wall -Wextra -Wno-missing-field-initializers -Werror
WASM_CHECKED   := $(WASM_WARNINGS) -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all
# The interpreter is made of wasm3's compiler and instructions. Those hand over to each other by tail calls.
WASM3          := third-party/wasm3/source
WASM3_OBJECTS  := wasm3/m3_code.o wasm3/m3_compile.o wasm3/m3_emit.o wasm3/m3_integers.o
WASM_ENGINE    := -I$(WASM_CORE) -isystem $(WASM3)/wasm3 -fno-strict-aliasing -fwrapv -fno-math-errno -foptimize-sibling-calls
WASM_FUZZERS   := $(patsubst $(WASM_CORE)/tests/fuzz/%.c,%,$(wildcard $(WASM_CORE)/tests/fuzz/*.c))

hauberk-wasm: $(WASM_BUILD)/hauberk-wasm ## build hauberk-wasm: validate, translate and run WebAssembly without a kernel

test-wasm-core: $(WASM_BUILD)/hauberk-wasm-checked $(WASM_BUILD)/validate-tests $(WASM_BUILD)/.kernel-flags ## validator and engine in user space under ASan and UBSan, and the core test suite [WASM_TESTSUITE=folder] [WASM_FILES="i32 br_table"]
	@CMOCKA_MESSAGE_OUTPUT=TAP $(WASM_BUILD)/validate-tests >$(WASM_BUILD)/tests.log 2>&1 || \
		{ grep -v '^ok' $(WASM_BUILD)/tests.log; exit 1; }
	@tail -n 1 $(WASM_BUILD)/tests.log
	@$(WASM_CORE)/tests/run-kernel-flags $(WASM3)/wasm3 $(WASM_BUILD)
	@$(WASM_CORE)/tests/regression $(WASM_BUILD)/hauberk-wasm-checked $(WASM_BUILD)/regression
	@$(WASM_CORE)/tests/core-suite $(WASM_BUILD)/hauberk-wasm-checked $(WASM_TESTSUITE) $(WASM_BUILD)/suite $(WASM_FILES)

fuzz-wasm: $(WASM_FUZZERS:%=$(WASM_BUILD)/fuzz-%) ## fuzz the engine a little, beginning with the core test suite's modules [FUZZ_SECONDS=20]
	@for target in $(WASM_FUZZERS); do \
		$(WASM_CORE)/tests/fuzz-run $(WASM_BUILD) $$target $(FUZZ_SECONDS) || exit 1; \
	done

wasm-tools:
	@scripts/apt-need gcc libc6-dev libcmocka-dev python3 wabt

# An archive, so that a program takes of the engine what it uses: the fuzzer of the validator needs no interpreter.
$(WASM_BUILD)/plain/%.o: $(WASM_CORE)/%.c $(WASM_HEADERS) $(WASM3)/.unpacked | wasm-tools
	@mkdir -p $(@D)
	gcc $(WASM_WARNINGS) -O2 $(WASM_ENGINE) -c $< -o $@

$(WASM_BUILD)/checked/%.o: $(WASM_CORE)/%.c $(WASM_HEADERS) $(WASM3)/.unpacked | wasm-tools
	@mkdir -p $(@D)
	gcc $(WASM_CHECKED) -fsanitize=address,undefined $(WASM_ENGINE) -c $< -o $@

$(WASM_BUILD)/fuzzed/%.o: $(WASM_CORE)/%.c $(WASM_HEADERS) $(WASM3)/.unpacked | fuzz-tools
	@mkdir -p $(@D)
	clang $(WASM_CHECKED) -fsanitize=fuzzer-no-link,address,undefined $(WASM_ENGINE) -c $< -o $@

# Not our code: its warnings are its own, and what it does with pointers is its own as well. But it includes our headers.
$(WASM_BUILD)/plain/wasm3/%.o: $(WASM3)/.unpacked $(WASM_HEADERS) | wasm-tools
	@mkdir -p $(@D)
	gcc -std=gnu11 -w -O2 $(WASM_ENGINE) -c $(WASM3)/wasm3/$*.c -o $@

$(WASM_BUILD)/checked/wasm3/%.o: $(WASM3)/.unpacked $(WASM_HEADERS) | wasm-tools
	@mkdir -p $(@D)
	gcc -std=gnu11 -w -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all $(WASM_ENGINE) -c $(WASM3)/wasm3/$*.c -o $@

$(WASM_BUILD)/fuzzed/wasm3/%.o: $(WASM3)/.unpacked $(WASM_HEADERS) | fuzz-tools
	@mkdir -p $(@D)
	clang -std=gnu11 -w -g -O1 -fsanitize=fuzzer-no-link,address $(WASM_ENGINE) \
		-c $(WASM3)/wasm3/$*.c -o $@

$(WASM_BUILD)/%/engine.a:
	rm -f $@
	ar rcs $@ $^

$(foreach way,plain checked fuzzed,$(eval $(WASM_BUILD)/$(way)/engine.a: \
	$(WASM_SOURCES:$(WASM_CORE)/%.c=$(WASM_BUILD)/$(way)/%.o) $(WASM3_OBJECTS:%=$(WASM_BUILD)/$(way)/%)))

$(WASM_BUILD)/hauberk-wasm: $(WASM_TOOL:$(WASM_CORE)/%.c=$(WASM_BUILD)/plain/%.o) $(WASM_BUILD)/plain/engine.a
	gcc -rdynamic $^ -o $@

$(WASM_BUILD)/hauberk-wasm-checked: $(WASM_TOOL:$(WASM_CORE)/%.c=$(WASM_BUILD)/checked/%.o) \
		$(WASM_BUILD)/checked/engine.a
	gcc -rdynamic -fsanitize=address,undefined $^ -o $@

$(WASM_BUILD)/validate-tests: $(WASM_TESTS:$(WASM_CORE)/%.c=$(WASM_BUILD)/checked/%.o) $(WASM_BUILD)/checked/tool/host.o \
		$(WASM_BUILD)/checked/engine.a
	gcc -fsanitize=address,undefined $^ -lcmocka -o $@

$(WASM_BUILD)/fuzz-%: $(WASM_BUILD)/fuzzed/tests/fuzz/%.o $(WASM_BUILD)/fuzzed/tool/host.o $(WASM_BUILD)/fuzzed/engine.a
	clang -fsanitize=fuzzer,address,undefined $^ -o $@

# The validator runs on a kernel's stack, without its floats.
$(WASM_BUILD)/.kernel-flags: $(WASM_VALIDATOR:%=$(WASM_CORE)/%.c) $(WASM_HEADERS) | wasm-tools
	@mkdir -p $(@D)
	for unit in $(filter %.c,$^); do \
		gcc $(WASM_WARNINGS) -O2 -mgeneral-regs-only -Wframe-larger-than=512 -Wvla -c $$unit -o /dev/null || exit 1; \
	done
	touch $@

.SECONDARY:

.PHONY: hauberk-wasm test-wasm-core fuzz-wasm wasm-tools
