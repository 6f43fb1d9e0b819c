/*
 * What is left in the process after a login: the whole writable memory is
 * searched for the token, its signature and the secrets that checked it.
 * Neither a core dump nor the next over-read shall find a credential.
 */
#include "module_login.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <fcntl.h>

#include "jwt/base64url.h"

/*
 * Keys and tokens are made by a child, and this process gets them masked, so
 * that what it finds of them has come from the login.
 */
#define MASK 0xa5
#define WINDOW 16
#define NEEDLES_MAX 256

struct hidden {
	unsigned char token[4096]; /* masked */
	size_t len;
	struct {
		unsigned char bytes[WINDOW]; /* masked */
		bool on_stack;               /* looked for there alone */
		char what[32];
	} needle[NEEDLES_MAX];
	size_t needles;
};

static struct hidden *hidden; /* shared with the child */

/* How the application answers: zeroed, all of it at once. */
static struct answering {
	size_t piece;        /* so much at each prompt */
	bool repeats;        /* the first of them each time */
	unsigned int fails;  /* at that prompt, with an answer nevertheless */
	bool fails_for_good; /* and at those that follow */
	unsigned int asked;
} manner;

static void
mask(void *bytes, size_t len)
{
	unsigned char *at = bytes;
	size_t i;

	for (i = 0; i < len; i++)
		at[i] ^= MASK;
}

/* Every WINDOW bytes: a run of twice that many holds one of them whole. */
static void
look_for(const char *what, bool on_stack, const void *bytes, size_t len)
{
	size_t at;

	for (at = 0; at + WINDOW <= len; at += WINDOW) {
		assert_true(hidden->needles < NEEDLES_MAX);
		memcpy(hidden->needle[hidden->needles].bytes,
		    (const char *)bytes + at, WINDOW);
		mask(hidden->needle[hidden->needles].bytes, WINDOW);
		hidden->needle[hidden->needles].on_stack = on_stack;
		snprintf(hidden->needle[hidden->needles++].what,
		    sizeof(hidden->needle[0].what), "%s", what);
	}
}

/* As a number it may lie there with its last byte first. */
static void
look_for_number(const unsigned char *bytes, size_t len)
{
	unsigned char reversed[1024];
	size_t i;

	assert_true(len <= sizeof(reversed));
	for (i = 0; i < len; i++)
		reversed[i] = bytes[len - 1 - i];
	look_for("signature as a number", false, reversed, len);
}

/* Looks for all of a token but its header. */
static void
hide_token(const char *token, bool is_pair)
{
	const char *payload = strchr(token, '.') + 1, *signature;
	unsigned char *bytes;
	size_t len, half;

	signature = strrchr(token, '.') + 1;
	look_for("payload", false, payload, (size_t)(signature - payload) - 1);
	look_for("signature's text", false, signature, strlen(signature));
	assert_int_equal(
	    jwt_base64url_decode(jwt_slice_of(signature), &bytes, &len),
	    JWT_OK);
	half = len / 2;
	if (is_pair) {
		/*
		 * OpenSSL writes ECDSA's two numbers as DER once more and
		 * frees that as it is.  What is ours to wipe is on the stack,
		 * or has one number right behind the other.
		 */
		look_for("signature's first number", true, bytes, half);
		look_for("signature's second number", true, bytes + half, half);
		look_for("signature", false, bytes + half - 8, WINDOW);
		look_for_number(bytes, half);
		look_for_number(bytes + half, half);
	} else {
		look_for("signature", false, bytes, len);
		look_for_number(bytes, len);
	}
	free(bytes);
	hidden->len = strlen(token);
	assert_true(hidden->len < sizeof(hidden->token));
	memcpy(hidden->token, token, hidden->len);
	mask(hidden->token, hidden->len);
}

static bool
is_at(const volatile unsigned char *memory, const unsigned char *needle)
{
	size_t i;

	for (i = 0; i < WINDOW; i++)
		if ((memory[i] ^ MASK) != needle[i])
			return false;
	return true;
}

