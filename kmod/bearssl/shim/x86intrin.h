/* SPDX-License-Identifier: GPL-2.0-only */
/* Empty: the units with vector code are compiled without their bodies, see ../Kbuild. */
