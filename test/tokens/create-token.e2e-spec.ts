import { Api } from '../support/api.js';
import { openConnections } from '../support/connections.js';
import {
  BEHIND_PROXY,
  newDevice,
  postExpectingFault,
  range,
  registrationBody,
  secondsUntil,
  stranger,
} from '../support/public-routes.js';
import { REFUSED_BY_TEST, whileRefusing } from '../support/refused-writes.js';
import { refusal, tally } from '../support/refusal.js';

const DAY = 86_400;
/** Seconds a test may take between moving the clock and the answer. */
const MARGIN = 5;

describe('POST /tokens', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
  });
  beforeEach(() => {
    api.pushes.recover();
    api.pushes.attempts = 0;
    api.pushes.delivered.length = 0;
  });
  afterAll(() => api.stop());

  const device = (members: Record<string, unknown> = {}) => newDevice(api, members);
  const ask = (body: unknown) => stranger(api).post('/api/tokens', body);
  const tokensOf = ({ pn_prid }: { pn_prid: unknown }) =>
    api.sql('SELECT * FROM tokens WHERE pn_prid = ? ORDER BY id', [pn_prid]);

  describe('with right members', () => {
    it('answers {} and pushes a token of 13 characters to the device, which the database has as unused', async () => {
      const body = device({ pn_provider: 'apns.dev', pn_param: 'ABCD1234.org.linphone.phone.remote&voip' });
      expect(await ask(body)).toMatchObject({ status: 200, text: '{}' });

      expect(api.pushes.delivered).toEqual([
        {
          pnProvider: 'apns.dev',
          pnParam: body.pn_param,
          pnPrid: body.pn_prid,
          token: expect.stringMatching(/^[A-Za-z0-9]{13}$/),
        },
      ]);
      const [row, ...others] = await tokensOf(body);
      expect(others).toEqual([]);
      expect(row).toMatchObject({
        token: api.pushes.last.token,
        pn_provider: 'apns.dev',
        pn_param: body.pn_param,
        pn_prid: body.pn_prid,
        used: 0,
        updated_at: row.created_at,
      });
      expect(Math.abs(secondsUntil(api, row.created_at))).toBeLessThan(MARGIN);
    });

    it('pushes a token that an account can be created with', async () => {
      await ask(device());
      const body = await registrationBody(api, { token: api.pushes.last.token });
      expect((await stranger(api).post('/api/accounts/with-token', body)).status).toBe(200);
    });

    it('draws another token for every device', async () => {
      for (const _ of range(5)) await ask(device());
      expect(new Set(api.pushes.delivered.map(({ token }) => token)).size).toBe(5);
    });

    it.each([
      ['pn_provider', 'apns'],
      ['pn_provider', 'apns.dev'],
      ['pn_provider', 'fcm'],
      ['pn_param', 'x'],
      ['pn_param', 'AZaz09._:&-'],
      ['pn_param', 'p'.repeat(255)],
      ['pn_prid', '_'],
      ['pn_prid', 'f6y8_CVdQnY:APA91bHZcGcxaQ'],
      ['pn_prid', 'd'.repeat(255)],
    ])('takes %s %j', async (member, value) => {
      expect(await ask(device({ [member]: value }))).toMatchObject({ status: 200, text: '{}' });
      expect(api.pushes.delivered).toHaveLength(1);
    });

    it('ignores members it does not know, query members, From and credentials', async () => {
      const body = device({ token: 'chosen by me', used: true, id: 7, algorithm: 'MD5' });
      const headers = {
        'content-type': 'application/json',
        from: ['nonsense', 'sip:a@b'],
        'x-api-key': 'x',
        authorization: 'Digest nonsense',
      };
      const path = '/api/tokens/?pn_provider=apns';
      expect(await stranger(api).send({ method: 'POST', path, headers, body: JSON.stringify(body) })).toMatchObject({
        status: 200,
        text: '{}',
      });
      expect(api.pushes.last).toMatchObject({ pnProvider: 'fcm', pnPrid: body.pn_prid });
      expect(await tokensOf(body)).toMatchObject([{ token: api.pushes.last.token, used: 0 }]);
      expect(api.pushes.last.token).not.toBe('chosen by me');
    });
  });

  describe('with members that are not acceptable', () => {
    const strings = ['', '-x', 'a b', 'a\n', 'a\u0000', 'é', 'a/b', 'a;b', '$(id)', '`id`', 'x'.repeat(256)];
    const others = [7, true, ['fcm'], { fcm: 1 }];

    it.each([
      ...['', 'FCM', 'fcm ', 'firebase', 'apns.prod', 'apns\n', 'apnsxdev', ...others].map((value) => [
        'pn_provider',
        value,
      ]),
      ...[...strings, ...others].flatMap((value) => [
        ['pn_param', value],
        ['pn_prid', value],
      ]),
    ])('refuses %s %j', async (member, value) => {
      const before = await api.count('tokens');
      expect(refusal(await ask(device({ [String(member)]: value })))).toBe(`422 validation_failed ${String(member)}`);
      expect(await api.count('tokens')).toBe(before);
      expect(api.pushes.attempts).toBe(0);
    });

    it.each(['pn_provider', 'pn_param', 'pn_prid'])(
      'refuses a body without %s, or where it is null',
      async (member) => {
        for (const value of [undefined, null]) {
          expect(refusal(await ask(device({ [member]: value })))).toBe(`422 validation_failed ${member}`);
        }
        expect(api.pushes.attempts).toBe(0);
      },
    );

    it('names every missing member where there is no body, or an empty one, whatever the query says', async () => {
      const all = '422 validation_failed pn_param,pn_prid,pn_provider';
      expect(refusal(await ask(undefined))).toBe(all);
      expect(refusal(await ask({}))).toBe(all);
      expect(refusal(await stranger(api).post('/api/tokens?pn_provider=fcm&pn_param=a&pn_prid=b', {}))).toBe(all);
      const headers = { 'content-type': 'application/json', 'content-length': '0' };
      expect(refusal(await stranger(api).send({ method: 'POST', path: '/api/tokens', headers }))).toBe(all);
    });

    it('refuses bodies that are no JSON object, too large, or of another type', async () => {
      const post = async (body: string, type = 'application/json') =>
        refusal(
          await stranger(api).send({ method: 'POST', path: '/api/tokens', headers: { 'content-type': type }, body }),
        );
      expect(await post('{"pn_provider":')).toBe('400 body_not_json');
      expect(await post('["fcm"]')).toBe('400 body_not_object');
      expect(await post(JSON.stringify(device()), 'text/plain')).toBe('415 body_type_unsupported');
      expect(await post(JSON.stringify(device({ padding: ' '.repeat(65_536) })))).toBe('413 body_too_large');
      expect(api.pushes.attempts).toBe(0);
    });

    it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('answers %s with 405 and Allow', async (method) => {
      expect(await stranger(api).send({ method, path: '/api/tokens' })).toMatchObject({
        status: 405,
        headers: { allow: 'POST' },
      });
    });
  });

  describe('for one device', () => {
    const spendAll = () => api.sql('UPDATE tokens SET used = 1');

    it('makes no second token while the first can be used, until it expires after 24 hours', async () => {
      const body = device();
      expect((await ask(body)).status).toBe(200);
      api.clock.advance(DAY - MARGIN);
      expect(refusal(await ask(body))).toBe('403 token_already_sent');
      expect(api.pushes.attempts).toBe(1);
      expect(await tokensOf(body)).toHaveLength(1);
      api.clock.advance(MARGIN);
      expect((await ask(body)).status).toBe(200);
      expect(api.pushes.delivered).toHaveLength(2);
      expect(await tokensOf(body)).toHaveLength(2);
    });

    it('makes four tokens in all, used ones included', async () => {
      const body = device();
      for (const _ of range(4)) {
        expect((await ask(body)).status).toBe(200);
        await spendAll();
      }
      expect(refusal(await ask(body))).toBe('403 token_limit_reached');
      expect(api.pushes.attempts).toBe(4);
      expect(await tokensOf(body)).toHaveLength(4);
    });

    it('makes four tokens in all, expired ones included, for ever', async () => {
      const body = device();
      for (const age of [400 * DAY, 300 * DAY, 2 * DAY, DAY])
        await api.given.token({ prid: body.pn_prid, ageInSeconds: age });
      expect(refusal(await ask(body))).toBe('403 token_limit_reached');
    });

    it('makes one token where an older service left three, whose dates may be missing', async () => {
      const body = device();
      for (const used of [true, false, false]) await api.given.token({ prid: body.pn_prid, used });
      await api.sql('UPDATE tokens SET created_at = NULL WHERE pn_prid = ?', [body.pn_prid]);
      expect((await ask(body)).status).toBe(200);
      await spendAll();
      expect(refusal(await ask(body))).toBe('403 token_limit_reached');
    });

    it('takes it for another device if any of the three members differs, in case too', async () => {
      const body = device({ pn_prid: 'DeviceOfMixedCase' });
      expect((await ask(body)).status).toBe(200);
      const others = [
        { pn_provider: 'apns' },
        { pn_param: 'Project' },
        { pn_param: 'project2' },
        { pn_prid: 'deviceofmixedcase' },
      ];
      for (const other of others) expect((await ask({ ...body, ...other })).status).toBe(200);
      expect(api.pushes.delivered).toHaveLength(5);
      expect(refusal(await ask(body))).toBe('403 token_already_sent');
    });

    it('makes one push and one row for twenty calls at once', async () => {
      const body = device();
      await openConnections(api, 20);
      const answers = await Promise.all(range(20).map(() => ask(body)));
      expect(tally(answers)).toEqual({ '200': 1, '403 token_already_sent': 19 });
      expect(api.pushes.attempts).toBe(1);
      expect(await tokensOf(body)).toHaveLength(1);
    });

    it('makes its push although nineteen other devices ask at the same moment', async () => {
      const answers = await Promise.all(range(20).map(() => ask(device())));
      expect(tally(answers)).toEqual({ '200': 20 });
      expect(new Set(api.pushes.delivered.map(({ pnPrid }) => pnPrid)).size).toBe(20);
    });
  });

  describe('with a push that is not delivered', () => {
    it.each(['fail', 'break'] as const)('is 503 and leaves no token (the adapter is told to %s)', async (how) => {
      const body = device();
      api.pushes[how]();
      for (const _ of range(6)) expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(await tokensOf(body)).toEqual([]);

      api.pushes.recover();
      expect((await ask(body)).status).toBe(200);
      expect(await tokensOf(body)).toHaveLength(1);
    });

    it('leaves no token of twenty calls at once either', async () => {
      const body = device();
      api.pushes.fail();
      const answers = await Promise.all(range(20).map(() => ask(body)));
      expect(answers.filter(({ status }) => status !== 503 && status !== 403)).toEqual([]);
      expect(await tokensOf(body)).toEqual([]);
    });

    it('is not even tried where the token cannot be stored, and tells nothing of why', async () => {
      const body = device();
      const answer = await whileRefusing(api, 'INSERT', 'tokens', () => postExpectingFault(api, '/api/tokens', body));
      expect(refusal(answer)).toBe('500 internal_error');
      expect(answer.text).not.toContain(REFUSED_BY_TEST);
      expect(answer.text).toContain(String(answer.headers['x-request-id']));
      expect(api.pushes.attempts).toBe(0);
    });
  });
});
