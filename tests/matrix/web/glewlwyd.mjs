// What its administrator, its people and their applications do with Glewlwyd.
//
// glewlwyd.mjs URL configure KEYS     all that the test needs of it: the plugin
//                                     "sso" signs by the first of these keys
// glewlwyd.mjs URL keys KEYS          the plugin does so from now on
// glewlwyd.mjs URL plugin NAME PEM JWT_TYPE PUBLIC    one more plugin, which
//                                     signs by one key in the old form
// glewlwyd.mjs URL pipeline           a token by the client's own credentials
// glewlwyd.mjs URL access|id|refresh NAME [SCOPE] [PLUGIN]    a token by an
//                                     authorization code
import { readFileSync } from 'node:fs';

const [url, verb, ...words] = process.argv.slice(2);
const secret = 'a secret of the client, which is known here to all';
const back = 'https://client.test/back';
const everything = 'openid ssh ops';
let cookie = '';

async function send(method, path, body) {
	const response = await fetch(`${url}/api/${path}`, {
		method,
		redirect: 'manual',
		headers: { cookie, 'content-type': 'application/json' },
		body: body && JSON.stringify(body),
	});
	for (const line of response.headers.getSetCookie())
		cookie = line.split(';')[0];
	if (response.status < 400) return response;
	const text = await response.text();
	throw new Error(`${method} ${path}: ${response.status} ${text}`);
}

async function ask(plugin, client, form) {
	const basic = Buffer.from(`${client}:${secret}`).toString('base64');
	const response = await fetch(`${url}/api/${plugin}/token`, {
		method: 'POST',
		body: new URLSearchParams({ client_id: client, ...form }),
		headers: { authorization: `Basic ${basic}` },
	});
	const text = await response.text();
	if (response.ok) return JSON.parse(text);
	throw new Error(`token: ${response.status} ${text}`);
}

function login(username, password) {
	return send('POST', 'auth/', { username, password });
}

// A plugin's parameters; the claims go into ID tokens, the others into access
// tokens.
function parameters(plugin, keys) {
	const claim = {
		type: 'string', mandatory: true, 'on-demand': false, scope: [],
	};
	return {
		iss: `${url}/api/${plugin}`,
		...keys,
		'access-token-duration': 600,
		'refresh-token-duration': 3600,
		'code-duration': 60,
		'refresh-token-rolling': true,
		'allow-non-oidc': true,
		'auth-type-code-enabled': true,
		'auth-type-client-enabled': true,
		'auth-type-refresh-enabled': true,
		'pkce-allowed': false,
		'jwks-show': true,
		'additional-parameters': [
			{
				'user-parameter': 'username',
				'token-parameter': 'preferred_username',
			},
			{ 'user-parameter': 'groups', 'token-parameter': 'groups' },
		],
		claims: [
			{
				...claim, name: 'preferred_username',
				'user-property': 'username',
			},
			{ ...claim, name: 'groups', 'user-property': 'groups' },
		],
		'email-claim': 'mandatory',
	};
}

function of_jwks(file) {
	return { 'jwks-private': readFileSync(file, 'utf8') };
}

function add_plugin(name, keys) {
	return send('POST', 'mod/plugin/', {
		module: 'oidc', name, display_name: name, order_rank: 0,
		parameters: parameters(name, keys),
	});
}

function add_client(client_id, rest) {
	return send('POST', 'client/', {
		client_id, name: client_id, enabled: true, confidential: true,
		client_secret: secret,
		token_endpoint_auth_method: ['client_secret_basic'], ...rest,
	});
}

async function groups_may_be_several() {
	const path = 'mod/user/database';
	const database = await (await send('GET', path)).json();
	database.parameters['data-format'].groups = {
		multiple: true, read: true, write: true,
	};
	await send('PUT', path, database);
	await send('PUT', `${path}/reset`);
}

async function token(kind, name, scope = everything, plugin = 'sso') {
	await login(name, `the password of ${name}`);
	await send('PUT', 'auth/grant/portal/', { scope: everything });
	const query = new URLSearchParams({
		client_id: 'portal', response_type: 'code', redirect_uri: back,
		scope, nonce: 'nonce', state: 'state', g_continue: '',
	});
	const answer = await send('GET', `${plugin}/auth?${query}`);
	const next = answer.headers.get('location');
	const code = new URL(next).searchParams.get('code');
	if (!code) throw new Error(next);
	return (await ask(plugin, 'portal', {
		grant_type: 'authorization_code', code, redirect_uri: back,
	}))[`${kind}_token`];
}

const verbs = {
	async configure(keys) {
		await login('admin', 'password');
		await groups_may_be_several();
		await add_plugin('sso', of_jwks(keys));
		for (const name of ['ssh', 'ops'])
			await send('POST', 'scope/', { name, password_required: false });
		for (const name of ['deploy', 'operator'])
			await send('POST', 'user/', {
				username: name, password: `the password of ${name}`,
				email: `${name}@example.com`, enabled: true,
				groups: ['everyone', 'ssh-users'],
				scope: [...everything.split(' '), 'g_profile'],
			});
		await add_client('pipeline', {
			scope: ['ssh'], authorization_type: ['client_credentials'],
		});
		await add_client('portal', {
			scope: [], redirect_uri: [back],
			authorization_type: ['code', 'refresh_token'],
		});
	},

	async keys(keys) {
		const path = 'mod/plugin/sso';
		await login('admin', 'password');
		const plugin = await (await send('GET', path)).json();
		plugin.parameters = parameters('sso', of_jwks(keys));
		await send('PUT', path, plugin);
		await send('PUT', `${path}/reset`);
	},

	async plugin(name, pem, type, cert) {
		await login('admin', 'password');
		await add_plugin(name, {
			'jwt-type': type, 'jwt-key-size': '256',
			key: readFileSync(pem, 'utf8'), cert: readFileSync(cert, 'utf8'),
		});
	},

	async pipeline() {
		const form = { grant_type: 'client_credentials', scope: 'ssh' };
		return (await ask('sso', 'pipeline', form)).access_token;
	},

	access: (...rest) => token('access', ...rest),
	id: (...rest) => token('id', ...rest),
	refresh: (...rest) => token('refresh', ...rest),
};

const answer = await verbs[verb](...words);
if (answer) console.log(answer);
