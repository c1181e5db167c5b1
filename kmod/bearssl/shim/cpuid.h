/* SPDX-License-Identifier: GPL-2.0-only */
/* Tells BearSSL that the processor has no vector units: the kernel may not use them here. */
#ifndef _HBK_SHIM_CPUID_H
#define _HBK_SHIM_CPUID_H

static inline int __get_cpuid(unsigned int leaf, unsigned int *eax,
			      unsigned int *ebx, unsigned int *ecx,
			      unsigned int *edx)
{
	return 0;
}

#endif /* _HBK_SHIM_CPUID_H */
