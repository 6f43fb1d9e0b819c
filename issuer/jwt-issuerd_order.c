/*
 * What goes between front and signer: one struct of a fixed size there, a
 * length and that many bytes back.  The signer believes none of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "issuer/jwt-issuerd.h"
#include "jwt/setting.h"

struct head {
	uint32_t reason;
	uint32_t len;
};

/*
 * Packing.
 */

static bool
put(struct issuerd_order *order, size_t *used, const char *text)
{
	size_t size = strlen(text) + 1;

	if (sizeof(order->text) - *used < size)
		return false;
	memcpy(order->text + *used, text, size);
	*used += size;
	return true;
}

bool
issuerd_order_pack(const struct issuer_request *request, int64_t auth_time,
    struct issuerd_order *order)
{
	bool fits = true;
	size_t i, used = 0;

	*order = (struct issuerd_order){.seconds = request->seconds,
	    .auth_time = auth_time,
	    .audiences = (uint32_t)request->audience.count,
	    .claims = (uint32_t)request->claim.count,
	    .any_length = request->any_length};
	for (i = 0; fits && i < request->audience.count; i++)
		fits = put(order, &used, request->audience.at[i]);
	for (i = 0; fits && i < request->claim.count; i++)
		fits = put(order, &used, request->claim.at[i]) &&
		       put(order, &used, request->value.at[i]);
	return fits;
}

/* Strings from `text`; false: there are not as many. */
static bool
take(const struct issuerd_order *order, size_t *used,
    struct jwt_strings *strings, enum issuer_reason *result)
{
	const char *at = order->text + *used;
	const char *end = memchr(at, '\0', sizeof(order->text) - *used);

	*result = ISSUER_MALFORMED_REQUEST;
	if (end == NULL)
		return false;
	*result = ISSUER_INTERNAL_ERROR;
	if (!jwt_strings_add(strings, at))
		return false;
	*used += (size_t)(end - at) + 1;
	*result = ISSUER_OK;
	return true;
}

/*
 * What can be written as a line of the caller's is what the parser takes.
 */
static enum issuer_reason
check(struct issuer_request *request, struct jwt_fault *fault)
{
	enum issuer_reason result;
	char *line = NULL;

	result = issuer_request_write(request, &line, fault);
	if (result != ISSUER_OK)
		return result;
	issuer_request_clear(request);
	result = issuer_request_parse(
	    (struct jwt_slice){line, strlen(line) - 1}, request, fault);
	free(line);
	return result;
}

enum issuer_reason
issuerd_order_unpack(const struct issuerd_order *order,
    struct issuer_request *request, struct jwt_fault *fault)
{
	enum issuer_reason result = ISSUER_OK;
	size_t used = 0;
	uint32_t i;

	*request = (struct issuer_request){
	    .seconds = order->seconds, .any_length = order->any_length != 0};
	for (i = 0; i < order->audiences; i++)
		if (!take(order, &used, &request->audience, &result))
			break;
	for (i = 0; result == ISSUER_OK && i < order->claims; i++)
		if (!take(order, &used, &request->claim, &result) ||
		    !take(order, &used, &request->value, &result))
			break;
	if (result == ISSUER_OK)
		return check(request, fault);
	jwt_fault_set(fault, "what the front ordered is no order");
	return result;
}

/*
 * Sending.
 */

/* Both ends are ours, on a socket that keeps messages apart. */
static bool
send_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;
	ssize_t n;

	for (; len > 0; at += n, len -= (size_t)n) {
		do
			n = send(fd, at, len, MSG_NOSIGNAL);
		while (n == -1 && errno == EINTR);
		if (n <= 0)
			return false;
	}
	return true;
}

static bool
receive_all(int fd, void *bytes, size_t len)
{
	char *at = bytes;
	ssize_t n;

	for (; len > 0; at += n, len -= (size_t)n) {
		do
			n = recv(fd, at, len, 0);
		while (n == -1 && errno == EINTR);
		if (n <= 0)
			return false;
	}
	return true;
}

enum issuer_reason
issuerd_order_send(int fd, const struct issuerd_order *order)
{
	return send_all(fd, order, sizeof(*order)) ? ISSUER_OK
	                                           : ISSUER_INTERNAL_ERROR;
}

bool
issuerd_order_receive(int fd, struct issuerd_order *order)
{
	return receive_all(fd, order, sizeof(*order));
}

bool
issuerd_result_send(int fd, enum issuer_reason reason, const char *text)
{
	struct head head = {
	    .reason = (uint32_t)reason, .len = (uint32_t)strlen(text)};

	return send_all(fd, &head, sizeof(head)) &&
	       send_all(fd, text, head.len);
}

enum issuer_reason
issuerd_result_receive(int fd, int seconds, struct issuerd_result *result)
{
	struct timeval wait = {.tv_sec = seconds};
	struct head head;

	*result = (struct issuerd_result){.reason = ISSUER_INTERNAL_ERROR};
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ==
		-1 ||
	    !receive_all(fd, &head, sizeof(head)) ||
	    head.reason >= ISSUER_REASONS || head.len >= ISSUER_REPLY_MAX - 16)
		return ISSUER_INTERNAL_ERROR;
	if ((result->text = calloc(head.len + 1, 1)) == NULL)
		return ISSUER_INTERNAL_ERROR;
	result->reason = (enum issuer_reason)head.reason;
	return receive_all(fd, result->text, head.len) ? ISSUER_OK
	                                               : ISSUER_INTERNAL_ERROR;
}