/* What is found in one mapping; NULL: nothing. */
static const char *
search(const volatile unsigned char *memory, size_t len, bool is_stack)
{
	static bool first[256];
	size_t at, i;

	memset(first, 0, sizeof(first));
	for (i = 0; i < hidden->needles; i++)
		first[hidden->needle[i].bytes[0] ^ MASK] = true;
	for (at = 0; at + WINDOW <= len; at++) {
		if (!first[memory[at]])
			continue;
		for (i = 0; i < hidden->needles; i++)
			if ((is_stack || !hidden->needle[i].on_stack) &&
			    is_at(memory + at, hidden->needle[i].bytes))
				return hidden->needle[i].what;
	}
	return NULL;
}

/* Of all that this process can write to. */
static const char *
what_is_left(void)
{
	unsigned long long from, to;
	const char *found = NULL;
	char line[512], *at;
	FILE *maps;

	maps = fopen("/proc/self/maps", "r");
	assert_non_null(maps);
	while (found == NULL && fgets(line, sizeof(line), maps) != NULL) {
		from = strtoull(line, &at, 16);
		to = strtoull(at + (*at == '-'), &at, 16);
		if (strncmp(at, " rw", 3) == 0)
			found = search((unsigned char *)(uintptr_t)from,
			    (size_t)(to - from),
			    strstr(line, "[stack]") != NULL);
	}
	fclose(maps);
	return found;
}

/* From where on, and how much, a prompt is answered. */
static struct jwt_slice
what_is_asked(const char *text)
{
	struct jwt_slice left = {(char *)hidden->token, hidden->len};
	struct jwt_prompt prompt;

	manner.asked++;
	assert_true(jwt_prompt_read(jwt_slice_of(text), &prompt));
	if (!manner.repeats) {
		assert_true(prompt.from <= left.len);
		left.at += prompt.from;
		left.len -= prompt.from;
	}
	if (manner.piece > 0 && left.len > manner.piece)
		left.len = manner.piece;
	return left;
}

static int
answer(int count, const struct pam_message **message,
    struct pam_response **response, void *data)
{
	struct jwt_slice asked;
	size_t i;
	char *text;

	(void)data;
	assert_int_equal(count, 1);
	*response = calloc(1, sizeof(**response));
	assert_non_null(*response);
	if (message[0]->msg_style != PAM_PROMPT_ECHO_OFF)
		return PAM_SUCCESS;
	asked = what_is_asked(message[0]->msg);
	text = malloc(asked.len + 1);
	assert_non_null(text);
	for (i = 0; i < asked.len; i++)
		text[i] = (char)((unsigned char)asked.at[i] ^ MASK);
	text[asked.len] = '\0';
	(*response)->resp = text;
	if (manner.asked == manner.fails ||
	    (manner.fails_for_good && manner.asked > manner.fails))
		return PAM_CONV_ERR;
	return PAM_SUCCESS;
}

static int
log_in_hidden(void)
{
	struct pam_conv conv = {answer, NULL};
	pam_handle_t *pamh = NULL;
	int result;

	assert_int_equal(
	    pam_start("remains", "deploy", &conv, &pamh), PAM_SUCCESS);
	result = pam_authenticate(pamh, 0);
	/* libpam's own copy of PAM_AUTHTOK goes with the handle. */
	assert_int_equal(pam_end(pamh, result), PAM_SUCCESS);
	return result;
}

struct kind {
	const char *name;
	int expires_in;
	int result;
	const char *before, *after; /* in the key file; NULL: nothing */
	struct answering manner;
};

