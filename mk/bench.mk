# SPDX-License-Identifier: Apache-2.0
#
# What running a guest costs, in instructions: see bench/README.md.

bench-wasm: hauberk-wasm third-party/bearssl/source/.unpacked third-party/wasm3/source/.unpacked ## benchmarks of WebAssembly guests, in two lab VMs [KERNEL=6.1|6.12]
	bench/run $(KERNEL)

.PHONY: bench-wasm
