/*
 * Signs claims as the service does, by the active key of a key folder:
 *
 *	sign_by_folder FOLDER NOW LIFETIME CLAIMS
 *
 * and writes the token, or the reason and the fault.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuer/signer.h"

int
main(int argc, char **argv)
{
	struct issuer_config config = {0};
	struct issuer_signer signer;
	struct jwt_fault fault = {""};
	enum issuer_reason reason;
	char *token = NULL;

	if (argc != 5) {
		fprintf(stderr, "sign_by_folder: FOLDER NOW LIFETIME CLAIMS\n");
		return 2;
	}
	config.keys = argv[1];
	reason = issuer_signer_prepare(&config, &signer, &fault);
	if (reason == ISSUER_OK)
		reason = issuer_signer_open(&config, strtoll(argv[2], NULL, 10),
		    strtoll(argv[3], NULL, 10), &signer, &fault);
	if (reason == ISSUER_OK)
		reason = issuer_signer_sign(
		    &signer, "login+jwt", argv[4], &token, &fault);
	if (reason == ISSUER_OK)
		puts(token);
	else
		fprintf(stderr, "sign_by_folder: %s: %s\n",
		    issuer_reason_name(reason), fault.text);
	if (token != NULL)
		jwt_free_wiped(token, strlen(token));
	issuer_signer_clear(&signer);
	return reason == ISSUER_OK ? 0 : 1;
}