/* A section, its stack and a signing key of the algorithm. */
static void
make_service(const char *name, const struct kind *kind, struct jwt_key *key)
{
	char *private_jwk = NULL, *public_jwk = NULL, text[4096], file[64];
	const struct jwt_algorithm *algorithm =
	    jwt_algorithm_find(jwt_slice_of(name));
	bool is_secret = algorithm->kty == JWT_KTY_OCT;

	assert_int_equal(jwt_key_generate(world.libctx, algorithm, NULL,
			     &private_jwk, &public_jwk),
	    JWT_OK);
	assert_int_equal(jwt_key_parse_private(world.libctx, name,
			     jwt_slice_of(private_jwk), 0600, key, NULL),
	    JWT_OK);
	snprintf(file, sizeof(file), "%s.jwk", name);
	snprintf(text, sizeof(text), "%s%s%s",
	    kind->before != NULL ? kind->before : "",
	    is_secret ? private_jwk : public_jwk,
	    kind->after != NULL ? kind->after : "");
	write_file(file, text);
	if (is_secret) {
		snprintf(text, sizeof(text), "%s/%s", world.folder, file);
		assert_int_equal(chmod(text, 0600), 0);
		look_for("secret", false, key->secret, key->secret_len);
		look_for("secret's text", false,
		    strstr(private_jwk, "\"k\":\"") + 5, 40);
	}
	snprintf(text, sizeof(text),
	    "[issuer test]\nissuer = test\nkeys = %s/%s\naudience = ssh\n"
	    "algorithms = %s\nsystem_accounts = deploy\nexport = yes\n",
	    world.folder, file, name);
	write_file("remains.conf", text);
	snprintf(text, sizeof(text),
	    "auth required %s config=%s/remains.conf\n", getenv("JWT_MODULE"),
	    world.folder);
	write_file("pam.d/remains", text);
	free(private_jwk);
	free(public_jwk);
}

static void
make_token(const struct jwt_key *key, const struct kind *kind)
{
	char claims[2048], pad[1200] = "", *token = NULL;
	ptrdiff_t at;
	size_t i;

	/* Letters of no order: each run of them is the token's alone. */
	for (i = 0; kind->manner.piece > 0 && i < sizeof(pad) - 1; i++)
		pad[i] = (char)('a' + (i * i * i / 7 + i * 5) % 26);

	snprintf(claims, sizeof(claims),
	    "{\"iss\":\"test\",\"aud\":\"ssh\",\"sub\":\"deploy\","
	    "\"exp\":%lld,\"jti\":\"0123456789abcdef0123456789abcdef\","
	    "\"pad\":\"%s\"}",
	    (long long)time(NULL) + kind->expires_in, pad);
	assert_int_equal(jwt_token_sign(world.libctx, key, "JWT",
			     jwt_slice_of(claims), &token),
	    JWT_OK);
	hide_token(token, key->kty == JWT_KTY_EC);
	at = strrchr(token, '.') - token;
	if (strcmp(kind->name, "tampered") == 0)
		hidden->token[at + 9] =
		    (token[at + 9] == 'A' ? 'B' : 'A') ^ MASK;
	else if (strcmp(kind->name, "malformed") == 0)
		hidden->token[at + 9] = '!' ^ MASK;
	else if (strcmp(kind->name, "cut") == 0)
		hidden->len = (size_t)at + 30;
	free(token);
}

/* In a child, which takes what it has seen away with it. */
static void
prepare(const char *algorithm, const struct kind *kind)
{
	struct jwt_key key = {0};
	int status;
	pid_t pid;

	hidden->needles = 0;
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		make_service(algorithm, kind, &key);
		make_token(&key, kind);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(hidden->needles > 0);
}

/* How many of these leave something, each after a login that ends so. */
static size_t
count_left(const char *algorithm, const struct kind *kinds, size_t count)
{
	size_t i, found = 0;
	const char *left;

	for (i = 0; i < count; i++) {
		prepare(algorithm, &kinds[i]);
		assert_null(what_is_left());
		manner = kinds[i].manner;
		assert_int_equal(log_in_hidden(), kinds[i].result);
		left = what_is_left();
		found += left != NULL;
		if (left != NULL)
			print_error("%s, %s: the %s is left\n", algorithm,
			    kinds[i].name, left);
	}
	return found;
}

static void
skip_under_sanitizers(void)
{
#ifdef __SANITIZE_ADDRESS__
	print_message("skipped: a sanitizer keeps what was freed\n");
	skip();
#endif
}

