import { OutboundCallFailed } from '../../src/outbound/outbound-call-failed.js';
import { Claims } from '../../src/deliveries/claims.service.js';
import { Api } from '../support/api.js';
import type { FakeSender } from '../support/fakes.js';
import { REFUSED_BY_TEST, whileRefusing } from '../support/refused-writes.js';
import {
  BEHIND_PROXY,
  NOTHING_LEFT,
  registrationBody,
  stranger,
  tracesOf,
  uniquePhone,
} from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

const WITH_TOKEN = '/api/accounts/with-token';
const EVERYTHING = { accounts: 1, orphans: 0, spentTokens: 1, tokens: 1 };

describe('While a message is under way', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
  });
  afterAll(() => api.stop());

  const create = (body: unknown) => stranger(api).post(WITH_TOKEN, body);
  const device = () => ({ pn_provider: 'fcm', pn_param: 'project', pn_prid: api.given.unique('device') });
  const ask = (body: unknown) => stranger(api).post('/api/tokens', body);
  const tokensOf = ({ pn_prid }: { pn_prid: string }) =>
    api.sql('SELECT used FROM tokens WHERE pn_prid = ?', [pn_prid]);
  const claims = () => api.count('delivery_claims');
  /** Moves the clock until the current reservations have expired. */
  const outliveClaims = () => api.clock.advance(api.app.get(Claims).lifetime + 1);

  /** Holds the next message, like an external service that hangs. */
  const holdNext = <Message>(sender: FakeSender<Message>) => {
    let deliver = () => {};
    let fail = () => {};
    const gate = new Promise<void>((resolve, reject) => {
      deliver = resolve;
      fail = () => reject(new OutboundCallFailed('the fake', 'did not answer in time'));
    });
    const sent = new Promise<Message>((resolve) => {
      const original = sender.send;
      sender.send = (message) => {
        sender.send = original;
        resolve(message);
        return gate;
      };
    });
    return { sent, deliver, fail };
  };

  describe('a token', () => {
    it.each([
      { end: 'deliver', outcomes: { '200': 1, '403 token_already_sent': 1 } },
      { end: 'fail', outcomes: { '503 push_not_delivered': 1, '200': 1 } },
    ] as const)('lets a second push wait for what comes of the first: $end', async ({ end, outcomes }) => {
      const body = device();
      const push = holdNext(api.pushes);
      const first = ask(body);
      await push.sent;
      const second = ask(body);
      push[end]();
      expect(tally(await Promise.all([first, second]))).toEqual(outcomes);
      expect(await tokensOf(body)).toEqual([{ used: 0 }]);
    });

    it('is kept from a second push, and free again by itself', async () => {
      const body = device();
      const push = holdNext(api.pushes);
      const first = ask(body);
      await push.sent;
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(await tokensOf(body)).toEqual([]);
      outliveClaims();
      expect((await ask(body)).status).toBe(200);
      // The first call hung for so long that its reservation is no longer its own.
      push.deliver();
      expect(refusal(await first)).toBe('503 push_not_delivered');
      expect(await tokensOf(body)).toEqual([{ used: 0 }]);
    });

    it('costs the device none of its four if it never ends', async () => {
      const body = device();
      const push = holdNext(api.pushes);
      const first = ask(body);
      await push.sent;
      outliveClaims();
      for (const _ of [1, 2, 3, 4]) {
        expect((await ask(body)).status).toBe(200);
        await api.sql('UPDATE tokens SET used = 1');
      }
      expect(refusal(await ask(body))).toBe('403 token_limit_reached');
      push.deliver();
      expect((await first).status).toBe(503);
    });

    it.each([
      { end: 'deliver', answer: 200 },
      { end: 'fail', answer: 503 },
    ] as const)('can be redeemed once before the push is over, which is then told to $end', async ({ end, answer }) => {
      const body = device();
      const push = holdNext(api.pushes);
      const first = ask(body);
      const { token } = await push.sent;
      const [one, other] = [await registrationBody(api, { token }), await registrationBody(api, { token })];
      expect((await create(one)).status).toBe(200);
      expect(refusal(await create(other))).toBe('422 token_invalid token');
      push[end]();
      expect((await first).status).toBe(answer);
      expect(await tokensOf(body)).toEqual([{ used: 1 }]);
      expect(await tracesOf(api, one)).toEqual(EVERYTHING);
    });

    it('cannot be redeemed in another case, nor once what was reserved is over', async () => {
      const push = holdNext(api.pushes);
      const first = ask(device());
      const { token } = await push.sent;
      const otherCase = token.replace(/[a-z]/gi, (letter) =>
        letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
      );
      expect(refusal(await create(await registrationBody(api, { token: otherCase })))).toBe('422 token_invalid token');
      outliveClaims();
      expect(refusal(await create(await registrationBody(api, { token })))).toBe('422 token_invalid token');
      push.deliver();
      await first;
    });
  });

  describe.each([
    {
      what: 'mail',
      sender: () => api.mails,
      contact: () => ({ email: 'john@example.org' }),
      code: '503 mail_not_delivered',
    },
    {
      what: 'SMS',
      sender: () => api.messages,
      contact: () => ({ phone: uniquePhone(api) }),
      code: '503 sms_not_delivered',
    },
  ])('an activation code by $what', ({ sender, contact, code }) => {
    it('keeps its token and its username from others, with no account that anybody sees, and both are free again by themselves', async () => {
      const body = await registrationBody(api, contact());
      const message = holdNext<unknown>(sender());
      const first = create(body);
      await message.sent;
      expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
      expect((await stranger(api).get(`/api/accounts/${body.username}@sip.example.org/info`)).status).toBe(404);
      const another = await registrationBody(api, { ...contact(), username: body.username });
      const others = [create({ ...body, username: api.given.unique('other') }), create(another)];
      expect((await Promise.all(others)).map(refusal)).toEqual([code, code]);
      expect(await tracesOf(api, another)).toEqual(NOTHING_LEFT);

      outliveClaims();
      expect((await create(body)).status).toBe(200);
      message.deliver();
      expect(refusal(await first)).toBe(code);
      expect(await tracesOf(api, body)).toEqual(EVERYTHING);
    });

    it('lets calls with its token or its username wait for what comes of it', async () => {
      const body = await registrationBody(api, contact());
      const another = await registrationBody(api, { ...contact(), username: body.username });
      const message = holdNext<unknown>(sender());
      const first = create(body);
      await message.sent;
      const others = [create({ ...body, username: api.given.unique('other') }), create(another)];
      message.deliver();
      expect((await first).status).toBe(200);
      expect((await Promise.all(others)).map(refusal)).toEqual([
        '422 token_invalid token',
        '422 username_taken username',
      ]);
      expect(await tracesOf(api, another)).toEqual({ ...NOTHING_LEFT, accounts: 1 });
    });

    it('is not sent for what could not be stored', async () => {
      const { username } = await api.given.account();
      const attempts = sender().attempts;
      const body = await registrationBody(api, { ...contact(), username });
      expect(refusal(await create(body))).toBe('422 username_taken username');
      const owner = await api.given.account({ phone: uniquePhone(api) });
      const [{ phone }] = await api.sql('SELECT phone FROM accounts WHERE id = ?', [owner.id]);
      expect(refusal(await create({ ...body, username: phone }))).toBe('422 username_taken username');
      expect(sender().attempts).toBe(attempts);
      expect((await create({ ...body, username: api.given.unique('free') })).status).toBe(200);
    });

    it('loses its username to an administrator, whose call does not wait', async () => {
      const admin = api.withKey(await api.given.admin());
      const body = await registrationBody(api, contact());
      const message = holdNext<unknown>(sender());
      const first = create(body);
      await message.sent;
      const { username, password, algorithm } = body;
      expect((await admin.post('/api/accounts', { username, password, algorithm })).status).toBe(200);
      message.deliver();
      expect(refusal(await first)).toBe('422 username_taken username');
      expect(await tracesOf(api, body)).toEqual({ ...EVERYTHING, spentTokens: 0 });
    });
  });

  it('leaves nothing reserved once it is over, whatever came of it', async () => {
    api.clock.advance(3_600);
    await api.app.get(Claims).purge();
    const alice = api.withKey(await api.given.account());
    for (const fails of [false, true]) {
      for (const sender of [api.pushes, api.mails, api.messages]) {
        if (fails) sender.fail();
        else sender.recover();
      }
      const status = fails ? 503 : 200;
      expect((await ask(device())).status).toBe(status);
      expect((await create(await registrationBody(api, { email: 'john@example.org' }))).status).toBe(status);
      expect((await create(await registrationBody(api, { phone: uniquePhone(api) }))).status).toBe(status);
      expect((await alice.post('/api/accounts/me/email/request', { email: 'new@example.org' })).status).toBe(status);
      expect((await alice.post('/api/accounts/me/phone/request', { phone: uniquePhone(api) })).status).toBe(status);
      expect(await claims()).toBe(0);
    }
    for (const sender of [api.pushes, api.mails, api.messages]) sender.recover();
  });

  it('leaves what is reserved to be removed, if its process never ends it', async () => {
    const push = holdNext(api.pushes);
    const first = ask(device());
    await push.sent;
    const purge = async () => {
      await api.app.get(Claims).purge();
      return claims();
    };
    expect(await purge()).toBe(2);
    outliveClaims();
    expect(await purge()).toBe(0);
    push.deliver();
    expect((await first).status).toBe(503);
  });

  it('is removed all at once, where processes never ended it', async () => {
    const { length } = await Promise.all(
      ['a', 'b', 'c'].map((subject) =>
        api.sql("INSERT INTO delivery_claims (subject, holder, expires) VALUES (?, 'dead', '2020-01-01 00:00:00')", [
          subject,
        ]),
      ),
    );
    const purge = () => api.app.get(Claims).purge();
    await whileRefusing(
      api,
      'DELETE',
      'delivery_claims',
      () => expect(purge()).rejects.toThrow(REFUSED_BY_TEST),
      "OLD.subject = 'b'",
    );
    expect(await claims()).toBe(length);
    expect(await purge()).toBe(length);
    expect(await claims()).toBe(0);
  });
});
