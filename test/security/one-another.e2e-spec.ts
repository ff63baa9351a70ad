import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { confirmationPathOf, confirmEmail, requestEmail, WITHOUT_LIMITS } from '../support/mail-routes.js';
import { uniquePhone } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';

describe('One user cannot reach', () => {
  let api: Api;
  let alice: GivenAccount;
  let mallory: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: WITHOUT_LIMITS });
  });
  beforeEach(async () => {
    alice = await api.given.account({ email: 'alice@example.org' });
    mallory = await api.given.account({ email: 'mallory@example.org' });
  });
  afterAll(() => api.stop());

  it('another’s devices, by whatever name', async () => {
    const registration = { expiresAt: api.clock.in(3600), updatedAt: api.clock.now(), userAgent: 'a test' };
    api.registrar.register(alice, { ...registration, uniqueId: '"<urn:uuid:of-alice>"' });
    api.registrar.register(mallory, { ...registration, uniqueId: '"<urn:uuid:of-mallory>"' });
    expect(Object.keys((await api.withKey(mallory).get(`${ME}/devices`)).json)).toEqual(['urn:uuid:of-mallory']);
    for (const uuid of [
      'urn:uuid:of-alice',
      '%22%3Curn:uuid:of-alice%3E%22',
      `${alice.sip}%2Furn:uuid:of-alice`,
      '*',
      '%25',
      'urn:uuid:of-',
    ]) {
      for (const method of ['GET', 'DELETE']) {
        const answer = await api.withKey(mallory).send({ method, path: `${ME}/devices/${uuid}` });
        expect(refusal(answer)).toBe('404 device_not_found');
      }
    }
    expect(Object.keys((await api.withDigest(alice).get(`${ME}/devices`)).json)).toEqual(['urn:uuid:of-alice']);
    expect((await api.withKey(alice).delete(`${ME}/devices/urn:uuid:of-alice`)).status).toBe(200);
  });

  it('the code that was sent to another’s phone', async () => {
    const [phone, own] = [uniquePhone(api), uniquePhone(api)];
    await api.withKey(alice).post(`${ME}/phone/request`, { phone });
    const { code } = api.messages.last;
    const stolen = { code, id: alice.id, account_id: alice.id, phone, username: alice.username };
    expect(refusal(await api.withKey(mallory).post(`${ME}/phone`, stolen))).toBe('404 phone_code_not_requested');
    do await api.withKey(mallory).post(`${ME}/phone/request`, { phone: own });
    while (api.messages.last.code === code);
    expect(refusal(await api.withKey(mallory).post(`${ME}/phone`, stolen))).toBe('403 phone_code_wrong');
    expect(refusal(await api.anonymous().post(`/api/accounts/${alice.sip}/activate/phone`, { code }))).toBe(
      '404 activation_code_wrong',
    );
    expect((await api.withKey(alice).post(`${ME}/phone`, { code })).json).toMatchObject({ id: alice.id, phone });
    expect((await api.withKey(mallory).get(ME)).json).toMatchObject({ phone: null });
  });

  it('the activation code of another', async () => {
    const [one, other] = [
      await api.given.inactiveAccount(),
      await api.given.inactiveAccount({ confirmationKey: 'bZ3kP9sQ1xW7b' }),
    ];
    for (const path of [
      `/api/accounts/${other.sip}/activate/email?sip=${one.sip}`,
      `/api/accounts/${other.sip}/activate/email`,
    ]) {
      const answer = await api.anonymous().post(path, { code: 'aZ3kP9sQ1xW7b', sip: one.sip, username: one.username });
      expect(refusal(answer)).toBe('404 activation_code_wrong');
    }
    expect(
      await api.count('accounts', 'id IN (?, ?) AND activated = 0 AND confirmation_key IS NOT NULL', [
        one.id,
        other.id,
      ]),
    ).toBe(2);
  });

  it('the pending mail change of another, not even with the link’s secret', async () => {
    await requestEmail(api, alice, 'alice.new@example.org');
    const path = confirmationPathOf(api.mails.last);
    const secret = path.split('/').at(-1) ?? '';
    await requestEmail(api, mallory, 'mallory.new@example.org');
    for (const id of [mallory.id, `0${alice.id}`, `${alice.id}x`, `${alice.id}%20`, `+${alice.id}`]) {
      expect((await confirmEmail(api, `/account/email/${id}/${secret}`)).status).toBe(404);
    }
    for (const wrong of ['', secret.slice(1), secret.toUpperCase(), `${secret}x`, `${secret}%00`]) {
      expect((await confirmEmail(api, `/account/email/${alice.id}/${wrong}`)).status).toBe(404);
    }
    expect((await api.withKey(alice).get(ME)).json).toMatchObject({
      email: 'alice@example.org',
      email_changed: { new_email: 'alice.new@example.org' },
    });
    expect((await confirmEmail(api, path)).status).toBe(200);
    expect((await api.withKey(mallory).get(ME)).json).toMatchObject({ email: 'mallory@example.org' });
  });

  it('another’s password, address or account through members that name them', async () => {
    const named = {
      id: alice.id,
      account_id: alice.id,
      username: alice.username,
      sip: alice.sip,
      from: alice.from,
      account: { id: alice.id },
    };
    const change = { algorithm: 'SHA-256', password: 'words of mallory', old_password: mallory.password };
    expect((await api.withDigest(mallory).post(`${ME}/password?id=${alice.id}`, { ...change, ...named })).status).toBe(
      200,
    );
    expect(
      (await api.withKey(mallory).post(`${ME}/email/request?id=${alice.id}`, { ...named, email: 'm@example.org' }))
        .status,
    ).toBe(200);
    const request = {
      method: 'DELETE',
      path: `${ME}?id=${alice.id}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(named),
    };
    expect((await api.withKey(mallory).send(request)).status).toBe(200);
    expect((await api.withDigest(alice).get(ME)).json).toMatchObject({
      id: alice.id,
      email: 'alice@example.org',
      email_changed: null,
    });
    expect(await api.count('accounts', 'id = ?', [mallory.id])).toBe(0);
  });
});
