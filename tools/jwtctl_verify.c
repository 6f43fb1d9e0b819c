#include <stdio.h>
#include <stdlib.h>

#include "jwt/libctx.h"
#include "jwt/token.h"
#include "tools/jwtctl.h"

/* One line with the reason in front; its exit code. */
static int
refuse(enum jwt_reason reason, const char *why)
{
	const struct jwt_reason_row *row = jwt_reason_row(reason);

	fprintf(
	    stderr, "%s: %s\n", row->name, why[0] != '\0' ? why : row->text);
	return row->exit;
}

static int
read_keys(OSSL_LIB_CTX *libctx, const char *path, struct jwt_keyset **keys)
{
	struct jwt_fault fault = {""};
	char *absolute = ctl_absolute(path, &fault);
	enum jwt_reason reason = JWT_NO_MEMORY;

	if (libctx != NULL && absolute != NULL)
		reason = jwt_keyset_read(libctx, absolute, keys, &fault);
	if (reason == JWT_OK && (*keys)->usable == 0) {
		jwt_fault_set(&fault, "%s: has no key that can be used%s%s",
		    absolute, (*keys)->refusals != NULL ? ": " : "",
		    (*keys)->refusals != NULL ? (*keys)->refusals : "");
		reason = JWT_KEYS_UNAVAILABLE;
	}
	free(absolute);
	return reason == JWT_OK ? CTL_GO_ON : refuse(reason, fault.text);
}

/* The signature and nothing else: whatever the payload is. */
static int
verify(OSSL_LIB_CTX *libctx, const struct jwt_keyset *keys,
    const struct ctl_input *input)
{
	struct jwt_fault fault = {""};
	struct jwt_token token;
	enum jwt_reason reason;
	int result;

	reason = jwt_token_split(
	    (struct jwt_slice){input->bytes, input->len}, &token, &fault);
	if (reason == JWT_OK)
		reason = jwt_token_header(&token, &fault);
	if (reason == JWT_OK)
		reason = jwt_token_verify(libctx, keys, &token, &fault);
	if (reason != JWT_OK)
		result = refuse(reason, fault.text);
	else if (ctl_write(&ctl_verify, (const char *)token.payload,
		     token.payload_len))
		result = CTL_YES;
	else
		result = CTL_FAILED;
	jwt_token_clear(&token);
	return result;
}

static int
run(int argc, char **argv)
{
	const char *flag = NULL, *path = NULL, *operand = NULL;
	const struct ctl_option options[] = {
	    {"signature-only", true, &flag}, {"key", false, &path}};
	struct jwt_keyset *keys = NULL;
	struct ctl_input input = {0};
	OSSL_LIB_CTX *libctx;
	int result;

	result = ctl_options(&ctl_verify, argc, argv, options, 2, &operand);
	if (result != CTL_GO_ON)
		return result;
	if (flag == NULL)
		return ctl_usage_error(&ctl_verify,
		    "--signature-only is missing: it says that the claims are "
		    "not looked at; `jwtctl explain` judges a whole token");
	if (path == NULL)
		return ctl_usage_error(&ctl_verify, "--key FILE is missing");
	libctx = jwt_libctx_new();
	result = read_keys(libctx, path, &keys);
	if (result == CTL_GO_ON)
		result = ctl_read(&ctl_verify, operand, JWT_TOKEN_MAX, &input);
	if (result == CTL_GO_ON)
		result = verify(libctx, keys, &input);
	ctl_input_free(&input);
	jwt_keyset_free(keys);
	OSSL_LIB_CTX_free(libctx);
	return result;
}

const struct ctl_call ctl_verify = {
    "verify",
    "check a token's signature alone",
    "usage: jwtctl verify --signature-only --key FILE [TOKEN]\n"
    "\n"
    "Reads a token from standard input or the file TOKEN and writes its\n"
    "payload when the signature holds; issuer, audience, times and user are\n"
    "not looked at.  Exit 0, or 1 with the reason on standard error.\n"
    "\n"
    "  --signature-only  must be given\n"
    "  --key FILE        JWK, JWKS, PEM public key or certificate; for the\n"
    "                    HS algorithms a file of secrets, mode 0600\n",
    run,
};
