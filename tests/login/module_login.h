/*
 * For the C tests of the module: a folder with a key, configurations and PAM
 * stacks, a conversation of every manner, and one login.  Each of those tests
 * is a program of one file, so all of it stands here.
 *
 * Run under pam_wrapper, with the path of the module in $JWT_MODULE.
 */
#ifndef MODULE_LOGIN_H
#define MODULE_LOGIN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include <glob.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jwt/libctx.h"
#include "jwt/prompt.h"
#include "jwt/token.h"

static const char stand_in[] = "\b\n\r\177INCORRECT";

static struct {
	char folder[64];
	OSSL_LIB_CTX *libctx;
	struct jwt_key key; /* signs */
} world;

/*
 * The folder.
 */

static void
write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", world.folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0644), 0);
}

static void
write_config(const char *name, const char *keys)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "[issuer test]\nissuer = test\nkeys = %s/%s\naudience = ssh\n"
	    "algorithms = EdDSA\nsystem_accounts = deploy\n",
	    world.folder, keys);
	write_file(name, text);
}

/* pam_wrapper's module that sets items from the environment, or shows them. */
static const char *
wrapper_module(const char *name)
{
	static char path[128];
	char pattern[128];
	glob_t found;

	snprintf(
	    pattern, sizeof(pattern), "/usr/lib*/{*/,}pam_wrapper/%s.so", name);
	assert_int_equal(glob(pattern, GLOB_BRACE, NULL, &found), 0);
	snprintf(path, sizeof(path), "%s", found.gl_pathv[0]);
	globfree(&found);
	return path;
}

/* Our module with these options, between what shows and sets PAM_AUTHTOK. */
static void
write_stack(const char *name, const char *control, const char *options)
{
	char file[64], text[1024];
	int len;

	snprintf(file, sizeof(file), "pam.d/%s", name);
	len = snprintf(text, sizeof(text), "auth required %s\n",
	    wrapper_module("pam_set_items"));
	len += snprintf(text + len, sizeof(text) - (size_t)len,
	    "auth %s %s config=%s/%s\n", control, getenv("JWT_MODULE"),
	    world.folder, options);
	snprintf(text + len, sizeof(text) - (size_t)len, "auth required %s\n",
	    wrapper_module("pam_get_items"));
	write_file(file, text);
}

static int
begin(void **state)
{
	char path[128], *private_jwk = NULL, *public_jwk = NULL;

	(void)state;
	strcpy(world.folder, "/tmp/pam_jwt_module.XXXXXX");
	assert_non_null(mkdtemp(world.folder));
	snprintf(path, sizeof(path), "%s/pam.d", world.folder);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(setenv("PAM_WRAPPER_SERVICE_DIR", path, 1), 0);

	world.libctx = jwt_libctx_new();
	assert_non_null(world.libctx);
	assert_int_equal(jwt_key_generate(world.libctx,
			     jwt_algorithm_find(jwt_slice_of("EdDSA")), NULL,
			     &private_jwk, &public_jwk),
	    JWT_OK);
	assert_int_equal(jwt_key_parse_private(world.libctx, "key",
			     jwt_slice_of(private_jwk), 0600, &world.key, NULL),
	    JWT_OK);
	write_file("key.pub", public_jwk);
	free(private_jwk);
	free(public_jwk);

	write_config("good.conf", "key.pub");
	write_config("keyless.conf", "none");
	/* Unless there is one, libpam complains each time. */
	write_file("pam.d/other", "auth required pam_deny.so\n");
	write_file("faulty.conf", "[issuer test]\nissuer =\n");
	write_stack("good", "required", "good.conf");
	write_stack("keyless", "required", "keyless.conf");
	write_stack("faulty", "required", "faulty.conf");
	write_stack("missing", "required", "none");
	write_stack("misspelt", "required", "good.conf audiance=ssh");
	return 0;
}

static int
end(void **state)
{
	char command[128];

	(void)state;
	jwt_key_clear(&world.key);
	OSSL_LIB_CTX_free(world.libctx);
	snprintf(command, sizeof(command), "rm -rf %s", world.folder);
	return system(command);
}

/*
 * Logins.
 */

