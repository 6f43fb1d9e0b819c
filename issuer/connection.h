/*
 * The lines between jwt-issue and jwt-issuerd, whatever they say.
 */
#ifndef ISSUER_CONNECTION_H
#define ISSUER_CONNECTION_H

#include "jwt/text.h"

struct issuer_connection {
	const char *path;
	struct jwt_fault *fault;
	int fd;
	char *bytes; /* of which `len` were received */
	size_t len;
	size_t taken; /* of them, by the line that was read last */
};

/*
 * Connects to a service of root's.  It borrows the path and the fault and is
 * given back with issuer_connection_close, whatever the result.
 * EX_OK, and as issuer_client_ask (issuer/client.h) says.
 */
int issuer_connection_open(
    struct issuer_connection *to, const char *path, struct jwt_fault *fault);

/*
 * Sends all of it.  EX_OK also where the service has gone, for its last line
 * may say why; EX_TEMPFAIL, EX_OSERR.
 */
int issuer_connection_send(
    const struct issuer_connection *to, const char *line, size_t len);

/*
 * The next line, printable ASCII without its newline, borrowed until the one
 * after it is read.  EX_OK, EX_TEMPFAIL, EX_PROTOCOL, EX_OSERR.
 */
int
issuer_connection_read(struct issuer_connection *to, struct jwt_slice *line);

/* Says what is wrong with what was read; EX_PROTOCOL. */
int
issuer_connection_fault(const struct issuer_connection *to, const char *what);

void issuer_connection_close(struct issuer_connection *to);

#endif
