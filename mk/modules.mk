# SPDX-License-Identifier: Apache-2.0
#
# The kernel is Debian's of the series KERNEL, or the one whose headers KDIR names.

KERNEL ?= 6.1
export KERNEL KDIR ARCH MODULES_OUT

# The running kernel's modules: what insmod loads must have been built for it.
running := build/kmod/$(shell uname -r)

modules: third-party/bearssl/source/.unpacked third-party/wasm3/source/.unpacked third-party/picohttpparser/source/.unpacked ## build the modules [KERNEL=6.1|6.12] [KDIR=headers [ARCH=um]]
	scripts/build-modules -j2

check-kernel: third-party/bearssl/source/.unpacked third-party/wasm3/source/.unpacked third-party/picohttpparser/source/.unpacked ## no warning at all, and W=1, sparse and checkpatch over our own code [KERNEL=6.1|6.12]
	scripts/check-kernel

insmod: KDIR := $(or $(KDIR),/lib/modules/$(shell uname -r)/build)
insmod: modules ## load the modules into the running kernel
	scripts/load-modules $(running)

rmmod: ## unload the modules, or say which is in use
	rmmod hauberk wasm bearssl

logs: ## follow what the modules say
	dmesg --follow --human | grep --line-buffered -i hauberk

.PHONY: modules check-kernel insmod rmmod logs
