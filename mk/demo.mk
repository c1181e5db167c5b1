# SPDX-License-Identifier: Apache-2.0

demo: ## see plain curl become mutual TLS, in a virtual machine [KERNEL=6.1|6.12]
	@lab/demo/run

.PHONY: demo