enum manner {
	ANSWERS,
	ANSWERS_NULL,    /* a response without a text */
	NO_RESPONSE,     /* success, and no response at all */
	FAILS,           /* PAM_CONV_ERR, and a response nevertheless */
	FAILS_OTHERWISE, /* a code that a conversation must not give */
	NO_MEMORY,
	AGAIN,
	NO_FUNCTION
};

struct talk {
	enum manner manner;
	const char *answer;
	const char *token;        /* instead: what each prompt asks for of it */
	size_t piece;             /* so much of that at once */
	size_t limit;             /* fails for answers longer than this */
	const char *last;         /* when nothing of it is left; NULL: "" */
	unsigned int asked, told; /* how often */
	char text[256];           /* the last message */
};

/* The piece that the last prompt asks for. */
static char *
piece_of(const struct talk *talk)
{
	struct jwt_prompt prompt;
	size_t left;

	assert_true(jwt_prompt_read(jwt_slice_of(talk->text), &prompt));
	assert_true(prompt.from <= strlen(talk->token));
	left = strlen(talk->token + prompt.from);
	if (left == 0 && talk->last != NULL)
		return strdup(talk->last);
	if (left > talk->piece)
		left = talk->piece;
	if (prompt.at_most != 0 && left > prompt.at_most)
		left = prompt.at_most;
	return strndup(talk->token + prompt.from, left);
}

static int
converse(int count, const struct pam_message **message,
    struct pam_response **response, void *data)
{
	static const int codes[] = {[FAILS] = PAM_CONV_ERR,
	    [FAILS_OTHERWISE] = PAM_IGNORE,
	    [NO_MEMORY] = PAM_BUF_ERR,
	    [AGAIN] = PAM_CONV_AGAIN,
	    [NO_FUNCTION] = PAM_SUCCESS};
	struct talk *talk = data;

	assert_int_equal(count, 1);
	snprintf(talk->text, sizeof(talk->text), "%s", message[0]->msg);
	*response = NULL;
	if (message[0]->msg_style == PAM_ERROR_MSG) {
		talk->told++;
		*response = calloc(1, sizeof(**response));
		return PAM_SUCCESS;
	}
	talk->asked++;
	if (talk->manner != NO_RESPONSE && talk->manner != AGAIN) {
		*response = calloc(1, sizeof(**response));
		assert_non_null(*response);
		if (talk->token != NULL)
			(*response)->resp = piece_of(talk);
		else if (talk->manner != ANSWERS_NULL && talk->answer != NULL)
			(*response)->resp = strdup(talk->answer);
	}
	if (talk->limit > 0 && strlen((*response)->resp) > talk->limit)
		return PAM_CONV_ERR;
	return codes[talk->manner];
}

/* A login by a stack; `authtok` is what it leaves, where the stack says it. */
static int
log_in_as(const char *user, const char *service, struct talk *talk, int flags,
    char **authtok)
{
	struct pam_conv conv = {
	    talk->manner == NO_FUNCTION ? NULL : converse, talk};
	pam_handle_t *pamh = NULL;
	const char *left;
	int result;

	assert_int_equal(pam_start(service, user, &conv, &pamh), PAM_SUCCESS);
	result = pam_authenticate(pamh, flags);
	if (authtok != NULL) {
		left = pam_getenv(pamh, "PAM_AUTHTOK");
		*authtok = left == NULL ? NULL : strdup(left);
	}
	assert_int_equal(pam_end(pamh, result), PAM_SUCCESS);
	return result;
}

static __attribute__((unused)) int
log_in(const char *service, struct talk *talk)
{
	return log_in_as("deploy", service, talk, 0, NULL);
}

/* A signed token; the caller frees it. */
static __attribute__((unused, noinline)) char *
token(const char *sub, int expires_in)
{
	char claims[256], *text = NULL;
	long long now = (long long)time(NULL);

	snprintf(claims, sizeof(claims),
	    "{\"iss\":\"test\",\"aud\":\"ssh\",\"sub\":\"%s\",\"exp\":%lld}",
	    sub, now + expires_in);
	assert_int_equal(jwt_token_sign(world.libctx, &world.key, "JWT",
			     jwt_slice_of(claims), &text),
	    JWT_OK);
	return text;
}

#endif
