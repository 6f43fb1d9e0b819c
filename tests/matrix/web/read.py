#!/usr/bin/python3
"""read.py KEYS ISSUER AUDIENCE: as PyJWT reads the token on standard input.

KEYS is the URL of the issuer's key set. Prints the subject, or why not.
"""

import sys

import jwt

url, issuer, audience = sys.argv[1:]
token = sys.stdin.read().strip()
try:
    key = jwt.PyJWKClient(url).get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token,
        key.key,
        algorithms=["EdDSA", "ES256", "RS256"],
        issuer=issuer,
        audience=audience,
        options={"require": ["exp", "iat", "sub"]},
    )
except jwt.PyJWTError as error:
    sys.exit(f"{type(error).__name__}: {error}")
print(claims["sub"])