static void
nothing_is_left_of_a_token(void **state)
{
	static const char *const algorithms[] = {
	    "EdDSA", "ES256", "ES512", "RS256", "PS256", "HS256"};
	static const struct kind kinds[] = {
	    {"good", 60, PAM_SUCCESS, NULL, NULL, {0}},
	    {"expired", -60, PAM_AUTH_ERR, NULL, NULL, {0}},
	    {"tampered", 60, PAM_AUTH_ERR, NULL, NULL, {0}},
	    {"malformed", 60, PAM_AUTH_ERR, NULL, NULL, {0}},
	    {"cut", 60, PAM_AUTH_ERR, NULL, NULL, {0}},
	};
	size_t i, found = 0;

	(void)state;
	skip_under_sanitizers();
	for (i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		found += count_left(
		    algorithms[i], kinds, sizeof(kinds) / sizeof(kinds[0]));
	assert_int_equal(found, 0);
}

/* Whatever becomes of the pieces, and of those that never met. */
static void
nothing_is_left_of_pieces(void **state)
{
	static const struct kind kinds[] = {
	    {"good", 60, PAM_SUCCESS, NULL, NULL, {.piece = 511}},
	    {"expired", -60, PAM_AUTH_ERR, NULL, NULL, {.piece = 511}},
	    {"tampered", 60, PAM_AUTH_ERR, NULL, NULL, {.piece = 1023}},
	    {"cut", 60, PAM_AUTH_ERR, NULL, NULL, {.piece = 1023}},
	    {"one again and again", 60, PAM_AUTH_ERR, NULL, NULL,
		{.piece = 1023, .repeats = true}},
	    {"one that fails", 60, PAM_SUCCESS, NULL, NULL,
		{.piece = 511, .fails = 2}},
	    {"the first that fails", 60, PAM_SUCCESS, NULL, NULL,
		{.piece = 511, .fails = 1}},
	    {"all that follow fail", 60, PAM_CONV_ERR, NULL, NULL,
		{.piece = 511, .fails = 3, .fails_for_good = true}},
	};

	(void)state;
	skip_under_sanitizers();
	assert_int_equal(
	    count_left("EdDSA", kinds, sizeof(kinds) / sizeof(kinds[0])), 0);
}

/* What was read of a file before its fault was met is a secret as well. */
static void
nothing_is_left_of_a_secret_in_a_faulty_file(void **state)
{
	static const struct kind kinds[] = {
	    {"more behind the key", 60, PAM_AUTHINFO_UNAVAIL, NULL, "x", {0}},
	    {"a set that is not closed", 60, PAM_AUTHINFO_UNAVAIL,
		"{\"keys\":[", "]", {0}},
	    {"a fault in the next key", 60, PAM_AUTHINFO_UNAVAIL, "{\"keys\":[",
		",{\"k\":1 2}]}", {0}},
	    {"a member twice", 60, PAM_AUTHINFO_UNAVAIL, "{\"keys\":[",
		"],\"keys\":1}", {0}},
	    {"a next key that is none", 60, PAM_AUTHINFO_UNAVAIL, "{\"keys\":[",
		",1]}", {0}},
	    {"keys that are no array", 60, PAM_AUTHINFO_UNAVAIL,
		"{\"keys\":", "}", {0}},
	    {"kty beside keys", 60, PAM_AUTHINFO_UNAVAIL, "{\"keys\":[",
		"],\"kty\":\"oct\"}", {0}},
	    {"an array", 60, PAM_AUTHINFO_UNAVAIL, "[", "]", {0}},
	    {"a foreign member", 60, PAM_AUTHINFO_UNAVAIL, "{\"secret\":", "}",
		{0}},
	};

	(void)state;
	skip_under_sanitizers();
	assert_int_equal(
	    count_left("HS256", kinds, sizeof(kinds) / sizeof(kinds[0])), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_left_of_a_token),
	    cmocka_unit_test(nothing_is_left_of_pieces),
	    cmocka_unit_test(nothing_is_left_of_a_secret_in_a_faulty_file),
	};

	int zeros = open("/dev/zero", O_RDWR | O_CLOEXEC);

	if (zeros == -1)
		return 1;
	hidden = mmap(NULL, sizeof(*hidden), PROT_READ | PROT_WRITE, MAP_SHARED,
	    zeros, 0);
	close(zeros);
	if (hidden == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, begin, end);
}
