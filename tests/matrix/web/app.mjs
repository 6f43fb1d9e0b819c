// A web application such as many have: Express, and a token in the header
// Authorization. Each of three libraries guards a route of its own with it,
// and the application itself gives tokens to those who log in.
//
// The environment says ISSUER (whose tokens are believed), AUDIENCE (what this
// application is called in them), JWKS (the file of the issuer's public keys),
// OWN_ISSUER and SECRET (how this application signs; a JWK). Where it listens
// is on its standard output.
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import express from 'express';
import { expressjwt } from 'express-jwt';
import { calculateJwkThumbprint, createRemoteJWKSet, jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';

const { ISSUER, AUDIENCE, JWKS, OWN_ISSUER, SECRET } = process.env;

async function listen(application) {
	const server = application.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return `http://127.0.0.1:${server.address().port}`;
}

// --- the issuer's web server: a file ----------------------------------------

const publisher = express();
publisher.get('/jwks.json', (request, response) => {
	console.log(`keys for ${request.get('user-agent')}`);
	response.sendFile(JWKS);
});
const keys = `${await listen(publisher)}/jwks.json`;
console.log(`publishing ${keys}`);

// --- the application: three guards -----------------------------------------

const app = express();
const expected = { issuer: ISSUER, audience: AUDIENCE };

function bearer(request) {
	return request.get('authorization')?.replace(/^Bearer /, '') ?? '';
}

const keySet = createRemoteJWKSet(new URL(keys));
app.get('/jose', async (request, response) => {
	const { payload } = await jwtVerify(bearer(request), keySet, {
		...expected,
		algorithms: ['EdDSA', 'ES256', 'RS256'],
		typ: 'login+jwt',
		requiredClaims: ['exp'],
	});
	response.send(payload.sub);
});

// The other two know no EdDSA, and want one key, which the header names.
const algorithms = ['ES256', 'RS256'];

async function keyOf(token) {
	const kid = token?.header.kid;
	const set = await (await fetch(keys)).json();
	const jwk = set.keys.find((key) => key.kid === kid);
	if (!jwk) throw new Error('no such key');
	return createPublicKey({ key: jwk, format: 'jwk' });
}

app.get(
	'/express-jwt',
	expressjwt({
		...expected,
		algorithms,
		secret: (request, token) => keyOf(token),
	}),
	(request, response) => response.send(request.auth.sub),
);

app.get('/jsonwebtoken', async (request, response) => {
	const token = bearer(request);
	const key = await keyOf(jsonwebtoken.decode(token, { complete: true }));
	const claims = jsonwebtoken.verify(token, key, { ...expected, algorithms });
	response.send(claims.sub);
});

// --- the application: tokens of its own -------------------------------------

const { k, kid } = JSON.parse(readFileSync(SECRET));
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const own = pair.publicKey.export({ format: 'jwk' });
own.kid = await calculateJwkThumbprint(own);
const signing = {
	HS256: { key: Buffer.from(k, 'base64url'), keyid: kid },
	RS256: { key: pair.privateKey, keyid: own.kid },
};

app.get('/jwks.json', (request, response) => response.json({ keys: [own] }));

// What the test wants in the token it says here; a login would ask who it is.
app.post('/login', express.json(), (request, response) => {
	const { algorithm, issuer = OWN_ISSUER, subject, audience, iat } = request.body;
	const { key, keyid } = signing[algorithm];
	response.type('text').send(
		jsonwebtoken.sign(iat ? { iat } : {}, key, {
			algorithm,
			keyid,
			issuer,
			subject,
			audience,
			expiresIn: '5m',
		}),
	);
});

app.use((error, request, response, next) => {
	const { status = 401, code, message } = error;
	response.status(status).send(`${code ?? error.name}: ${message}`);
});

console.log(`listening at ${await listen(app)}`);
