import { OutboundCallFailed } from '../../src/outbound/outbound-call-failed.js';
import { Transactions } from '../../src/database/transactions.js';
import { AccountEvents } from '../../src/events/account-events.service.js';
import { Api } from '../support/api.js';
import { eventsOf } from '../support/events.js';
import { ME } from '../support/http.js';
import { requestEmail, signUp } from '../support/mail-routes.js';
import {
  BEHIND_PROXY,
  postExpectingFault,
  range,
  registrationBody,
  stranger,
  uniquePhone,
} from '../support/public-routes.js';
import { whileRefusing } from '../support/refused-writes.js';

describe('Nothing is reported that did not happen:', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
  });
  afterAll(() => api.stop());

  it('what is refused', async () => {
    const [alice, admin, late] = [
      await api.given.account({ email: 'alice@example.org' }),
      await api.given.admin(),
      await api.given.inactiveAccount({ confirmationKey: 'LateCode12345', confirmationExpiresIn: -60 }),
    ];
    const body = await registrationBody(api);
    const taken = { username: alice.username, password: 'some words', algorithm: 'MD5' };
    const calls: [status: number, call: () => Promise<{ status: number }>][] = [
      [422, () => stranger(api).post('/api/accounts/with-token', { ...body, token: 'NoSuchToken12' })],
      [422, () => stranger(api).post('/api/accounts/with-token', { ...body, username: alice.username })],
      [422, () => api.withKey(admin).post('/api/accounts', taken)],
      [403, () => api.withKey(alice).post('/api/accounts', { ...taken, username: 'somebody.else' })],
      [404, () => stranger(api).post(`/api/accounts/${late.sip}/activate/email`, { code: 'WrongCode1234' })],
      [403, () => stranger(api).post(`/api/accounts/${late.sip}/activate/email`, { code: 'LateCode12345' })],
      [
        422,
        () =>
          api
            .withKey(alice)
            .post(`${ME}/password`, { algorithm: 'MD5', password: 'new words', old_password: 'wrong words' }),
      ],
      [422, () => requestEmail(api, alice, 'alice@example.org')],
      [404, () => api.withKey(alice).post(`${ME}/phone`, { code: '1234' })],
      [404, () => api.withKey(alice).delete(`${ME}/devices/urn:uuid:none`)],
      [404, () => api.withKey(admin).delete('/api/accounts/99999')],
      [404, () => api.withKey(admin).post('/api/accounts/99999/activate')],
    ];
    for (const [status, call] of calls) {
      const events = await eventsOf(api, async () => expect((await call()).status).toBe(status));
      expect(events).toEqual([]);
    }
  });

  it('what was taken back, or never done, as its message was not delivered', async () => {
    const alice = await api.given.account();
    const senders = [api.mails, api.messages];
    for (const sender of senders) sender.fail();
    const byPhone = await registrationBody(api, { phone: uniquePhone(api) });
    const events = await eventsOf(api, async () => {
      expect((await signUp(api)).answer.status).toBe(503);
      expect((await stranger(api).post('/api/accounts/with-token', byPhone)).status).toBe(503);
      expect((await requestEmail(api, alice, 'new@example.org')).status).toBe(503);
      expect((await api.withKey(alice).post(`${ME}/phone/request`, { phone: uniquePhone(api) })).status).toBe(503);
    });
    for (const sender of senders) sender.recover();
    expect(events).toEqual([]);
  });

  it('an account whose message arrived, but seemed not to be delivered: there is none that its code could activate', async () => {
    const send = api.mails.send.bind(api.mails);
    api.mails.send = async (mail) => {
      const code = mail.kind === 'activation' ? mail.code : '';
      expect(
        (await stranger(api).post(`/api/accounts/${mail.account.replace('sip:', '')}/activate/email`, { code })).status,
      ).toBe(404);
      throw new OutboundCallFailed('the fake', 'was late');
    };
    const events = await eventsOf(api, async () => expect((await signUp(api)).answer.status).toBe(503));
    api.mails.send = send;
    expect(events).toEqual([]);
  });

  it('what the database took back', async () => {
    const waiting = await api.given.inactiveAccount({ confirmationKey: 'RightCode1234' });
    const path = `/api/accounts/${waiting.sip}/activate/email`;
    await api.sql('INSERT INTO activation_expirations (account_id, expires) VALUES (?, ?)', [
      waiting.id,
      api.given.moment(600),
    ]);
    // The last statement of the transaction: the account was activated before it.
    const events = await eventsOf(api, () =>
      whileRefusing(api, 'DELETE', 'activation_expirations', () =>
        postExpectingFault(api, path, { code: 'RightCode1234' }),
      ),
    );
    expect(events).toEqual([]);
    expect(await eventsOf(api, () => stranger(api).post(path, { code: 'RightCode1234' }))).toMatchObject([
      { event: 'account.activated' },
    ]);
  });

  it('and once what was begun anew, with what the last attempt says', async () => {
    const alice = await api.given.account();
    let attempts = 0;
    const work = async () => {
      attempts += 1;
      api.app.get(AccountEvents).report('device.removed', alice, { device: `attempt ${attempts}` });
      if (attempts < 3) throw Object.assign(new Error('a deadlock'), { code: 'ER_LOCK_DEADLOCK' });
    };
    const events = await eventsOf(api, () => api.app.get(Transactions).run(work));
    expect(events).toMatchObject([{ device: 'attempt 3', by: { means: 'service' } }]);
  });

  it('and what happened, once, whoever races for it', async () => {
    const body = await registrationBody(api);
    const admin = await api.given.admin();
    const created = await eventsOf(api, () =>
      Promise.all(range(10).map(() => stranger(api).post('/api/accounts/with-token', body))),
    );
    expect(created.map(({ event }) => event)).toEqual(['account.created']);
    const path = `/api/accounts/${created[0]?.about?.id}`;
    const deleted = await eventsOf(api, () => Promise.all(range(10).map(() => api.withKey(admin).delete(path))));
    expect(deleted.map(({ event }) => event)).toEqual(['account.deleted']);
  });
});
