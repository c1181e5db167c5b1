# SPDX-License-Identifier: Apache-2.0
# The embedded VM. KERNEL is 6.1, 6.12 or debug; LAB_KERNELS are those that go into the container image.

LAB_KERNELS ?= 6.1 6.12

.PHONY: lab lab-build lab-debug lab-image test-lab

lab: ## a shell in the lab VM (KERNEL=6.1|6.12|debug)
	@lab/run --kernel $(KERNEL)

lab-build: ## what the lab VM boots from: kernel, initramfs, user space
	@lab/build --kernel $(KERNEL)

lab-debug: ## the debug kernel: user-mode Linux with KASAN and lockdep
	@lab/debug/build

lab-image: ## the container image that the end-to-end tests boot lab VMs in
	@lab/image $(LAB_KERNELS)

test-lab: ## the lab itself, on each kernel
	@lab/test
