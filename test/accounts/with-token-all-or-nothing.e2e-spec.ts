import { OutboundCallFailed } from '../../src/outbound/outbound-call-failed.js';
import { Api } from '../support/api.js';
import { openConnections } from '../support/connections.js';
import {
  BEHIND_PROXY,
  NOTHING_LEFT,
  postExpectingFault,
  range,
  registrationBody,
  stranger,
  tracesOf,
  uniquePhone,
} from '../support/public-routes.js';
import { REFUSED_BY_TEST, whileRefusing } from '../support/refused-writes.js';
import { refusal, tally } from '../support/refusal.js';

const PATH = '/api/accounts/with-token';
const EVERYTHING = { accounts: 1, orphans: 0, spentTokens: 1, tokens: 1 };

describe('POST /accounts/with-token, all or nothing', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
  });
  beforeEach(() => {
    for (const sender of [api.mails, api.messages]) {
      sender.recover();
      Object.assign(sender, { attempts: 0, delivered: [] });
    }
  });
  afterAll(() => api.stop());

  const create = (body: unknown) => stranger(api).post(PATH, body);
  const bodies = (count: number, members: () => Record<string, unknown> = () => ({})) =>
    Promise.all(range(count).map(() => registrationBody(api, members())));

  describe('where the code is not delivered', () => {
    it.each(['fail', 'break'] as const)(
      'is 503 for a mail, and neither account nor spent token remains (told to %s)',
      async (how) => {
        const body = await registrationBody(api, { email: 'john@example.org' });
        api.mails[how]();
        expect(refusal(await create(body))).toBe('503 mail_not_delivered');
        expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
        expect(api.mails.attempts).toBe(1);

        api.mails.recover();
        expect((await create(body)).status).toBe(200);
        expect(await tracesOf(api, body)).toEqual(EVERYTHING);
      },
    );

    it.each(['fail', 'break'] as const)(
      'is 503 for an SMS, and neither account nor spent token remains (told to %s)',
      async (how) => {
        const body = await registrationBody(api, { phone: uniquePhone(api) });
        api.messages[how]();
        expect(refusal(await create(body))).toBe('503 sms_not_delivered');
        expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);

        api.messages.recover();
        expect((await create(body)).status).toBe(200);
        expect(await tracesOf(api, body)).toEqual(EVERYTHING);
      },
    );

    it('sends an SMS although no mail goes out, and the other way round', async () => {
      api.mails.fail();
      expect((await create(await registrationBody(api, { phone: uniquePhone(api) }))).status).toBe(200);
      expect((await create(await registrationBody(api))).status).toBe(200);
      api.mails.recover();
      api.messages.fail();
      expect((await create(await registrationBody(api, { email: 'john@example.org' }))).status).toBe(200);
    });

    it('leaves other accounts that are not activated alone', async () => {
      const other = await api.given.inactiveAccount();
      api.mails.fail();
      const body = await registrationBody(api, { email: 'john@example.org' });
      expect(refusal(await create(body))).toBe('503 mail_not_delivered');
      expect(await api.count('accounts', 'id = ?', [other.id])).toBe(1);
    });

    it('has no account for a mail that was only late, while it is under way and afterwards', async () => {
      const body = await registrationBody(api, { email: 'john@example.org' });
      const sip = `${body.username}@sip.example.org`;
      const late = jest.spyOn(api.mails, 'send').mockImplementation(async () => {
        expect((await stranger(api).get(`/api/accounts/${sip}/info`)).status).toBe(404);
        expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
        throw new OutboundCallFailed('the fake', 'did not answer in time');
      });
      expect(refusal(await create(body))).toBe('503 mail_not_delivered');
      late.mockRestore();
      expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
      expect((await create(body)).status).toBe(200);
    });

    it('leaves nothing of twenty calls at once', async () => {
      const all = await bodies(20, () => ({ email: 'john@example.org' }));
      api.mails.fail();
      expect(tally(await Promise.all(all.map(create)))).toEqual({ '503 mail_not_delivered': 20 });
      for (const body of all) expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
    });
  });

  describe('where the database fails half-way', () => {
    it.each([
      ['accounts', {}],
      ['passwords', {}],
      ['activation_expirations', { email: 'john@example.org' }],
      ['phone_change_codes', { phone: '+33699999999' }],
    ])('leaves no half-made account and no spent token when %s cannot be written', async (table, members) => {
      const body = await registrationBody(api, members);
      const answer = await whileRefusing(api, 'INSERT', table, () => postExpectingFault(api, PATH, body));
      expect(refusal(answer)).toBe('500 internal_error');
      expect(answer.text).not.toContain(REFUSED_BY_TEST);
      expect(answer.text).toContain(String(answer.headers['x-request-id']));
      expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
      expect([api.mails.attempts, api.messages.attempts]).toEqual([0, 0]);

      expect((await create(body)).status).toBe(200);
      expect(await tracesOf(api, body)).toEqual(EVERYTHING);
    });

    it('takes nothing of another call with it', async () => {
      const [bad, good] = [await bodies(10), await bodies(10, () => ({ username: `9${api.given.unique('lucky')}` }))];
      await whileRefusing(api, 'INSERT', 'phone_change_codes', async () => {
        const phones = bad.map((body) => ({ ...body, phone: uniquePhone(api) }));
        const [failed, made] = await Promise.all([
          Promise.all(phones.map((body) => postExpectingFault(api, PATH, body))),
          Promise.all(good.map(create)),
        ]);
        expect(tally(failed)).toEqual({ '500 internal_error': 10 });
        expect(tally(made)).toEqual({ '200': 10 });
      });
      for (const body of bad) expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
      for (const body of good) expect(await tracesOf(api, body)).toEqual(EVERYTHING);
    });
  });

  describe('of many calls at once', () => {
    beforeAll(() => openConnections(api));

    it('makes one account with one token, and mails one code', async () => {
      const token = await api.given.token();
      const all = await bodies(20, () => ({ token, email: 'john@example.org' }));
      expect(tally(await Promise.all(all.map(create)))).toEqual({ '200': 1, '422 token_invalid token': 19 });
      const traces = await Promise.all(all.map((body) => tracesOf(api, body)));
      expect(traces.filter(({ accounts }) => accounts === 1)).toHaveLength(1);
      expect(traces.filter(({ accounts, orphans }) => accounts > 1 || orphans > 0)).toEqual([]);
      expect(api.mails.attempts).toBe(1);
    });

    it('makes one account of one username, and leaves the other nineteen tokens unspent', async () => {
      const username = api.given.unique('wanted');
      const all = await bodies(20, () => ({ username, email: 'john@example.org' }));
      expect(tally(await Promise.all(all.map(create)))).toEqual({ '200': 1, '422 username_taken username': 19 });
      const traces = await Promise.all(all.map((body) => tracesOf(api, body)));
      expect(traces.filter(({ spentTokens }) => spentTokens === 1)).toHaveLength(1);
      expect(traces[0]).toMatchObject({ accounts: 1, orphans: 0 });
      expect(api.mails.attempts).toBe(1);

      const [{ id }] = await api.sql('SELECT id FROM accounts WHERE username = ?', [username]);
      expect(await api.count('passwords', 'account_id = ?', [id])).toBe(1);
      const unspent = all.filter((_, index) => traces[index]?.spentTokens === 0);
      for (const { token } of unspent) expect((await create(await registrationBody(api, { token }))).status).toBe(200);
    });

    it('makes every account where the names differ', async () => {
      const all = await bodies(20, () => ({ email: 'john@example.org' }));
      expect(tally(await Promise.all(all.map(create)))).toEqual({ '200': 20 });
      for (const body of all) expect(await tracesOf(api, body)).toEqual(EVERYTHING);
    });

    it('makes every account where the names are numbers, or numbers wait for their activation', async () => {
      const numbers = await bodies(10, () => ({ username: uniquePhone(api) }));
      const waiting = await bodies(10, () => ({ phone: uniquePhone(api) }));
      expect(tally(await Promise.all([...numbers, ...waiting].map(create)))).toEqual({ '200': 20 });
      expect(new Set(api.messages.delivered.map(({ to }) => to)).size).toBe(10);
    });

    it('gives a name back that an undelivered mail has freed', async () => {
      const username = api.given.unique('freed');
      const all = await bodies(10, () => ({ username, email: 'john@example.org' }));
      api.mails.fail();
      const answers = await Promise.all(all.map(create));
      expect(answers.filter(({ status }) => status === 200)).toEqual([]);
      for (const body of all) expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
      api.mails.recover();
      expect((await create(await registrationBody(api, { username }))).status).toBe(200);
    });
  });
});
