#include <stdlib.h>
#include <string.h>

#include "jwt/file.h"
#include "jwt/libctx.h"
#include "jwt/token.h"
#include "tools/jwtctl.h"

#define CLAIMS_MAX (64 * 1024) /* bytes */

static int
read_key(OSSL_LIB_CTX *libctx, const char *path, struct jwt_key *key)
{
	struct jwt_fault fault = {"no memory"};
	char *absolute = ctl_absolute(path, &fault);
	enum jwt_reason reason = JWT_NO_MEMORY;
	struct jwt_file file;

	if (libctx != NULL && absolute != NULL)
		reason =
		    jwt_file_read(absolute, JWT_KEYS_FILE_MAX, &file, &fault);
	if (reason == JWT_OK) {
		reason = jwt_key_parse_private(libctx, absolute,
		    (struct jwt_slice){file.bytes, file.len}, file.mode, key,
		    &fault);
		jwt_file_free(&file);
	}
	free(absolute);
	if (reason == JWT_OK)
		return CTL_GO_ON;
	ctl_say(&ctl_sign, "%s", fault.text);
	return CTL_FAILED;
}

/* What a login would refuse is not signed. */
static int
check_claims(struct jwt_slice claims)
{
	struct json_object *object = NULL;
	struct jwt_fault fault = {"no memory"};
	enum jwt_reason reason;

	if (claims.len > CLAIMS_MAX) {
		ctl_say(&ctl_sign, "the claims have more than %d bytes",
		    CLAIMS_MAX);
		return CTL_NO;
	}
	reason = jwt_json_parse_object(claims, &object, &fault);
	json_object_put(object);
	if (reason == JWT_OK)
		return CTL_GO_ON;
	ctl_say(&ctl_sign, "the claims: %s", fault.text);
	return reason == JWT_MALFORMED ? CTL_NO : CTL_FAILED;
}

static int
sign(OSSL_LIB_CTX *libctx, const struct jwt_key *key, const char *typ,
    struct jwt_slice claims)
{
	enum jwt_reason reason;
	char *token = NULL;
	size_t len;
	bool done;

	reason = jwt_token_sign(libctx, key, typ, claims, &token);
	if (reason != JWT_OK) {
		ctl_say(&ctl_sign, "%s",
		    reason == JWT_NO_MEMORY ? "no memory" : "OpenSSL failed");
		return CTL_FAILED;
	}
	len = strlen(token);
	token[len] = '\n'; /* in the NUL's place */
	done = ctl_write(&ctl_sign, token, len + 1);
	jwt_free_wiped(token, len + 1);
	return done ? CTL_YES : CTL_FAILED;
}

static int
run(int argc, char **argv)
{
	const char *path = NULL, *typ = NULL, *operand = NULL;
	const struct ctl_option options[] = {
	    {"key", false, &path}, {"typ", false, &typ}};
	struct ctl_input claims = {0};
	OSSL_LIB_CTX *libctx;
	struct jwt_key key = {0};
	struct jwt_slice slice;
	int result;

	result = ctl_options(&ctl_sign, argc, argv, options, 2, &operand);
	if (result != CTL_GO_ON)
		return result;
	if (path == NULL)
		return ctl_usage_error(&ctl_sign, "--key FILE is missing");
	if (typ != NULL)
		result = ctl_check_plain(&ctl_sign, "--typ", typ);
	if (result != CTL_GO_ON)
		return result;
	libctx = jwt_libctx_new();
	result = read_key(libctx, path, &key);
	if (result == CTL_GO_ON)
		result = ctl_read(&ctl_sign, operand, CLAIMS_MAX, &claims);
	slice = (struct jwt_slice){claims.bytes, claims.len};
	if (result == CTL_GO_ON)
		result = check_claims(slice);
	if (result == CTL_GO_ON)
		result = sign(libctx, &key, typ != NULL ? typ : "JWT", slice);
	ctl_input_free(&claims);
	jwt_key_clear(&key);
	OSSL_LIB_CTX_free(libctx);
	return result;
}

const struct ctl_call ctl_sign = {
    "sign",
    "make a token of claims",
    "usage: jwtctl sign --key FILE [--typ TYPE] [CLAIMS]\n"
    "\n"
    "Reads the claims, a JSON object, from standard input or the file CLAIMS\n"
    "and writes the token.  The payload is the claims byte for byte, without\n"
    "one final newline.\n"
    "\n"
    "  --key FILE  a private JWK, as keygen makes it\n"
    "  --typ TYPE  the header's typ; JWT unless given\n",
    run,
};
