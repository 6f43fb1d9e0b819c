/*
 * The configuration, and the same settings as options: one that is accepted
 * lacks nothing that a verdict needs, and tokens are judged by it.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "files.h"
#include "jwt/setting.h"
#include "log_line.h"
#include "ring.h"

#define PATH "/config"
#define OPTIONS_MAX 24

static void
check_demands(const struct jwt_demands *demands)
{
	check(demands->max_age >= JWT_UNSET &&
		  demands->max_auth_age >= JWT_UNSET &&
		  demands->max_lifetime >= JWT_UNSET,
	    "a duration is negative");
}

static void
check_issuer(const struct jwt_issuer *issuer)
{
	check(!issuer->faulty, "a faulty section is accepted");
	check((issuer->issuer.count > 0) != issuer->issuer_absent,
	    "a section has no issuer, or one and none");
	check(issuer->keys != NULL && issuer->keys[0] == '/',
	    "a section has no keys, or none by a whole path");
	check(issuer->audience.count > 0 || issuer->audience_absent,
	    "a section has no audience");
	check(issuer->audience_claim != NULL, "no claim is the audience");
	check(issuer->algorithms.count > 0, "a section has no algorithms");
	check((issuer->user.claim != NULL) != (issuer->user_map != NULL),
	    "a section has no way to an account, or two");
	check(issuer->leeway >= 0 && issuer->leeway <= JWT_LEEWAY_MAX,
	    "the leeway is out of bounds");
	check(issuer->demands.max_lifetime != JWT_UNSET,
	    "a token may live for ever");
	check_demands(&issuer->demands);
}

static void
check_config(const struct jwt_config *config)
{
	size_t i, j, k;

	check(config->issuers > 0, "a configuration has no issuer");
	for (i = 0; i < config->issuers; i++) {
		check_issuer(&config->issuer[i]);
		for (j = 0; j < i; j++) {
			check(strcmp(config->issuer[i].label,
				  config->issuer[j].label) != 0,
			    "two sections have one label");
			for (k = 0; k < config->issuer[i].issuer.count; k++)
				check(
				    !jwt_strings_have(&config->issuer[j].issuer,
					config->issuer[i].issuer.at[k]),
				    "one issuer has two sections");
		}
	}
	for (i = 0; i < config->services; i++)
		check_demands(&config->service[i].demands);
}

/* The token says `deploy`, `ssh`, EdDSA and its issuer; so must the section. */
static void
check_acceptance(
    const struct jwt_config *config, const struct jwt_verdict *verdict)
{
	const struct jwt_issuer *issuer = &config->issuer[0];
	const struct jwt_algorithm *algorithm;
	bool named = false;
	size_t i;

	for (i = 0; i < config->issuers; i++)
		if (strcmp(config->issuer[i].label, verdict->issuer) == 0)
			issuer = &config->issuer[i];
	check(strcmp(issuer->label, verdict->issuer) == 0 &&
		  jwt_strings_have(&issuer->issuer, "https://sso.example.com"),
	    "a token is accepted by another issuer's section");
	check(issuer->services.count == 0 ||
		  jwt_strings_have(&issuer->services, "sshd"),
	    "a token is accepted for a service that is not served");
	algorithm = jwt_algorithm_find(jwt_slice_of("EdDSA"));
	for (i = 0; i < issuer->algorithms.count; i++)
		named = named || issuer->algorithms.at[i] == algorithm;
	check(named, "a token is accepted by an algorithm that is not named");
	check(issuer->demands.max_lifetime >= 310,
	    "a token lives longer than it may");
}

/* All key files are the ring's, and a map grants `deploy`. */
static void
judge(const struct jwt_config *config)
{
	static const char map[] = "deploy sub is deploy, aud has ssh\n";
	static const struct {
		size_t token;
		const char *service;
	} tries[] = {{RING_TOKEN_EDDSA, "sshd"}, {0, "sshd"},
	    {RING_TOKEN_EDDSA, "sudo"}};
	struct jwt_attempt attempt = {
	    .config = config, .user = "deploy", .host = "web1.example.com"};
	struct jwt_verdict verdict;
	size_t i;

	files_clear();
	files_add(config->issuer[0].keys, jwt_slice_of(ring_public));
	if (config->issuer[0].user_map != NULL)
		files_add(config->issuer[0].user_map, jwt_slice_of(map));
	attempt.now = RING_NOW;
	for (i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		attempt.answer = jwt_slice_of(ring_token[tries[i].token]);
		attempt.service = tries[i].service;
		if (jwt_judge(&attempt, &verdict) == JWT_OK && i == 0)
			check_acceptance(config, &verdict);
		check(verdict.reason != JWT_INTERNAL_ERROR,
		    "a configuration makes a fault of ours");
		check_log_line(&verdict);
		jwt_verdict_clear(&verdict);
		check_queue();
	}
}

/* The faults as whoever reads the log is told them. */
static void
tell(enum jwt_reason reason, const struct jwt_faults *faults)
{
	struct jwt_verdict verdict;

	check(jwt_judge_faults(reason, faults, &verdict) == reason,
	    "a faulty configuration gives another verdict");
	check_log_line(&verdict);
	jwt_verdict_clear(&verdict);
}

static void
finish(enum jwt_reason reason, struct jwt_config *config,
    struct jwt_faults *faults)
{
	check(reason == JWT_OK || reason == JWT_CONFIG_ERROR,
	    "the reader gives another reason");
	check((reason == JWT_OK) == (config != NULL),
	    "a configuration comes with a refusal, or none without");
	check((reason == JWT_OK) == (faults->count == 0),
	    "a refusal names a fault, and what is accepted has none");
	if (config != NULL) {
		check_config(config);
		judge(config);
	} else {
		tell(reason, faults);
	}
	jwt_config_free(config);
	jwt_faults_clear(faults);
}

/* Each line `name = value` as an option. */
static void
try_options(struct jwt_slice text, bool commas)
{
	struct jwt_option options[OPTIONS_MAX];
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};
	char *copy, *line, *equals, *rest;
	enum jwt_reason reason;
	size_t count = 0;

	copy = strndup(text.at, text.len);
	check(copy != NULL, "no memory");
	for (rest = copy;
	     count < OPTIONS_MAX && (line = strsep(&rest, "\n")) != NULL;) {
		if ((equals = strchr(line, '=')) == NULL)
			continue;
		*equals = '\0';
		line[strcspn(line, " \t")] = '\0';
		options[count++] = (struct jwt_option){line, equals + 1};
	}
	reason = jwt_config_options(
	    "options", options, count, commas, &config, &faults);
	finish(reason, config, &faults);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct jwt_slice text = {(const char *)bytes, len};
	struct jwt_config *config = NULL;
	struct jwt_faults faults = {0};
	enum jwt_reason reason;

	files_clear();
	files_add(PATH, text);
	reason = jwt_config_read(PATH, &config, &faults);
	finish(reason, config, &faults);
	if (len > 0 && bytes[0] != '[')
		try_options(text, bytes[len - 1] == '\n');
	return 0;
}
