/*
 * The order by which a front that was taken over speaks to the signer: what
 * is taken of any bytes is a request that a caller could have written.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "issuer/jwt-issuerd.h"
#include "requests.h"

/* By the caller's own way, and by the front's. */
static void
check_request(const struct issuer_request *request, int64_t auth_time)
{
	struct issuer_request again;
	struct issuerd_order order;
	struct jwt_slice line;
	char *written;

	check(request->audience.count > 0, "there is no audience");
	check(request->claim.count == request->value.count,
	    "a claim has no value");
	check(issuer_request_write(request, &written, NULL) == ISSUER_OK,
	    "what was taken cannot be written");
	line = jwt_slice_of(written);
	check(line.len <= ISSUER_LINE_MAX, "what was taken is too long");
	line.len--;
	check(issuer_request_parse(line, &again, NULL) == ISSUER_OK,
	    "no caller could have asked for what was taken");
	issuer_request_clear(&again);
	free(written);
	check(issuerd_order_pack(request, auth_time, &order),
	    "what was taken does not fit");
	check(issuerd_order_unpack(&order, &again, NULL) == ISSUER_OK,
	    "what was packed is not taken");
	check(same_request(request, &again),
	    "what was packed says something else");
	issuer_request_clear(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct issuer_request request;
	struct jwt_fault fault = {""};
	struct issuerd_order order;
	enum issuer_reason result;

	/* The socket gives all of it or nothing; the rest is text's zeros. */
	memset(&order, 0, sizeof(order));
	memcpy(&order, data, size < sizeof(order) ? size : sizeof(order));
	result = issuerd_order_unpack(&order, &request, &fault);
	if (result == ISSUER_OK)
		check_request(&request, order.auth_time);
	else
		check(fault.text[0] != '\0', "a refusal without a word");
	issuer_request_clear(&request);
	return 0;
}
