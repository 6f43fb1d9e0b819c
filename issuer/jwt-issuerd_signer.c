/*
 * The signer: an order in, a token or a refusal out, and the log's line.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "issuer/jwt-issuerd.h"
#include "issuer/signer.h"

struct signing {
	const struct issuerd_call *call;
	struct issuer_signer signer;
	struct issuer_request request;
	struct issuer_grant grant;
	char id[ISSUER_ID_SIZE];
	char *token;
};

/*
 * What the front cannot be believed: all but that a login was seen.  Who
 * calls is known from before the front began.
 */
static enum issuer_reason
check(struct signing *signing, const struct issuerd_order *order,
    struct jwt_fault *fault)
{
	struct issuer_grant *grant = &signing->grant;
	const struct issuerd_caller *caller = &signing->call->caller;
	enum issuer_reason result;

	result = issuerd_order_unpack(order, &signing->request, fault);
	if (result == ISSUER_OK)
		result = issuer_policy_find(grant->config, &caller->person,
		    &signing->request, &grant->policy, &grant->seconds, fault);
	if (result != ISSUER_OK)
		return result;
	jwt_fault_set(fault, "the policy's proof was not given");
	switch (grant->policy->proof) {
	case ISSUER_PROOF_PASSWORD:
		if (order->auth_time < 0 || order->auth_time > grant->now ||
		    order->auth_time < grant->now - ISSUERD_STEP)
			return ISSUER_LOGIN_REFUSED;
		grant->auth_time = order->auth_time;
		return ISSUER_OK;
	case ISSUER_PROOF_SESSION:
		return caller->in_login ? ISSUER_OK : ISSUER_SESSION_REQUIRED;
	case ISSUER_PROOF_PEER:
		return ISSUER_OK;
	}
	return ISSUER_INTERNAL_ERROR;
}

static enum issuer_reason
sign(struct signing *signing, struct jwt_fault *fault)
{
	const struct issuer_grant *grant = &signing->grant;
	enum issuer_reason result;
	char *claims = NULL;

	result = issuer_claims_make(grant, &claims, signing->id, fault);
	if (result == ISSUER_OK)
		result = issuer_signer_open(grant->config, grant->now,
		    grant->seconds, &signing->signer, fault);
	if (result == ISSUER_OK)
		result = issuer_signer_sign(&signing->signer,
		    grant->config->profile, claims, &signing->token, fault);
	if (result == ISSUER_OK && !signing->request.any_length)
		result = issuer_size_check(signing->token, fault);
	free(claims);
	return result;
}

static enum issuer_reason
carry_out(struct signing *signing, const struct issuerd_order *order,
    struct jwt_fault *fault)
{
	const struct issuerd_call *call = signing->call;
	static struct utsname host;
	enum issuer_reason result;

	if (uname(&host) == -1) {
		jwt_fault_set(fault, "the kernel does not say its name");
		return ISSUER_INTERNAL_ERROR;
	}
	signing->grant = (struct issuer_grant){.config = call->config,
	    .person = &call->caller.person,
	    .request = &signing->request,
	    .host = host.nodename,
	    .now = (int64_t)time(NULL),
	    .auth_time = JWT_UNSET};
	result = check(signing, order, fault);
	if (result == ISSUER_OK)
		result = issuerd_usage_count(
		    call->usage, call->config->tokens_per_minute, fault);
	if (result == ISSUER_OK)
		result = sign(signing, fault);
	return result;
}

/*
 * The key is closed before the answer goes: who then asks again must find room
 * in a TPM, which has little.
 */
static void
finish(struct signing *signing, int front, enum issuer_reason reason,
    const struct jwt_fault *fault)
{
	const struct issuer_grant *grant = &signing->grant;
	bool issued = reason == ISSUER_OK;
	struct issuerd_record record = {.caller = &signing->call->caller,
	    .request = &signing->request,
	    .policy = grant->policy,
	    .id = issued ? signing->id : NULL,
	    .kid = issued ? signing->signer.key.kid : NULL,
	    .now = grant->now,
	    .seconds = grant->seconds};

	issuerd_audit(reason, &record, issued ? NULL : fault->text);
	issuer_signer_clear(&signing->signer);
	issuerd_result_send(
	    front, reason, issued ? signing->token : fault->text);
}

void
issuerd_signer(const struct issuerd_call *call, int front)
{
	struct signing signing = {.call = call};
	struct issuerd_order order;
	enum issuer_reason reason = ISSUER_INTERNAL_ERROR;
	struct jwt_fault fault = {""};

	signal(SIGPIPE, SIG_IGN);
	if (issuerd_confine_account(call->config, &fault)) {
		reason = issuer_signer_prepare(
		    call->config, &signing.signer, &fault);
		signing.signer.credential = call->credential;
		if (reason == ISSUER_OK &&
		    !issuerd_confine_signer(call->config, &fault))
			reason = ISSUER_INTERNAL_ERROR;
	}
	/* Most connections end before there is an order. */
	if (!issuerd_order_receive(front, &order))
		_exit(0);
	if (reason == ISSUER_OK)
		reason = carry_out(&signing, &order, &fault);
	if (reason == ISSUER_KEYS_UNAVAILABLE &&
	    call->no_credential.text[0] != '\0')
		fault = call->no_credential;
	finish(&signing, front, reason, &fault);
	issuer_request_clear(&signing.request);
	jwt_free_wiped(
	    signing.token, signing.token == NULL ? 0 : strlen(signing.token));
	_exit(0);
}
