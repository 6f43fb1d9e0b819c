/*
 * The front: the one process that reads what a caller sends.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "issuer/jwt-issuerd.h"

/* The way of one request. */
struct front {
	const struct issuerd_call *call;
	int signer;
	struct issuer_request request;
	const struct issuer_policy *policy;
	int64_t auth_time;
	char *token;
	bool told; /* the signer has said why in the log */
};

static enum issuer_reason
read_request(struct front *front, struct jwt_fault *fault)
{
	char line[ISSUER_LINE_MAX + 1];
	enum issuer_reason result;
	size_t len;

	result = issuerd_read_line(front->call->connection,
	    issuerd_deadline(ISSUERD_STEP), line, ISSUER_LINE_MAX - 1, &len,
	    fault);
	if (result != ISSUER_OK)
		return result;
	return issuer_request_parse(
	    (struct jwt_slice){line, len}, &front->request, fault);
}

static enum issuer_reason
prove(struct front *front, struct jwt_fault *fault)
{
	const struct issuerd_caller *caller = &front->call->caller;
	enum issuer_reason result;

	switch (front->policy->proof) {
	case ISSUER_PROOF_PASSWORD:
		result = issuerd_login(front->call, fault);
		if (result == ISSUER_OK)
			front->auth_time = (int64_t)time(NULL);
		return result;
	case ISSUER_PROOF_SESSION:
		if (caller->in_login)
			return ISSUER_OK;
		jwt_fault_set(fault,
		    "this process belongs to no login of %s (its loginuid "
		    "says so), and the policy %s wants one: ask from a login "
		    "session, by ssh or at a terminal",
		    caller->person.account, front->policy->label);
		return ISSUER_SESSION_REQUIRED;
	case ISSUER_PROOF_PEER:
		return ISSUER_OK;
	}
	return ISSUER_INTERNAL_ERROR;
}

/* `fault` is what the signer said, where it did. */
static enum issuer_reason
order(struct front *front, struct jwt_fault *fault)
{
	struct issuerd_result answer;
	struct issuerd_order ordered;

	jwt_fault_set(fault, "the process that signs has failed: see the log");
	if (!issuerd_order_pack(&front->request, front->auth_time, &ordered) ||
	    issuerd_order_send(front->signer, &ordered) != ISSUER_OK)
		return ISSUER_INTERNAL_ERROR;
	if (issuerd_result_receive(front->signer, ISSUERD_STEP, &answer) !=
	    ISSUER_OK) {
		free(answer.text);
		return ISSUER_INTERNAL_ERROR;
	}
	front->told = true;
	if (answer.reason == ISSUER_OK) {
		front->token = answer.text;
		return ISSUER_OK;
	}
	jwt_fault_set(fault, "%s", answer.text);
	free(answer.text);
	return answer.reason;
}

static enum issuer_reason
take_request(struct front *front, struct jwt_fault *fault)
{
	enum issuer_reason result;
	int64_t seconds;

	result = read_request(front, fault);
	if (result == ISSUER_OK)
		result = issuer_policy_find(front->call->config,
		    &front->call->caller.person, &front->request,
		    &front->policy, &seconds, fault);
	if (result == ISSUER_OK)
		result = prove(front, fault);
	if (result == ISSUER_OK)
		result = order(front, fault);
	return result;
}

static void
reply(const struct front *front, enum issuer_reason reason,
    const struct jwt_fault *fault)
{
	char words[64] = "ERR ";
	int64_t deadline = issuerd_deadline(ISSUERD_STEP);

	if (reason == ISSUER_OK) {
		issuerd_say(
		    front->call->connection, deadline, "OK", front->token);
		return;
	}
	strncat(words, issuer_reason_name(reason), sizeof(words) - 5);
	issuerd_say(front->call->connection, deadline, words, fault->text);
}

static bool
begin(const struct front *front, struct jwt_fault *fault)
{
	int yes = 1;

	signal(SIGPIPE, SIG_IGN);
	/* An urgent byte would be there for poll and not for recv, on and on. */
	if (setsockopt(front->call->connection, SOL_SOCKET, SO_OOBINLINE, &yes,
		sizeof(yes)) == -1 ||
	    /* kill(0, ...) reaches the whole process group, also those of it
	     * that are in no namespace of the caller's. */
	    setsid() == -1 || prctl(PR_SET_PDEATHSIG, SIGKILL) == -1) {
		jwt_fault_set(fault, "the front: %s", strerrordesc_np(errno));
		return false;
	}
	return issuerd_confine_front(front->call->config, fault);
}

void
issuerd_front(const struct issuerd_call *call, int signer)
{
	struct front front = {
	    .call = call, .signer = signer, .auth_time = JWT_UNSET};
	enum issuer_reason reason = ISSUER_INTERNAL_ERROR;
	struct jwt_fault fault = {""};
	struct issuerd_record record;

	if (begin(&front, &fault))
		reason = take_request(&front, &fault);
	record = (struct issuerd_record){.caller = &call->caller,
	    .request = &front.request,
	    .policy = front.policy};
	if (!front.told)
		issuerd_audit(reason, &record, fault.text);
	reply(&front, reason, &fault);
	jwt_free_wiped(
	    front.token, front.token == NULL ? 0 : strlen(front.token));
	issuer_request_clear(&front.request);
	_exit(0);
}
