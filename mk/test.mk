# SPDX-License-Identifier: Apache-2.0
#
# Everything that proves something. KERNELS are those that the end-to-end tests run on; TESTS names some of them
# (TESTS=RefusalIT, TESTS='PlainCurlIT#aLargeFile*'); CONNECTIONS is how many MemoryIT makes, SCALE
# how much more work than usual ProgramsIT gives its programs, STEPS and SEED how many calls PropertyIT makes and which,
# MINUTES how long the stress goes on.

KERNELS     ?= 6.1 6.12 debug
TESTS       ?=
CONNECTIONS ?= 300
SCALE       ?= 1
STEPS       ?=
SEED        ?= 1
MINUTES     ?= 15

test: ## every test: Java, portable C, recipes, and end to end on each kernel (about 50 minutes on 2 cores)
	@e2e/run-all

stage: controller filters third-party/bearssl/source/.unpacked third-party/wasm3/source/.unpacked third-party/picohttpparser/source/.unpacked ## lay out build/stage, which lab VMs see [KERNELS="6.1 6.12 debug"] [WASM_TESTSUITE=folder]
	WASM_TESTSUITE='$(WASM_TESTSUITE)' e2e/stage $(KERNELS)

e2e: stage ## end-to-end tests [KERNELS="6.1 6.12 debug"] [TESTS=RefusalIT] [CONNECTIONS=300] [SCALE=1] [STEPS=100000] [SEED=1]
	HAUBERK_TESTS='$(TESTS)' HAUBERK_CONNECTIONS='$(CONNECTIONS)' HAUBERK_SCALE='$(SCALE)' \
		HAUBERK_STEPS='$(STEPS)' HAUBERK_SEED='$(SEED)' e2e/run $(KERNELS)

stress: ## everything at once under the debug kernel [MINUTES=15] [SEED=1]
	$(MAKE) stage KERNELS=debug
	HAUBERK_TESTS=StressIT HAUBERK_MINUTES='$(MINUTES)' HAUBERK_SEED='$(SEED)' e2e/run debug

.PHONY: test stage e2e stress
