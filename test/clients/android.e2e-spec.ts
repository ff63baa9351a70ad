import { Api } from '../support/api.js';
import { DigestClient } from '../support/digest-client.js';
import type { Answer } from '../support/http.js';
import { sentTo } from '../support/liblinphone.js';

/**
 * The sign-up of Linphone for Android and iPhone 6.x, with the requests that liblinphone 5.4 and later send: the headers
 * in its order, compact JSON with sorted keys, and two requests for each call with credentials, the first of which has
 * none.
 */
describe('A mobile app of today', () => {
  let api: Api;

  beforeAll(async () => (api = await Api.start({ environment: { RATE_LIMITS: 'on' } })));
  afterAll(() => api.stop());

  const device = { pn_param: 'ABCD1234.org.linphone.phone.voip', pn_prid: 'f00d:device_one', pn_provider: 'apns' };

  it('signs up: token by push, account, phone number, code', async () => {
    const app = sentTo(api);
    expect(await app.call('POST', 'account_creation_tokens/send-by-push', device)).toMatchObject({
      status: 200,
      text: '{}',
    });
    // The push does not arrive within 5 s, so the app asks again.
    await app.call('POST', 'account_creation_tokens/send-by-push', device);
    const { token } = api.pushes.last;
    expect(api.pushes.delivered.map((push) => push.token)).toEqual([token, token]);

    const body = {
      account_creation_token: token,
      algorithm: 'SHA-256',
      password: 'correct horse',
      username: 'newcomer',
    };
    const created = await app.call('POST', 'accounts/with-account-creation-token', body);
    expect(created.status).toBe(200);
    expect(created.json).toMatchObject({ username: 'newcomer', domain: 'sip.example.org', activated: false });
    // The connection breaks, and liblinphone sends the same request again.
    expect(await app.call('POST', 'accounts/with-account-creation-token', body)).toMatchObject({
      json: { id: created.json.id },
    });

    const owner = app.as({ username: 'newcomer', domain: 'sip.example.org', password: 'correct horse' });
    expect(await owner.call('POST', 'accounts/me/phone/request', { phone: '+33612345678' })).toMatchObject({
      status: 200,
      text: '{}',
    });
    const { code } = api.messages.last;
    const wrong = String((Number(code) + 1) % 10_000).padStart(4, '0');
    expect((await owner.call('POST', 'accounts/me/phone', { code: wrong })).status).toBe(403);
    const linked = await owner.call('POST', 'accounts/me/phone', { code });
    expect(linked).toMatchObject({ status: 200, json: { phone: '+33612345678', activated: true } });
    expect((await owner.call('GET', 'accounts/me/devices')).text).toBe('{}');
  });

  it('signs up with an e-mail address', async () => {
    const app = sentTo(api);
    await app.call('POST', 'account_creation_tokens/send-by-push', { ...device, pn_prid: 'f00d:device_two' });
    const body = {
      account_creation_token: api.pushes.last.token,
      algorithm: 'MD5',
      password: 'correct horse',
      username: 'second.newcomer',
    };
    expect((await app.call('POST', 'accounts/with-account-creation-token', body)).status).toBe(200);
    const owner = app.as({ username: 'second.newcomer', domain: 'sip.example.org', password: 'correct horse' });
    await owner.call('POST', 'accounts/me/email/request', { email: 'new@example.org' });
    const { code } = api.mails.last as { code?: string };
    expect((await owner.call('POST', 'accounts/me/email', { code })).json).toMatchObject({
      email: 'new@example.org',
      activated: true,
    });
  });

  it('starts again under another name after its SMS failed, and the first name is free', async () => {
    const app = sentTo(api);
    await app.call('POST', 'account_creation_tokens/send-by-push', { ...device, pn_prid: 'f00d:device_three' });
    const body = {
      account_creation_token: api.pushes.last.token,
      algorithm: 'SHA-256',
      password: 'correct horse',
      username: 'first.name',
    };
    await app.call('POST', 'accounts/with-account-creation-token', body);
    const owner = app.as({ username: 'first.name', domain: 'sip.example.org', password: 'correct horse' });
    api.messages.fail();
    const failed = await owner.call('POST', 'accounts/me/phone/request', { phone: '+33612345679' });
    api.messages.recover();
    expect(failed).toMatchObject({
      status: 503,
      json: { code: 'sms_not_delivered', message: expect.stringMatching(/./) },
    });
    const second = await app.call('POST', 'accounts/with-account-creation-token', { ...body, username: 'second.name' });
    expect(second).toMatchObject({ status: 200, json: { username: 'second.name' } });
    expect(await api.count('accounts', "username = 'first.name'")).toBe(0);
  });

  it('repeats a call whose connection broke, with the Authorization that was used up, and is let in by a fresh challenge', async () => {
    const account = await api.given.newAccount();
    const path = '/api/accounts/me/phone/request';
    const body = JSON.stringify({ phone: '+33612345670' });
    const session = await DigestClient.start(api, account, { method: 'POST', path });
    const headers = {
      from: account.from,
      'content-type': 'application/json',
      authorization: session.authorize('POST', path),
    };
    const send = (): Promise<Answer> => api.send({ method: 'POST', path, headers, body });
    expect((await send()).status).toBe(200);
    const { code } = api.messages.last;
    const replayed = await send();
    expect(replayed).toMatchObject({ status: 401, json: { code: 'nonce_replayed' } });
    const again = await DigestClient.start(api, account, { method: 'POST', path });
    const answer = await api.send({
      method: 'POST',
      path,
      headers: { ...headers, authorization: again.authorize('POST', path) },
      body,
    });
    expect(answer.status).toBe(200);
    expect(api.messages.last.code).toBe(code);
  });
});
