// A browser, without one: logs a person in to oidc.mjs and prints the token
// that comes of it.
//
// oidc_login.mjs ISSUER pipeline        by the client's own credentials
// oidc_login.mjs ISSUER access|id NAME  by an authorization code
const [issuer, kind, name] = process.argv.slice(2);
const secret = 'a secret of the client, which is known here to all';
const jar = new Map();

async function visit(url, form) {
	const response = await fetch(new URL(url, issuer), {
		redirect: 'manual',
		method: form ? 'POST' : 'GET',
		body: form && new URLSearchParams(form),
		headers: { cookie: [...jar].map((pair) => pair.join('=')).join('; ') },
	});
	for (const line of response.headers.getSetCookie()) {
		const [, key, value] = /^([^=]+)=([^;]*)/.exec(line);
		jar.set(key, value);
	}
	const next = response.headers.get('location');
	if (next) return next;
	throw new Error(`${url}: ${response.status} ${await response.text()}`);
}

async function ask(form, client) {
	const basic = Buffer.from(`${client}:${encodeURIComponent(secret)}`);
	const response = await fetch(new URL('/token', issuer), {
		method: 'POST',
		body: new URLSearchParams(form),
		headers: { authorization: `Basic ${basic.toString('base64')}` },
	});
	const answer = await response.json();
	if (!response.ok) throw new Error(JSON.stringify(answer));
	return answer;
}

async function code() {
	const query = new URLSearchParams({
		client_id: 'ssh',
		response_type: 'code',
		redirect_uri: 'https://client.test/back',
		scope: 'openid ssh',
		nonce: 'n',
	});
	let at = await visit(`/auth?${query}`);
	for (const form of [
		{ prompt: 'login', login: name, password: 'x' },
		{ prompt: 'consent' },
	]) {
		at = await visit(at, form);
		at = await visit(at);
	}
	return new URL(at).searchParams.get('code');
}

if (kind === 'pipeline') {
	const form = { grant_type: 'client_credentials', scope: 'ssh' };
	console.log((await ask(form, kind)).access_token);
} else {
	const answer = await ask({
		grant_type: 'authorization_code',
		code: await code(),
		redirect_uri: 'https://client.test/back',
	}, 'ssh');
	console.log(answer[`${kind}_token`]);
}
