# SPDX-License-Identifier: Apache-2.0

third_party := bearssl wasm3 picohttpparser zlib

third-party: $(third_party:%=third-party/%/source/.unpacked) ## fetch, verify and unpack BearSSL, wasm3, picohttpparser and zlib

define recipe
third-party/$(1)/source/.unpacked: third-party/unpack third-party/$(1)/SHA256SUMS third-party/$(1)/fetch \
		$(wildcard third-party/$(1)/patches/*)
	third-party/unpack $(1)
endef
$(foreach name,$(third_party),$(eval $(call recipe,$(name))))

test-recipes: ## show that the recipes refuse what they should
	scripts/test-recipes

.PHONY: third-party test-recipes
