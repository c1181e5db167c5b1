/* SPDX-License-Identifier: GPL-2.0-only */
/* Every difference between kernels that wasm.ko meets, and nothing else. */
#ifndef _HBK_WASM_COMPAT_H
#define _HBK_WASM_COMPAT_H

#include <linux/kconfig.h>

/* User-mode Linux runs on its host's vector unit, and on stacks that know their task. */
#if IS_ENABLED(CONFIG_X86_64) && !IS_ENABLED(CONFIG_UML)
#include <asm/fpu/api.h>
#include <asm/irq_stack.h>

#define HBK_OWN_STACKS 1

static inline void hbk_fpu_begin(void)
{
	kernel_fpu_begin();
}

static inline void hbk_fpu_end(void)
{
	kernel_fpu_end();
}
#else
static inline void hbk_fpu_begin(void) { }
static inline void hbk_fpu_end(void) { }
#endif

#endif /* _HBK_WASM_COMPAT_H */
