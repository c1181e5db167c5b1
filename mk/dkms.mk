# SPDX-License-Identifier: Apache-2.0

DEST ?= build/dkms/hauberk-$(VERSION)

dkms-tree: third-party/bearssl/source/.unpacked third-party/wasm3/source/.unpacked third-party/picohttpparser/source/.unpacked ## lay out the DKMS source tree [DEST=build/dkms/hauberk-VERSION]
	scripts/dkms-tree $(DEST)

dkms-install: third-party/bearssl/source/.unpacked third-party/wasm3/source/.unpacked third-party/picohttpparser/source/.unpacked ## build and install the modules for the running kernel with DKMS
	scripts/apt-need dkms gcc make
	if dkms status hauberk/$(VERSION) | grep -q .; then dkms remove hauberk/$(VERSION) --all; fi
	scripts/dkms-tree /usr/src/hauberk-$(VERSION)
	dkms install hauberk/$(VERSION)

test-dkms: third-party/bearssl/source/.unpacked third-party/wasm3/source/.unpacked third-party/picohttpparser/source/.unpacked ## build and load the modules with DKMS inside a lab VM (some 10 minutes) [KERNEL=6.1|6.12]
	rm -rf build/dkms-stage
	scripts/dkms-tree build/dkms-stage/hauberk-$(VERSION)
	lab/run --kernel $(KERNEL) --dkms --memory 2048 --smp 2 --stage build/dkms-stage --script lab/guest/dkms --timeout 2400

.PHONY: dkms-tree dkms-install test-dkms
