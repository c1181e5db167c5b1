// SPDX-License-Identifier: GPL-2.0-only
/*
 * What bearssl.ko offers to other modules: each public function and vtable of
 * the units that Kbuild names, but for the vector code that it leaves out.
 */
#include <linux/export.h>

#include <hauberk/bearssl.h>

/* Elliptic curves and ECDSA. */
EXPORT_SYMBOL_GPL(br_ec_all_m31);
EXPORT_SYMBOL_GPL(br_ec_c25519_m31);
EXPORT_SYMBOL_GPL(br_ec_compute_pub);
EXPORT_SYMBOL_GPL(br_ec_get_default);
EXPORT_SYMBOL_GPL(br_ec_keygen);
EXPORT_SYMBOL_GPL(br_ec_p256_m31);
EXPORT_SYMBOL_GPL(br_ec_prime_i31);
EXPORT_SYMBOL_GPL(br_ecdsa_asn1_to_raw);
EXPORT_SYMBOL_GPL(br_ecdsa_i31_sign_asn1);
EXPORT_SYMBOL_GPL(br_ecdsa_i31_sign_raw);
EXPORT_SYMBOL_GPL(br_ecdsa_i31_vrfy_asn1);
EXPORT_SYMBOL_GPL(br_ecdsa_i31_vrfy_raw);
EXPORT_SYMBOL_GPL(br_ecdsa_raw_to_asn1);
EXPORT_SYMBOL_GPL(br_ecdsa_sign_asn1_get_default);
EXPORT_SYMBOL_GPL(br_ecdsa_sign_raw_get_default);
EXPORT_SYMBOL_GPL(br_ecdsa_vrfy_asn1_get_default);
EXPORT_SYMBOL_GPL(br_ecdsa_vrfy_raw_get_default);

/* Hash functions and GHASH. */
EXPORT_SYMBOL_GPL(br_ghash_ctmul64);
EXPORT_SYMBOL_GPL(br_multihash_init);
EXPORT_SYMBOL_GPL(br_multihash_out);
EXPORT_SYMBOL_GPL(br_multihash_update);
EXPORT_SYMBOL_GPL(br_multihash_zero);
EXPORT_SYMBOL_GPL(br_sha1_init);
EXPORT_SYMBOL_GPL(br_sha1_out);
EXPORT_SYMBOL_GPL(br_sha1_set_state);
EXPORT_SYMBOL_GPL(br_sha1_state);
EXPORT_SYMBOL_GPL(br_sha1_update);
EXPORT_SYMBOL_GPL(br_sha1_vtable);
EXPORT_SYMBOL_GPL(br_sha224_init);
EXPORT_SYMBOL_GPL(br_sha224_out);
EXPORT_SYMBOL_GPL(br_sha224_set_state);
EXPORT_SYMBOL_GPL(br_sha224_state);
EXPORT_SYMBOL_GPL(br_sha224_update);
EXPORT_SYMBOL_GPL(br_sha224_vtable);
EXPORT_SYMBOL_GPL(br_sha256_init);
EXPORT_SYMBOL_GPL(br_sha256_out);
EXPORT_SYMBOL_GPL(br_sha256_vtable);
EXPORT_SYMBOL_GPL(br_sha384_init);
EXPORT_SYMBOL_GPL(br_sha384_out);
EXPORT_SYMBOL_GPL(br_sha384_set_state);
EXPORT_SYMBOL_GPL(br_sha384_state);
EXPORT_SYMBOL_GPL(br_sha384_update);
EXPORT_SYMBOL_GPL(br_sha384_vtable);
EXPORT_SYMBOL_GPL(br_sha512_init);
EXPORT_SYMBOL_GPL(br_sha512_out);
EXPORT_SYMBOL_GPL(br_sha512_vtable);

/* HMAC. */
EXPORT_SYMBOL_GPL(br_hmac_init);
EXPORT_SYMBOL_GPL(br_hmac_key_init);
EXPORT_SYMBOL_GPL(br_hmac_out);
EXPORT_SYMBOL_GPL(br_hmac_outCT);
EXPORT_SYMBOL_GPL(br_hmac_update);

/* Random numbers. */
EXPORT_SYMBOL_GPL(br_hmac_drbg_generate);
EXPORT_SYMBOL_GPL(br_hmac_drbg_init);
EXPORT_SYMBOL_GPL(br_hmac_drbg_update);
EXPORT_SYMBOL_GPL(br_hmac_drbg_vtable);
EXPORT_SYMBOL_GPL(br_prng_seeder_system);

/* RSA, PKCS#1 v1.5. */
EXPORT_SYMBOL_GPL(br_rsa_i31_pkcs1_sign);
EXPORT_SYMBOL_GPL(br_rsa_i31_pkcs1_vrfy);
EXPORT_SYMBOL_GPL(br_rsa_i31_private);
EXPORT_SYMBOL_GPL(br_rsa_i31_public);
EXPORT_SYMBOL_GPL(br_rsa_i62_pkcs1_sign);
EXPORT_SYMBOL_GPL(br_rsa_i62_pkcs1_sign_get);
EXPORT_SYMBOL_GPL(br_rsa_i62_pkcs1_vrfy);
EXPORT_SYMBOL_GPL(br_rsa_i62_pkcs1_vrfy_get);
EXPORT_SYMBOL_GPL(br_rsa_i62_private);
EXPORT_SYMBOL_GPL(br_rsa_i62_private_get);
EXPORT_SYMBOL_GPL(br_rsa_i62_public);
EXPORT_SYMBOL_GPL(br_rsa_i62_public_get);
EXPORT_SYMBOL_GPL(br_rsa_pkcs1_sign_get_default);
EXPORT_SYMBOL_GPL(br_rsa_pkcs1_vrfy_get_default);
EXPORT_SYMBOL_GPL(br_rsa_private_get_default);
EXPORT_SYMBOL_GPL(br_rsa_public_get_default);
EXPORT_SYMBOL_GPL(br_rsa_ssl_decrypt);

