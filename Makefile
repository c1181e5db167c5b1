# SPDX-License-Identifier: Apache-2.0
#
# The front door. One file per topic in mk/; `make` alone lists what there is.

.DEFAULT_GOAL := help

VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"$$/\1/p' dkms.conf)

include $(sort $(wildcard mk/*.mk))

help: ## this list
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | sort | \
		awk -F '\t' '{ printf "  %-14s %s\n", $$1, $$2 }'

clean: ## remove what was built here; the cache stays
	rm -rf build third-party/*/source

.PHONY: help clean
