# SPDX-License-Identifier: Apache-2.0

DEST ?= build/dkms/hauberk-$(VERSION)

dkms-tree: third-party/bearssl/source/.unpacked ## lay out the DKMS source tree [DEST=build/dkms/hauberk-VERSION]
	scripts/dkms-tree $(DEST)

dkms-install: third-party/bearssl/source/.unpacked ## build and install the modules for the running kernel with DKMS
	scripts/apt-need dkms gcc make
	if dkms status hauberk/$(VERSION) | grep -q .; then dkms remove hauberk/$(VERSION) --all; fi
	scripts/dkms-tree /usr/src/hauberk-$(VERSION)
	dkms install hauberk/$(VERSION)

.PHONY: dkms-tree dkms-install
