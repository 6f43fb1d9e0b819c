// A certified identity provider on the loopback, as a company runs one: a
// client that logs in for itself, and people who log in through a browser.
//
// oidc.mjs PORT KEYS ALGORITHM AUDIENCE: signs with the first of the private
// keys in the JWKS file KEYS that is for ALGORITHM; PORT 0 finds one. Where it
// listens is on its standard output.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [port, file, alg, audience] = process.argv.slice(2);
const secret = 'a secret of the client, which is known here to all';

const server = createServer();
server.listen(Number(port), '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

// What this company says of a person, in ID tokens and in access tokens.
function person(name) {
	return {
		preferred_username: name,
		email: `${name}@example.com`,
		email_verified: true,
		groups: ['everyone', 'ssh-users'],
		realm_access: { roles: ['ssh-users'] },
		'https://example.com/roles': ['ssh'],
	};
}

const provider = new Provider(issuer, {
	jwks: JSON.parse(readFileSync(file, 'utf8')),
	cookies: { keys: ['a key of the cookies'] },
	clients: [
		{
			client_id: 'pipeline',
			client_secret: secret,
			grant_types: ['client_credentials'],
			id_token_signed_response_alg: alg,
			redirect_uris: [],
			response_types: [],
		},
		{
			client_id: 'ssh',
			client_secret: secret,
			grant_types: ['authorization_code'],
			redirect_uris: ['https://client.test/back'],
			id_token_signed_response_alg: alg,
		},
	],
	enabledJWA: {
		idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
	},
	pkce: { required: () => false },
	conformIdTokenClaims: false,
	claims: { openid: ['sub', ...Object.keys(person(''))] },
	findAccount: (_, name) => ({
		accountId: name,
		claims: () => ({ sub: name, ...person(name) }),
	}),
	extraTokenClaims: (_, token) =>
		token.accountId ? person(token.accountId) : undefined,
	features: {
		devInteractions: { enabled: true },
		clientCredentials: { enabled: true },
		resourceIndicators: {
			enabled: true,
			defaultResource: () => audience,
			useGrantedResource: () => true,
			getResourceServerInfo: () => ({
				scope: 'ssh',
				audience,
				accessTokenFormat: 'jwt',
				accessTokenTTL: 600,
				jwt: { sign: { alg } },
			}),
		},
	},
});
provider.on('server_error', (_, error) => console.error(error));
server.on('request', provider.callback());
console.log(`listening at ${issuer}`);
