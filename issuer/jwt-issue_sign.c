/*
 * Who signs: here this process, with a private key that it may read.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "issuer/jwt-issue.h"
#include "jwt/file.h"
#include "jwt/libctx.h"
#include "jwt/token.h"

struct issue_signer {
	OSSL_LIB_CTX *libctx;
	struct jwt_key key;
};

static int
failed(enum jwt_reason reason, const char *what, struct jwt_fault *fault)
{
	jwt_fault_set(fault, "%s: %s", what,
	    reason == JWT_NO_MEMORY ? "no memory" : "an unforeseen failure");
	return reason == JWT_NO_MEMORY ? EX_OSERR : EX_SOFTWARE;
}

/* The opener takes whole paths alone. */
static char *
absolute(const char *path)
{
	char *folder, *whole;

	if (path[0] == '/')
		return strdup(path);
	if ((folder = getcwd(NULL, 0)) == NULL)
		return NULL;
	whole = jwt_format("%s/%s", folder, path);
	free(folder);
	return whole;
}

static int
read_key(struct issue_signer *signer, const char *path, struct jwt_fault *fault)
{
	struct jwt_file file = {0};
	enum jwt_reason reason;

	reason = jwt_file_read(path, JWT_KEYS_FILE_MAX, &file, fault);
	if (reason == JWT_OK)
		reason = jwt_key_parse_private(signer->libctx, path,
		    (struct jwt_slice){file.bytes, file.len}, file.mode,
		    &signer->key, fault);
	jwt_file_free(&file);
	if (reason == JWT_CONFIG_ERROR || reason == JWT_KEYS_UNAVAILABLE)
		return EX_CONFIG;
	if (reason != JWT_OK)
		return failed(reason, path, fault);
	if (signer->key.refusal != NULL) {
		jwt_fault_set(fault, "%s: %s", path, signer->key.refusal);
		return EX_CONFIG;
	}
	if (jwt_key_signing_algorithm(&signer->key) == NULL) {
		jwt_fault_set(fault, "%s: no algorithm signs with it", path);
		return EX_CONFIG;
	}
	return EX_OK;
}

int
issue_signer_open(
    const char *key, struct issue_signer **signer, struct jwt_fault *fault)
{
	struct issue_signer *made;
	int result = EX_OSERR;
	char *path = NULL;

	*signer = NULL;
	if ((made = calloc(1, sizeof(*made))) == NULL ||
	    (path = absolute(key)) == NULL ||
	    (made->libctx = jwt_libctx_new()) == NULL) {
		jwt_fault_set(fault,
		    "--key: no memory, or the folder that this runs in is "
		    "gone");
		goto out;
	}
	if ((result = read_key(made, path, fault)) != EX_OK)
		goto out;
	*signer = made;
	made = NULL;
out:
	issue_signer_free(made);
	free(path);
	return result;
}

int
issue_sign(const struct issue_signer *signer, const char *claims, char **token,
    struct jwt_fault *fault)
{
	enum jwt_reason reason;

	*token = NULL;
	reason = jwt_token_sign(signer->libctx, &signer->key, ISSUE_TYP,
	    jwt_slice_of(claims), token);
	if (reason == JWT_OK)
		return EX_OK;
	return failed(reason, "signing", fault);
}

void
issue_signer_free(struct issue_signer *signer)
{
	if (signer == NULL)
		return;
	jwt_key_clear(&signer->key);
	OSSL_LIB_CTX_free(signer->libctx);
	free(signer);
}
