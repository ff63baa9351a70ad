import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { leaked, logged } from '../support/logged.js';
import { FakeOvh, OVH_KEYS } from '../support/external/fake-ovh.js';
import { NOTHING_LEFT, tracesOf } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';
import {
  activate,
  codeIn,
  confirmPhone,
  requestPhone,
  signUp,
  together,
  uniquePhone,
  usableCodes,
} from './phone-routes.js';

const TIME = 'GET /auth/time';
const SERVICES = 'GET /sms';
const jobFor = (service: string) => `POST /sms/${service}/jobs`;

describe('SMS by OVH', () => {
  let ovh: FakeOvh;
  let api: Api;

  const settings = (): Record<string, string> => ({
    RATE_LIMITS: 'off',
    SMS_DRIVER: 'ovh',
    OVH_APP_KEY: OVH_KEYS.application,
    OVH_APP_SECRET: OVH_KEYS.secret,
    OVH_APP_CONSUMER_KEY: OVH_KEYS.consumer,
    OVH_APP_SENDER: 'Flexisip',
    OVH_APP_ENDPOINT: ovh.url,
  });
  const start = (environment: Record<string, string> = {}) =>
    Api.start({ environment: { ...settings(), ...environment }, real: ['sms'] });

  beforeAll(async () => {
    ovh = await FakeOvh.start();
  });
  beforeEach(async () => {
    ovh.forget();
    api = await start();
  });
  afterEach(() => api.stop());
  afterAll(() => ovh.stop());

  /** Another application instead, for this test. */
  async function restart(environment: Record<string, string>): Promise<void> {
    await api.stop();
    ovh.http.forget();
    api = await start(environment);
  }

  /** Fails to send, and leaves nothing that could be redeemed; gives what was logged. */
  async function failure(): Promise<string> {
    const account = await api.given.account();
    expect(refusal(await requestPhone(api, account))).toBe('503 sms_not_delivered');
    expect(await usableCodes(api)).toBe(0);
    return logged(api);
  }

  it('calls nobody at start', () => {
    expect(ovh.calls).toEqual([]);
  });

  it('hands over one message to one receiver, with the sender and without a stop clause', async () => {
    const account = await api.given.account();
    const phone = uniquePhone(api);
    expect(await requestPhone(api, account, phone)).toMatchObject({ status: 200, text: '{}' });
    expect(ovh.jobs).toEqual([
      {
        service: 'sms-ab12345-1',
        job: {
          message: expect.stringMatching(/^Flexisip API: the code to confirm your number is \d{4}$/) as string,
          receivers: [phone],
          sender: 'Flexisip',
          charset: 'UTF-8',
          coding: '7bit',
          class: 'phoneDisplay',
          priority: 'high',
          noStopClause: true,
          senderForResponse: false,
          validityPeriod: 60,
        },
      },
    ]);
    expect(ovh.http.last.headers['content-type']).toBe('application/json');
    expect((await confirmPhone(api, account, codeIn(ovh.jobs[0]?.job.message))).json.phone).toBe(phone);
  });

  it('sends the code that activates a new account', async () => {
    const phone = uniquePhone(api);
    const { body, answer } = await signUp(api, phone);
    expect(answer.json).toMatchObject({ activated: false, phone: null });
    const activated = await activate(api, body.username, codeIn(ovh.jobs[0]?.job.message));
    expect(activated.json).toMatchObject({ activated: true, phone });
  });

  it.each([
    ['Ça va: été à Noël', '8bit'],
    ['Été – Straße ÄÖÜ', '7bit'],
    ['Телефон', '8bit'],
    ['Phone 📞', '8bit'],
  ])('signs what is not ASCII as it is sent: %s, as %s', async (name, coding) => {
    await restart({ APP_NAME: name });
    expect((await requestPhone(api, await api.given.account())).status).toBe(200);
    expect(ovh.jobs[0]?.job).toMatchObject({
      coding,
      message: expect.stringContaining(name.replace('–', '-')) as string,
    });
  });

  describe('its service', () => {
    it('is the first of the account, asked for once', async () => {
      ovh.services = ['sms-other/1', 'sms-ab12345-2'];
      const account = await api.given.account();
      for (let round = 0; round < 3; round += 1) expect((await requestPhone(api, account)).status).toBe(200);
      const job = jobFor('sms-other%2F1');
      expect(ovh.calls).toEqual([TIME, SERVICES, job, job, job]);
    });

    it('is the one of OVH_APP_SERVICE, where that is set', async () => {
      await restart({ OVH_APP_SERVICE: 'sms-ab12345-2' });
      expect((await requestPhone(api, await api.given.account())).status).toBe(200);
      expect(ovh.calls).toEqual([TIME, jobFor('sms-ab12345-2')]);
    });

    it.each([
      ['an empty list', []],
      ['no list', { services: ['sms-ab12345-1'] }],
      ['other things', [1]],
    ])('is 503 where OVH names %s, and asked for again', async (_name, body) => {
      ovh.instead = ({ target }) => (target.endsWith('/sms') ? { body } : undefined);
      expect(await failure()).toContain(`the SMS gateway ${ovh.url}`.replace(/:\d+/, ':PORT'));
      ovh.instead = null;
      expect((await requestPhone(api, await api.given.account())).status).toBe(200);
    });
  });

  describe('by its own clock', () => {
    it.each([-7200, -45, 45, 86_400 * 400])('works where that is %i seconds ahead of ours', async (ahead) => {
      ovh.ahead = ahead;
      expect((await requestPhone(api, await api.given.account())).status).toBe(200);
      expect(ovh.jobs).toHaveLength(1);
    });

    it('works on after ours was set, with one failure at most', async () => {
      const account = await api.given.account();
      expect((await requestPhone(api, account)).status).toBe(200);
      api.clock.advance(3600);
      const answer = await requestPhone(api, account);
      expect([200, 503]).toContain(answer.status);
      expect((await requestPhone(api, account)).status).toBe(200);
    });

    it('asks for the time again after a refused signature', async () => {
      const account = await api.given.account();
      expect((await requestPhone(api, account)).status).toBe(200);
      ovh.ahead = 3600;
      // Whether this one is lost, or tried again at once, is not for the test to say.
      await requestPhone(api, account);
      expect((await requestPhone(api, account)).status).toBe(200);
      expect(ovh.calls.filter((call) => call === TIME)).toHaveLength(2);
    });

    it('says why a signature was refused', async () => {
      ovh.instead = ({ target }) => (target.endsWith('/auth/time') ? { body: 1_700_000_000 } : undefined);
      expect(await failure()).toContain('answered 400 QUERY_TIME_OUT');
    });

    it('works on where many calls meet the change', async () => {
      const accounts = await Promise.all(Array.from({ length: 10 }, () => api.given.account()));
      const call = (index: number) => requestPhone(api, accounts[index] as GivenAccount);
      expect(tally(await together(10, call))).toEqual({ 200: 10 });
      ovh.ahead = 3600;
      await together(10, call);
      expect(tally(await together(10, call))).toEqual({ 200: 10 });
      expect(ovh.jobs.length).toBeGreaterThanOrEqual(20);
    });

    it.each(['"1700000000"', 'soon', '{"time": 1700000000}', ''])(
      'is 503 where it tells the time as %s',
      async (body) => {
        ovh.instead = ({ target }) => (target.endsWith('/auth/time') ? { body } : undefined);
        expect(await failure()).toContain('does not tell its time');
        expect(ovh.calls).toEqual([TIME]);
      },
    );
  });

  describe('is 503 and leaves no usable code', () => {
    it('where the receiver is invalid', async () => {
      const account = await api.given.account();
      const phone = uniquePhone(api);
      ovh.invalid.add(phone);
      expect(refusal(await requestPhone(api, account, phone))).toBe('503 sms_not_delivered');
      const code = codeIn(ovh.jobs[0]?.job.message);
      expect(refusal(await confirmPhone(api, account, code))).toBe('404 phone_code_not_requested');
      expect(logged(api)).toContain('did not take the receiver');
      expect(leaked(api, code, phone, String(ovh.jobs[0]?.job.message))).toEqual([]);
    });

    it('nor an account nor a spent token', async () => {
      const phone = uniquePhone(api);
      ovh.invalid.add(phone);
      const { body, answer } = await signUp(api, phone);
      expect(refusal(answer)).toBe('503 sms_not_delivered');
      expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
      expect(refusal(await activate(api, body.username, codeIn(ovh.jobs[0]?.job.message)))).toBe(
        '404 activation_code_wrong',
      );
      expect(leaked(api, codeIn(ovh.jobs[0]?.job.message), body.token, body.password, phone)).toEqual([]);
    });

    it.each([
      ['no list of valid receivers', { invalidReceivers: [] }],
      ['an empty list of valid receivers', { validReceivers: [], invalidReceivers: [] }],
      ['some of both', { validReceivers: ['+33612345678'], invalidReceivers: ['+33612345679'] }],
      ['text', 'ok'],
      ['nothing', ''],
    ])('where the answer holds %s', async (_name, body) => {
      ovh.instead = ({ method }) => (method === 'POST' ? { body } : undefined);
      expect(await failure()).toContain('did not take the receiver');
    });

    it.each([
      ['OVH_APP_KEY', 'answered 403 INVALID_KEY'],
      ['OVH_APP_CONSUMER_KEY', 'answered 403 INVALID_CREDENTIAL'],
      ['OVH_APP_SECRET', 'answered 400 INVALID_SIGNATURE'],
    ])('where %s is wrong', async (name, reason) => {
      await restart({ [name]: 'WrongSecret4711mnopq' });
      expect(await failure()).toContain(reason);
      expect(leaked(api, 'WrongSecret4711mnopq', OVH_KEYS.application, OVH_KEYS.secret, OVH_KEYS.consumer)).toEqual([]);
    });

    it('and logs no error code that is none, but what was sent', async () => {
      ovh.instead = ({ method, body }) =>
        method === 'POST' ? { status: 400, body: { errorCode: body, message: body } } : undefined;
      expect(await failure()).toMatch(/answered 400"/);
      const { message } = ovh.http.last.json as { message: string };
      expect(leaked(api, message, codeIn(message))).toEqual([]);
    });
  });

  // A file with two lines in it, say: fetch quotes a value that no header can have.
  it.each(['OVH_APP_KEY', 'OVH_APP_CONSUMER_KEY'])('never logs an %s that no header can hold', async (name) => {
    const environment = { [name]: 'SecretOfOneLine\nAndOfAnother' };
    const started = await api.stop().then(() => start(environment).catch(() => null));
    api = started ?? (await start());
    if (started) await failure();
    expect(leaked(api, 'SecretOfOneLine', 'AndOfAnother')).toEqual([]);
  });
});
