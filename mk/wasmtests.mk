# SPDX-License-Identifier: Apache-2.0
#
# What the WebAssembly engine is held against besides the core test suite (mk/wasm.mk): hostile guests, and another
# engine's opinion of random modules. MODULES is how many of them, SEED the first one's.

WASM_HOSTILE := $(WASM_CORE)/tests/hostile
WASM_ORACLE  := $(WASM_CORE)/tests/differential
MODULES      ?= 200

# Runs a guest as wasm.ko does, interpreted or compiled.
WASM_GUEST   := tests/hostile/guest.o tool/compiled.o tool/sha256.o

test-wasm-hostile: $(WASM_BUILD)/hostile $(WASM_BUILD)/guests/.made $(WASM_BUILD)/guests.so ## hostile guests in user space under ASan and UBSan, interpreted and compiled: each stopped by what the table names
	$(WASM_BUILD)/hostile $(WASM_HOSTILE)/guests.tsv $(WASM_BUILD)/guests
	$(WASM_BUILD)/hostile $(WASM_HOSTILE)/guests.tsv $(WASM_BUILD)/guests $(WASM_BUILD)/guests.so

wasm-differential: $(WASM_BUILD)/transcript $(WASM_BUILD)/oracle/oracle.jar | differential-tools ## random modules run by our engine and by Chicory [MODULES=200] [SEED=1]
	$(WASM_ORACLE)/differential $(WASM_BUILD) $(MODULES) $(SEED)

differential-tools:
	@scripts/apt-need binaryen wabt openjdk-17-jdk-headless maven python3

$(WASM_BUILD)/guests/.made: $(WASM_HOSTILE)/make-guests $(wildcard $(WASM_HOSTILE)/wat/*.wat) | wasm-tools
	$< $(@D)
	touch $@

# Those that the validator refuses are left out, and what is too large for a module is not even looked at.
$(WASM_BUILD)/guests.so: $(WASM_BUILD)/hauberk-wasm $(WASM_BUILD)/guests/.made
	$< together $(@:.so=.c) $$(find $(WASM_BUILD)/guests -name '*.wasm' -size -16M | sort)
	$(WASM_COMPILE) $(@:.so=.c) -o $@

$(WASM_BUILD)/hostile: $(WASM_BUILD)/checked/tests/hostile/hostile.o $(WASM_GUEST:%=$(WASM_BUILD)/checked/%) \
		$(WASM_BUILD)/checked/engine.a
	gcc -rdynamic -fsanitize=address,undefined $^ -o $@

$(WASM_BUILD)/transcript: $(WASM_BUILD)/checked/tests/differential/transcript.o \
		$(WASM_GUEST:%=$(WASM_BUILD)/checked/%) $(WASM_BUILD)/checked/engine.a
	gcc -rdynamic -fsanitize=address,undefined $^ -o $@

$(WASM_BUILD)/oracle/oracle.jar: pom.xml $(WASM_ORACLE)/pom.xml $(shell find $(WASM_ORACLE)/src -name '*.java') \
		| differential-tools
	$(MVN) -q -f $(WASM_ORACLE)/pom.xml verify

# This fuzzer runs guests, too: it begins with random ones, besides those of the core test suite, and hostile ones.
$(WASM_BUILD)/fuzz-run: $(WASM_BUILD)/fuzzed/tests/fuzz/run.o $(WASM_GUEST:%=$(WASM_BUILD)/fuzzed/%) \
		$(WASM_BUILD)/fuzzed/engine.a | $(WASM_BUILD)/seeds/.made
	clang -fsanitize=fuzzer,address,undefined $^ -o $@

$(WASM_BUILD)/seeds/.made: $(WASM_ORACLE)/differential $(WASM_BUILD)/guests/.made | differential-tools
	@mkdir -p $(@D)
	$< --make $(@D) 100 1
	find $(WASM_BUILD)/guests -name '*.wasm' -size -8k -exec cp -t $(@D) {} +
	touch $@

.PHONY: test-wasm-hostile wasm-differential differential-tools
