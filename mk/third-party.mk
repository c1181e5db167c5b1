# SPDX-License-Identifier: Apache-2.0

third_party := bearssl wasm3

third-party: $(third_party:%=third-party/%/source/.unpacked) ## fetch, verify and unpack BearSSL and wasm3

third-party/%/source/.unpacked: third-party/%/SHA256SUMS third-party/%/fetch third-party/%/patches
	third-party/unpack $*

test-recipes: ## show that the recipes refuse what they should
	scripts/test-recipes

.PHONY: third-party test-recipes
