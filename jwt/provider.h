/*
 * What a section says of keys that are fetched: its settings, and what a set
 * of them is bound to.
 */
#ifndef JWT_PROVIDER_H
#define JWT_PROVIDER_H

#include "digest.h"
#include "setting.h"

#define JWT_FETCHER_USER "pam-jwtd"
#define JWT_FETCHER_FOLDER "/var/lib/pam_jwt"
#define JWT_FETCHER_SOCKET "/run/pam_jwt/pam-jwtd.sock"

/* Before any setting was read. */
struct jwt_provider jwt_provider_unset(void);

/*
 * NULL when keys may be fetched from this address, else what is wrong with
 * it: `https`, a host, no user, no fragment; `http` only for the loopback by
 * its names, localhost, 127.0.0.1 and [::1].
 */
const char *jwt_url_fault(const char *url);

/* The same for a proxy: http or https, a host and a port, no user. */
const char *jwt_proxy_fault(const char *url);

/* The host of such an address, without port and brackets. */
struct jwt_slice jwt_url_host(const char *url);

/* For fields of the struct; see setting.h. */
enum jwt_reason jwt_apply_fetch_timeout(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);
enum jwt_reason jwt_apply_max_keys(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);
enum jwt_reason jwt_apply_max_bytes(
    const struct jwt_words *words, void *field, struct jwt_fault *fault);

/*
 * The spelling of the issuer that is asked about itself (RFC 8414 section 3):
 * the first that is an address.  NULL: none is.
 */
const char *jwt_provider_issuer(const struct jwt_issuer *issuer);

/*
 * What the section fetches from, as 64 hexadecimal digits.  A set of keys
 * bears it, so that none is believed which was fetched from elsewhere before
 * the configuration was changed.  JWT_OK, JWT_NO_MEMORY, JWT_INTERNAL_ERROR.
 */
enum jwt_reason jwt_provider_digest(OSSL_LIB_CTX *libctx,
    const struct jwt_issuer *issuer, char digest[JWT_DIGEST_SIZE]);

#endif
