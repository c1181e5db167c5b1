/* SPDX-License-Identifier: GPL-2.0-only */
/* BearSSL includes it and uses nothing of it: the library never allocates. */
