// An application as lessons on the subject have it: Express asks for a name
// and a password, and answers with a token that jsonwebtoken signed with a
// secret out of the environment.
//
// JWT_SECRET is that secret. With ISSUER and AUDIENCE the tokens bear both;
// without them they are the bare ones of the lesson: userId, role, iat, exp.
// LIFETIME is that of a token, as jsonwebtoken reads it. Where it listens is
// on its standard output.
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import express from 'express';
import jsonwebtoken from 'jsonwebtoken';

const { JWT_SECRET, ISSUER, AUDIENCE, LIFETIME = '5m' } = process.env;

function user(id, role, password) {
	const salt = randomBytes(16);
	return { id, role, salt, hash: scryptSync(password, salt, 32) };
}

const users = new Map([
	['owner', user(1, 'admin', 'the password of the owner')],
	['customer', user(2, 'user', 'the password of a customer')],
]);

const app = express();

app.post('/login', express.json(), (request, response) => {
	const { username, password } = request.body;
	const found = users.get(username);
	if (
		!found ||
		!timingSafeEqual(scryptSync(password, found.salt, 32), found.hash)
	) {
		response.status(401).json({ error: 'wrong name or password' });
		return;
	}
	const options = { expiresIn: LIFETIME };
	if (ISSUER) options.issuer = ISSUER;
	if (AUDIENCE) options.audience = AUDIENCE;
	const token = jsonwebtoken.sign(
		{ userId: found.id, role: found.role },
		JWT_SECRET,
		options,
	);
	response.json({ token });
});

app.get('/me', (request, response) => {
	const token = request.get('authorization')?.replace(/^Bearer /, '') ?? '';
	try {
		const options = { algorithms: ['HS256'] };
		if (ISSUER) options.issuer = ISSUER;
		if (AUDIENCE) options.audience = AUDIENCE;
		response.json(jsonwebtoken.verify(token, JWT_SECRET, options));
	} catch (error) {
		response.status(401).json({ error: error.message });
	}
});

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(`listening at http://127.0.0.1:${server.address().port}`);
