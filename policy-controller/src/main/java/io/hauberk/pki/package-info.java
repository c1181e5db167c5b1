// SPDX-License-Identifier: Apache-2.0

/**
 * The certification authority and the identities on disk. Only {@link
 * io.hauberk.pki.CertificateAuthority} needs BouncyCastle; reading is done with the JDK alone, so
 * that the verbs which only read start quickly.
 */
package io.hauberk.pki;
