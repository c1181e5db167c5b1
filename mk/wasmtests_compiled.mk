# SPDX-License-Identifier: Apache-2.0
#
# Compiled guests in user space: translated, made into shared objects, and held against what the interpreter is held
# against (mk/wasm.mk, mk/wasmtests.mk), and against the interpreter. COMPILED_MODULES is how many random ones, SEED the first one's.

COMPILED_MODULES    ?= 40
WASM_COMPILED       := $(WASM_CORE)/tests/compiled
WASM_COMPILED_WORK  := $(WASM_BUILD)/compiled
WASM_COMPILED_FLAGS := -std=gnu11 -Wall -Wextra -Werror -fPIC -shared -I$(WASM_CORE) -fno-strict-aliasing -fwrapv \
	-fsignaling-nans -ffp-contract=off -fno-math-errno -fno-shrink-wrap \
	-fweb -frename-registers -fno-tree-pre -fno-ivopts
WASM_COMPILE        := gcc $(WASM_COMPILED_FLAGS) -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
WASM_COMPILE_FAST   := gcc $(WASM_COMPILED_FLAGS) -O2
WASM_COMPILED_TOOL  := $(WASM_BUILD)/checked/tool/compiled.o $(WASM_BUILD)/checked/tool/sha256.o

test-wasm-compiled: $(WASM_BUILD)/hauberk-wasm-checked $(WASM_COMPILED_WORK)/compare $(WASM_COMPILED_WORK)/random.so ## compiled guests in user space under ASan and UBSan: core test suite, and random ones against the interpreter [COMPILED_MODULES=40] [SEED=1] [WASM_FILES="i32"]
	$(WASM_COMPILED_WORK)/compare $(WASM_COMPILED_WORK)/random.so $(WASM_COMPILED_WORK)/random/*.wasm
	@HAUBERK_PROGRAM=$< HAUBERK_COMPILE='$(WASM_COMPILE)' $(WASM_CORE)/tests/core-suite $(WASM_COMPILED)/suite \
		$(WASM_TESTSUITE) $(WASM_COMPILED_WORK)/suite $(WASM_FILES)

$(WASM_COMPILED_WORK)/compare: $(WASM_BUILD)/checked/tests/compiled/compare.o $(WASM_BUILD)/checked/tests/hostile/guest.o \
		$(WASM_COMPILED_TOOL) $(WASM_BUILD)/checked/engine.a
	@mkdir -p $(@D)
	gcc -rdynamic -fsanitize=address,undefined $^ -o $@

# As guests are compiled to be used: what the sanitizers see, they see in the suite.
$(WASM_COMPILED_WORK)/random.so: $(WASM_BUILD)/hauberk-wasm $(WASM_ORACLE)/differential | differential-tools
	@mkdir -p $(@:.so=)
	$(WASM_ORACLE)/differential --make $(@:.so=) $(COMPILED_MODULES) $(SEED)
	$< together $(@:.so=.c) $(@:.so=)/*.wasm
	$(WASM_COMPILE_FAST) $(@:.so=.c) -o $@

.PHONY: test-wasm-compiled