/* TLS. */
EXPORT_SYMBOL_GPL(br_ssl_client_reset);
EXPORT_SYMBOL_GPL(br_ssl_client_set_default_rsapub);
EXPORT_SYMBOL_GPL(br_ssl_client_set_single_ec);
EXPORT_SYMBOL_GPL(br_ssl_client_set_single_rsa);
EXPORT_SYMBOL_GPL(br_ssl_client_zero);
EXPORT_SYMBOL_GPL(br_ssl_engine_close);
EXPORT_SYMBOL_GPL(br_ssl_engine_current_state);
EXPORT_SYMBOL_GPL(br_ssl_engine_flush);
EXPORT_SYMBOL_GPL(br_ssl_engine_inject_entropy);
EXPORT_SYMBOL_GPL(br_ssl_engine_recvapp_ack);
EXPORT_SYMBOL_GPL(br_ssl_engine_recvapp_buf);
EXPORT_SYMBOL_GPL(br_ssl_engine_recvrec_ack);
EXPORT_SYMBOL_GPL(br_ssl_engine_recvrec_buf);
EXPORT_SYMBOL_GPL(br_ssl_engine_renegotiate);
EXPORT_SYMBOL_GPL(br_ssl_engine_sendapp_ack);
EXPORT_SYMBOL_GPL(br_ssl_engine_sendapp_buf);
EXPORT_SYMBOL_GPL(br_ssl_engine_sendrec_ack);
EXPORT_SYMBOL_GPL(br_ssl_engine_sendrec_buf);
EXPORT_SYMBOL_GPL(br_ssl_engine_set_buffer);
EXPORT_SYMBOL_GPL(br_ssl_engine_set_buffers_bidi);
EXPORT_SYMBOL_GPL(br_ssl_engine_set_default_aes_gcm);
EXPORT_SYMBOL_GPL(br_ssl_engine_set_default_chapol);
EXPORT_SYMBOL_GPL(br_ssl_engine_set_default_ec);
EXPORT_SYMBOL_GPL(br_ssl_engine_set_default_ecdsa);
EXPORT_SYMBOL_GPL(br_ssl_engine_set_default_rsavrfy);
EXPORT_SYMBOL_GPL(br_ssl_engine_set_suites);
EXPORT_SYMBOL_GPL(br_ssl_key_export);
EXPORT_SYMBOL_GPL(br_ssl_server_reset);
EXPORT_SYMBOL_GPL(br_ssl_server_set_single_ec);
EXPORT_SYMBOL_GPL(br_ssl_server_set_single_rsa);
EXPORT_SYMBOL_GPL(br_ssl_server_zero);
EXPORT_SYMBOL_GPL(br_ssl_session_cache_lru_forget);
EXPORT_SYMBOL_GPL(br_ssl_session_cache_lru_init);
EXPORT_SYMBOL_GPL(br_sslrec_in_chapol_vtable);
EXPORT_SYMBOL_GPL(br_sslrec_in_gcm_vtable);
EXPORT_SYMBOL_GPL(br_sslrec_out_chapol_vtable);
EXPORT_SYMBOL_GPL(br_sslrec_out_clear_vtable);
EXPORT_SYMBOL_GPL(br_sslrec_out_gcm_vtable);
EXPORT_SYMBOL_GPL(br_tls12_sha256_prf);
EXPORT_SYMBOL_GPL(br_tls12_sha384_prf);

/* AES-CTR, ChaCha20, Poly1305. */
EXPORT_SYMBOL_GPL(br_aes_ct64_ctr_init);
EXPORT_SYMBOL_GPL(br_aes_ct64_ctr_run);
EXPORT_SYMBOL_GPL(br_aes_ct64_ctr_vtable);
EXPORT_SYMBOL_GPL(br_chacha20_ct_run);
EXPORT_SYMBOL_GPL(br_poly1305_ctmul32_run);
EXPORT_SYMBOL_GPL(br_poly1305_ctmul_run);
EXPORT_SYMBOL_GPL(br_poly1305_ctmulq_get);
EXPORT_SYMBOL_GPL(br_poly1305_ctmulq_run);

/* Certificates and keys. */
EXPORT_SYMBOL_GPL(br_skey_decoder_init);
EXPORT_SYMBOL_GPL(br_skey_decoder_push);
EXPORT_SYMBOL_GPL(br_x509_decoder_init);
EXPORT_SYMBOL_GPL(br_x509_decoder_push);
EXPORT_SYMBOL_GPL(br_x509_knownkey_init_ec);
EXPORT_SYMBOL_GPL(br_x509_knownkey_init_rsa);
EXPORT_SYMBOL_GPL(br_x509_knownkey_vtable);
EXPORT_SYMBOL_GPL(br_x509_minimal_init);
EXPORT_SYMBOL_GPL(br_x509_minimal_init_full);
EXPORT_SYMBOL_GPL(br_x509_minimal_vtable);
