import { Api } from '../support/api.js';
import { DigestClient } from '../support/digest-client.js';
import { ME } from '../support/http.js';
import { confirmationPathOf, confirmEmail, requestEmail, setFirstPassword, signUp } from '../support/mail-routes.js';
import { BEHIND_PROXY, postExpectingFault, registrationBody, stranger, uniquePhone } from '../support/public-routes.js';
import { whileRefusing } from '../support/refused-writes.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';
import { Harvest } from './harvest.js';
import { whileLocked } from './locked-database.js';

describe('Nobody reads a secret in the log or in a refusal', () => {
  let database: TestDatabase;
  let api: Api;
  let harvest: Harvest;

  beforeAll(async () => {
    database = await createDatabase();
    api = await Api.start({ database, environment: BEHIND_PROXY });
    harvest = new Harvest(api);
  });
  afterEach(() => api.registrar.comeBack());
  afterEach(() => harvest.check());
  afterAll(async () => {
    await api.stop();
    await database.remove();
  });

  const linkPath = () => {
    const mail = api.mails.delivered.findLast(({ kind }) => kind === 'email-confirmation');
    return mail ? confirmationPathOf(mail) : '';
  };
  const mailedCode = () => {
    const { last } = api.mails;
    return last.kind === 'activation' ? last.code : '';
  };
  const statusesOf = async (...calls: (() => Promise<{ status: number }>)[]) => {
    const statuses: number[] = [];
    for (const call of calls) statuses.push((await call()).status);
    return statuses;
  };
  const activate = (how: 'email' | 'phone', sip: string, code: unknown) =>
    stranger(api).post(`/api/accounts/${sip}/activate/${how}`, { code });

  it('while tokens are drawn and redeemed', async () => {
    const device = { pn_provider: 'fcm', pn_param: 'project', pn_prid: 'device' };
    const draw = (body: unknown) => () => stranger(api).post('/api/tokens', body);
    expect(await statusesOf(draw(device), draw(device), draw({ ...device, pn_prid: '-' }), draw({}))).toEqual([
      200, 403, 422, 422,
    ]);
    const { token } = api.pushes.last;
    const body = { ...(await registrationBody(api)), token };
    const redeem = (changes: object) => () => stranger(api).post('/api/accounts/with-token', { ...body, ...changes });
    expect(
      await statusesOf(
        redeem({ token: 'WrongToken123' }),
        redeem({ token: token.toLowerCase() }),
        redeem({ password: 'short' }),
        redeem({ password: 'L0ngPassw0rd'.repeat(30) }),
        redeem({ algorithm: 'SHA-512', password: 'Password of no algorithm' }),
        redeem({ email: 'not an address', password: 'Password of no address' }),
        redeem({}),
        redeem({ username: 'somebodyelse' }),
      ),
    ).toEqual([422, 422, 422, 422, 422, 422, 200, 422]);
  });

  it('while accounts are activated', async () => {
    const { body } = await signUp(api);
    const sip = `${body.username}@sip.example.org`;
    const code = mailedCode();
    expect(
      await statusesOf(
        () => activate('email', sip, 'WrongCode1234'),
        () => activate('email', 'nobody@sip.example.org', 'WrongCode5678'),
        () => activate('email', sip, 'WrongShapeOfCode'),
        () => activate('email', sip, code),
        () => activate('email', sip, code),
      ),
    ).toEqual([404, 404, 422, 200, 404]);
    const byPhone = await registrationBody(api, { phone: uniquePhone(api) });
    await stranger(api).post('/api/accounts/with-token', byPhone);
    expect((await activate('phone', `${byPhone.username}@sip.example.org`, api.messages.last.code)).status).toBe(200);
    const late = await api.given.inactiveAccount({ confirmationKey: 'LateCode12345', confirmationExpiresIn: -60 });
    expect((await activate('email', late.sip, 'LateCode12345')).status).toBe(403);
  });

  it('while callers sign in, or try to', async () => {
    const alice = await api.given.account({ stored: ['MD5', 'SHA-256'], password: 'Words of Alice' });
    const clear = await api.given.account({ stored: ['CLRTXT'], password: 'Clear words', key: false });
    const byKey = (key: string) => () => api.send({ path: ME, headers: { from: alice.from, 'x-api-key': key } });
    expect(await statusesOf(byKey(alice.apiKey ?? ''), byKey('WrongKeyOfAlice'), byKey(''))).toEqual([200, 401, 401]);
    expect((await api.withDigest(clear, 'MD5').get(ME)).status).toBe(200);
    expect((await api.withDigest(alice, 'SHA-256', 'Wrong words').get(ME)).status).toBe(401);

    const authorization = (await DigestClient.start(api, alice, { algorithm: 'MD5' })).authorize();
    const call = (value: string) => () => api.send({ path: ME, headers: { from: alice.from, authorization: value } });
    const basic = Buffer.from(`${alice.username}:Words in Basic`).toString('base64');
    harvest.add(basic, 'Words in Basic', 'WordsInFrom');
    expect(
      await statusesOf(
        call(authorization),
        call(authorization),
        call(authorization.replace('nonce="', 'nonce="00')),
        call(authorization.replace('uri="', 'uri="/other')),
        call(authorization.slice(0, -9)),
        call(`Basic ${basic}`),
        call(`Bearer ${basic}`),
        () => api.send({ path: ME, headers: { from: 'sip:alice:WordsInFrom@sip.example.org' } }),
        () => api.send({ path: ME, headers: { from: 'sip:alice WordsInFrom@sip.example.org', authorization } }),
      ),
    ).toEqual([200, 401, 401, 401, 401, 401, 401, 404, 422]);
  });

  it('while a password is changed', async () => {
    const alice = await api.given.account({ password: 'The old words', email: 'alice@example.org' });
    const change = (body: object) => () =>
      api.withKey(alice).post(`${ME}/password`, { algorithm: 'MD5', password: 'The new words', ...body });
    expect(
      await statusesOf(
        change({}),
        change({ old_password: 'The wrong words' }),
        change({ old_password: ['The old words'] }),
        change({ old_password: 'The old words', algorithm: 'md5' }),
        change({ old_password: 'The old words' }),
      ),
    ).toEqual([422, 422, 422, 422, 200]);
    const withoutPassword = await api.given.account({ stored: [], email: 'first@example.org' });
    harvest.add('a first password');
    expect((await setFirstPassword(api, withoutPassword)).status).toBe(200);
  });

  it('while an e-mail address and a phone number are changed', async () => {
    const alice = await api.given.account({ email: 'old@example.org' });
    expect((await requestEmail(api, alice, 'new@example.org')).status).toBe(200);
    const path = linkPath();
    const wrong = `${path.slice(0, -32)}${'WrongSecretOfALink'.padEnd(32, 'x')}`;
    harvest.add(wrong.split('/').at(-1));
    expect(
      await statusesOf(
        () => api.anonymous().get(path),
        () => api.anonymous().get(wrong),
        () => confirmEmail(api, wrong),
        () => confirmEmail(api, path),
        () => confirmEmail(api, path),
        () => api.anonymous().send({ method: 'PUT', path }),
        () => api.anonymous().get(`${path}/more`),
      ),
    ).toEqual([200, 404, 404, 200, 404, 405, 404]);

    const phone = uniquePhone(api);
    const ask = async () => {
      await api.withKey(alice).post(`${ME}/phone/request`, { phone });
      return api.messages.last.code;
    };
    const confirm = (code: unknown) => () => api.withKey(alice).post(`${ME}/phone`, { code });
    const first = await ask();
    const otherCode = first === '4711' ? '4712' : '4711';
    const wrong3 = [1, 2, 3].map(() => confirm(otherCode));
    expect(await statusesOf(confirm('47111'), ...wrong3, confirm(first))).toEqual([422, 403, 403, 403, 404]);
    expect(await statusesOf(confirm(await ask()))).toEqual([200]);
  });

  it('while devices are listed and removed', async () => {
    const alice = await api.given.account();
    const registration = { expiresAt: api.clock.in(3600), updatedAt: api.clock.now(), userAgent: 'a test' };
    api.registrar.register(alice, { ...registration, uniqueId: '"<urn:uuid:one>"' });
    const client = api.withKey(alice);
    const calls = [() => client.get(`${ME}/devices`), () => client.delete(`${ME}/devices/urn:uuid:one`)];
    expect(await statusesOf(...calls, calls[1] ?? client.get)).toEqual([200, 200, 404]);
    api.registrar.goDown();
    expect(await statusesOf(...calls, () => client.delete(ME))).toEqual([503, 503, 200]);
  });

  it('while an administrator is at work, or somebody who is none', async () => {
    const [admin, user] = [await api.given.admin(), await api.given.account()];
    const body = { username: 'made.by.admin', password: 'Words from an admin', algorithm: 'SHA-256' };
    const created = await api.withKey(admin).post('/api/accounts', body);
    const path = `/api/accounts/${created.json.id}`;
    expect(created.json.confirmation_key).toMatch(/^[A-Za-z0-9]{13}$/);
    const [byAdmin, byDigest, byUser] = [api.withKey(admin), api.withDigest(admin), api.withKey(user)];
    expect(
      await statusesOf(
        () => byAdmin.post('/api/accounts', body),
        () => byUser.post('/api/accounts', { ...body, username: 'made.by.user', password: 'Words from a user' }),
        () => byDigest.get(path),
        () => byUser.get(path),
        () => byAdmin.get('/api/accounts'),
        () => byAdmin.get('/api/accounts?page=0'),
        () => byDigest.post(`${path}/deactivate`),
        () => byAdmin.post(`${path}/activate`),
        () => byAdmin.delete(path),
        () => byAdmin.get(path),
      ),
    ).toEqual([422, 403, 200, 403, 200, 422, 200, 200, 200, 404]);
  });

  it('that comes where none belongs', async () => {
    const alice = await api.given.account();
    const secret = 'SecretInAnOddPlace';
    harvest.add(secret);
    const post = (body: string, type = 'application/json') => ({
      method: 'POST',
      path: `${ME}/password`,
      headers: { 'content-type': type },
      body,
    });
    const send = (request: ReturnType<typeof post>) => () => api.withKey(alice).send(request);
    expect(
      await statusesOf(
        send(post(`{"algorithm": "MD5", "password": "${secret}`)),
        send(post(`["${secret}"]`)),
        send(post(`"${secret}"`)),
        send(post(`password=${secret}`, 'application/x-www-form-urlencoded')),
        send(post(JSON.stringify({ password: secret.padEnd(70_000, '.') }))),
        send(post(JSON.stringify({ algorithm: secret, password: { [secret]: secret }, [secret]: secret }))),
        () => api.anonymous().get(`/api/${secret}`),
        () => api.anonymous().get(`/api/accounts/${secret}@sip.example.org/info?token=${secret}`),
        () => api.anonymous().get(`/${secret}/%zz`),
        () => api.withKey(alice).get(`${ME}/devices/${secret}`),
        () =>
          api
            .anonymous()
            .send({ method: 'DELETE', path: `/api/tokens?token=${secret}`, headers: { cookie: `session=${secret}` } }),
      ),
    ).toEqual([400, 400, 400, 415, 413, 422, 404, 404, 404, 404, 405]);
  });

  describe('while messages are not delivered because an external service', () => {
    const senders = () => [api.pushes, api.mails, api.messages];
    afterEach(() => senders().forEach((sender) => sender.recover()));

    it.each(['fail', 'break'] as const)('%ss', async (how) => {
      const alice = await api.given.account({ password: 'Words in the dark' });
      for (const sender of senders()) sender[how]();
      const device = { pn_provider: 'fcm', pn_param: 'project', pn_prid: api.given.unique('device') };
      const byPhone = await registrationBody(api, { phone: uniquePhone(api) });
      const statuses = await statusesOf(
        () => stranger(api).post('/api/tokens', device),
        async () => (await signUp(api)).answer,
        () => stranger(api).post('/api/accounts/with-token', byPhone),
        () => requestEmail(api, alice, 'undelivered@example.org'),
        () => api.withKey(alice).post(`${ME}/phone/request`, { phone: uniquePhone(api) }),
      );
      expect(statuses).toEqual([503, 503, 503, 503, 503]);
    });
  });

  it('while the database refuses to write', async () => {
    const body = await registrationBody(api, { password: 'Words of a failed statement', email: 'failed@example.org' });
    harvest.addMembers(body);
    const answer = await whileRefusing(api, 'INSERT', 'passwords', () =>
      postExpectingFault(api, '/api/accounts/with-token', body),
    );
    expect(answer.status).toBe(500);
    harvest.note(answer);
    const alice = await api.given.inactiveAccount({ confirmationKey: 'CodeOfAFailed' });
    harvest.add('CodeOfAFailed');
    const activation = await whileRefusing(api, 'UPDATE', 'accounts', () =>
      postExpectingFault(api, `/api/accounts/${alice.sip}/activate/email`, { code: 'CodeOfAFailed' }),
    );
    expect(activation.status).toBe(500);
    harvest.note(activation);
    expect(api.log.join('\n')).toContain('refused by the test');
  });

  it('while the database does not answer in time', async () => {
    const body = await registrationBody(api, { password: 'Words of a late statement' });
    const answer = await whileLocked(database, 'tokens', () => stranger(api).post('/api/accounts/with-token', body));
    expect(answer).toMatchObject({ status: 503, json: { code: 'database_unavailable' } });
  });

  it('and there was something to read: the log of all this, and the secrets', () => {
    expect(api.log.length).toBeGreaterThan(100);
    expect(harvest.secrets.size).toBeGreaterThan(80);
    expect([...harvest.secrets]).toEqual(
      expect.arrayContaining(['The new words', 'Clear words', 'WrongKeyOfAlice', 'WrongCode1234']),
    );
  });
});
