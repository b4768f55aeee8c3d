// SPDX-License-Identifier: Apache-2.0
// A real identity provider for tests: oidc-provider on loopback, with people whom a test names.
// Called as: node provider.mjs '{"port":…, "client":{…}, "people":{…}}'; one line of JSON an event.
import http from 'node:http';
import { Provider } from 'oidc-provider';
import { generateKeyPair, exportJWK } from 'jose';

const told = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${told.port}`;
const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const jwk = { ...(await exportJWK(privateKey)), kid: 'first', use: 'sig', alg: 'RS256' };
const say = (event, more = {}) => process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);

const provider = new Provider(issuer, {
  clients: [{
    ...told.client,
    grant_types: ['authorization_code'],
    response_types: ['code'],
    backchannel_logout_session_required: true,
  }],
  jwks: { keys: [jwk] },
  cookies: { keys: ['a key of a test'] },
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  claims: { openid: ['sub', 'sid', 'auth_time', 'acr', 'amr'], profile: ['preferred_username', 'groups', 'studies'] },
  acrValues: ['urn:mfa'],
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  interactions: { url: (_context, interaction) => `/login/${interaction.uid}` },
  // Sessions of tests are short; the numbers silence notices.
  ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 3600, IdToken: 300, Interaction: 600, Session: 3600 },
  // Its own fetch refuses loopback, where the console of a test listens.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...told.people[id] }),
  }),
  loadExistingGrant: async (context) => {
    const grant = new context.oidc.provider.Grant({
      clientId: context.oidc.client.clientId,
      accountId: context.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  },
});
for (const name of ['authorization.error', 'grant.error', 'backchannel.error', 'backchannel.success']) {
  provider.on(name, (...given) => {
    const error = given.find((one) => one instanceof Error);
    say(name, { message: error?.message, detail: error?.error_description });
  });
}

const callback = provider.callback();
const server = http.createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, issuer);
  if (!pathname.startsWith('/login/')) return callback(request, response);
  // The form of the test: /login/UID?as=PERSON&acr=LEVEL
  const login = { accountId: searchParams.get('as'), amr: ['pwd', 'otp'], remember: true };
  if (searchParams.get('acr')) login.acr = searchParams.get('acr');
  const result = told.people[login.accountId]
    ? { login }
    : { error: 'access_denied', error_description: 'nobody of that name' };
  await provider.interactionDetails(request, response);
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
});
server.listen(told.port, '127.0.0.1', () => say('ready'));
