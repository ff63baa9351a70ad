import { Api } from '../support/api.js';
import { eventsOf, named } from '../support/events.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { confirmationPathOf, confirmEmail, requestEmail, setFirstPassword, signUp } from '../support/mail-routes.js';
import { BEHIND_PROXY, registrationBody, stranger, uniquePhone } from '../support/public-routes.js';

const ip = '127.0.0.1';

describe('A change of an account is reported once, with who did it and how:', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  const strangersAddress = expect.stringMatching(/^10\./) as string;
  const byKey = (account: GivenAccount) => ({ ...named(account), means: 'api-key', ip });

  it('created by a token, activated by a code', async () => {
    const created = await eventsOf(api, () => signUp(api));
    expect(created).toEqual([
      expect.objectContaining({
        event: 'account.created',
        by: { means: 'token', ip: strangersAddress },
        requestId: expect.any(String) as string,
      }),
    ]);
    expect(created[0]).not.toHaveProperty('accountId');
    const about = created[0]?.about ?? { id: 0, sip: '' };
    const { last } = api.mails;
    const code = last.kind === 'activation' ? last.code : '';
    expect(`sip:${about.sip}`).toBe(last.account);
    expect(
      await eventsOf(api, () => stranger(api).post(`/api/accounts/${about.sip}/activate/email`, { code })),
    ).toMatchObject([{ event: 'account.activated', about, by: { means: 'code', ip: strangersAddress } }]);
  });

  it('activated by a code that proves a phone number too', async () => {
    const body = await registrationBody(api, { phone: uniquePhone(api) });
    await stranger(api).post('/api/accounts/with-token', body);
    const { code } = api.messages.last;
    const sip = `${body.username}@sip.example.org`;
    const events = await eventsOf(api, () => stranger(api).post(`/api/accounts/${sip}/activate/phone`, { code }));
    expect(events.map(({ event, about, by }) => [event, about?.sip, by.means])).toEqual([
      ['account.activated', sip, 'code'],
      ['phone.changed', sip, 'code'],
    ]);
  });

  it('created, activated, deactivated and deleted by an administrator', async () => {
    const body = { username: 'made.by.admin', password: 'some words', algorithm: 'SHA-256', admin: true };
    const created = await eventsOf(api, () => api.withKey(admin).post('/api/accounts', body));
    const about = { id: created[0]?.about?.id ?? 0, sip: 'made.by.admin@sip.example.org' };
    const expected = (event: string) =>
      expect.objectContaining({ event, about, by: byKey(admin), accountId: admin.id }) as unknown;
    expect(created).toEqual([expected('account.created'), expected('administrator.granted')]);
    const path = `/api/accounts/${about.id}`;
    expect(await eventsOf(api, () => api.withKey(admin).post(`${path}/activate`))).toEqual([
      expected('account.activated'),
    ]);
    expect(await eventsOf(api, () => api.withKey(admin).get(`${path}/deactivate`))).toEqual([
      expected('account.deactivated'),
    ]);
    expect(await eventsOf(api, () => api.withKey(admin).delete(path))).toEqual([expected('account.deleted')]);
  });

  it('a code that is ended by an administrator, but nothing where nothing changes', async () => {
    const [waiting, active] = [await api.given.inactiveAccount(), await api.given.account()];
    const ended = await eventsOf(api, () => api.withKey(admin).post(`/api/accounts/${waiting.id}/deactivate`));
    expect(ended).toMatchObject([{ event: 'account.deactivated', about: named(waiting) }]);
    expect(await eventsOf(api, () => api.withKey(admin).post(`/api/accounts/${waiting.id}/deactivate`))).toEqual([]);
    expect(await eventsOf(api, () => api.withKey(admin).post(`/api/accounts/${active.id}/activate`))).toEqual([]);
  });

  it('a password, by Digest; a first password, by key', async () => {
    const alice = await api.given.account();
    const change = { algorithm: 'MD5', password: 'new words', old_password: alice.password };
    expect(await eventsOf(api, () => api.withDigest(alice).post(`${ME}/password`, change))).toEqual([
      expect.objectContaining({
        event: 'password.changed',
        about: named(alice),
        by: { ...named(alice), means: 'digest', ip },
      }),
    ]);
    const bob = await api.given.account({ stored: [], email: 'bob@example.org' });
    expect(await eventsOf(api, () => setFirstPassword(api, bob))).toMatchObject([
      { event: 'password.changed', by: byKey(bob) },
    ]);
  });

  it('an e-mail address, asked for by its account and changed by whoever has the link', async () => {
    const alice = await api.given.account();
    expect(await eventsOf(api, () => requestEmail(api, alice, 'new@example.org'))).toMatchObject([
      { event: 'email.requested', about: named(alice), by: byKey(alice) },
    ]);
    const path = confirmationPathOf(api.mails.last);
    expect(await eventsOf(api, () => api.anonymous().get(path))).toEqual([]);
    expect(await eventsOf(api, () => confirmEmail(api, path))).toEqual([
      expect.objectContaining({ event: 'email.changed', about: named(alice), by: { means: 'link', ip } }),
    ]);
    expect(await eventsOf(api, () => confirmEmail(api, path))).toEqual([]);
  });

  it('a phone number, asked for and confirmed', async () => {
    const alice = await api.given.account();
    const asked = await eventsOf(api, () =>
      api.withKey(alice).post(`${ME}/phone/request`, { phone: uniquePhone(api) }),
    );
    expect(asked).toMatchObject([{ event: 'phone.requested', about: named(alice), by: byKey(alice) }]);
    const { code } = api.messages.last;
    expect(await eventsOf(api, () => api.withKey(alice).post(`${ME}/phone`, { code }))).toMatchObject([
      { event: 'phone.changed', about: named(alice), by: byKey(alice) },
    ]);
  });

  it('a device, and the account by itself', async () => {
    const alice = await api.given.account();
    const registration = { expiresAt: api.clock.in(3600), updatedAt: api.clock.now(), userAgent: 'a test' };
    api.registrar.register(alice, { ...registration, uniqueId: '"<urn:uuid:one>"' });
    expect(await eventsOf(api, () => api.withKey(alice).delete(`${ME}/devices/urn:uuid:one`))).toMatchObject([
      { event: 'device.removed', device: 'urn:uuid:one', about: named(alice), by: byKey(alice) },
    ]);
    expect(await eventsOf(api, () => api.withKey(alice).delete(ME))).toMatchObject([
      { event: 'account.deleted', about: named(alice), by: byKey(alice) },
    ]);
  });
});
