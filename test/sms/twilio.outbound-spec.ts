import { Api } from '../support/api.js';
import { leaked, logged } from '../support/logged.js';
import { type ArrivedRequest, FakeHttpService, type Reply } from '../support/external/fake-http-service.js';
import { NOTHING_LEFT, tracesOf } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';
import { activate, codeIn, confirmPhone, requestPhone, signUp, uniquePhone, usableCodes } from './phone-routes.js';

const ACCOUNT = 'AC0123456789abcdef0123456789abcdef';
const TOKEN = 'AuthToken8264stuvwx+/=:';
const SERVICE = 'MG0123456789abcdef0123456789abcdef';
const CREDENTIALS = `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64')}`;

/** Twilio, as far as sending goes: the message it has queued, or the refusal in its words. */
function twilio({ method, target, headers, form }: ArrivedRequest, root = ''): Reply {
  const refuse = (status: number, code: number, message: string) => ({
    status,
    body: { code, message, more_info: '', status },
  });
  if (headers.authorization !== CREDENTIALS) return refuse(401, 20003, 'Authenticate');
  if (method !== 'POST' || target !== `${root}/2010-04-01/Accounts/${ACCOUNT}/Messages.json`)
    return refuse(404, 20404, 'Not found');
  if (headers['content-type'] !== 'application/x-www-form-urlencoded')
    return refuse(415, 20415, 'Unsupported media type');
  if (!/^\+[1-9]\d+$/.test(form.get('To') ?? ''))
    return refuse(400, 21211, `Invalid 'To' Phone Number: ${form.get('To')}`);
  const sender = form.get('MessagingServiceSid');
  if (sender !== null && !/^MG[0-9a-f]{32}$/.test(sender))
    return refuse(400, 21701, 'The Messaging Service does not exist');
  if (sender === null && !form.get('From')) return refuse(400, 21603, "A 'From' phone number is required");
  return {
    status: 201,
    body: { sid: 'SM0123456789abcdef0123456789abcdef', status: 'queued', to: form.get('To'), body: form.get('Body') },
  };
}

describe('SMS by Twilio', () => {
  let gateway: FakeHttpService;
  let api: Api;

  const start = (environment: Record<string, string> = {}) =>
    Api.start({
      environment: {
        RATE_LIMITS: 'off',
        SMS_DRIVER: 'twilio',
        TWILIO_ACCOUNT_SID: ACCOUNT,
        TWILIO_AUTH_TOKEN: TOKEN,
        TWILIO_FROM: '+15005550006',
        TWILIO_URL: gateway.origin,
        ...environment,
      },
      real: ['sms'],
    });

  beforeAll(async () => {
    gateway = await FakeHttpService.start();
    api = await start();
  });
  beforeEach(() => {
    gateway.forget();
    gateway.answer((request) => twilio(request));
  });
  afterAll(async () => {
    await api.stop();
    await gateway.stop();
  });

  /** Another application instead; two at once would share what libraries keep for the whole process. */
  async function restart(environment: Record<string, string>): Promise<void> {
    await api.stop();
    api = await start(environment);
  }

  /** The form that arrives for one SMS. */
  async function formSent(): Promise<Record<string, string>> {
    expect((await requestPhone(api, await api.given.account())).status).toBe(200);
    return Object.fromEntries(gateway.last.form);
  }

  it('hands over the number, the sender and the text, and nothing else', async () => {
    const account = await api.given.account();
    const phone = uniquePhone(api);
    expect(await requestPhone(api, account, phone)).toMatchObject({ status: 200, text: '{}' });
    expect(gateway.requests).toHaveLength(1);
    expect(Object.fromEntries(gateway.last.form)).toEqual({
      To: phone,
      From: '+15005550006',
      Body: expect.stringMatching(/^Flexisip API: the code to confirm your number is \d{4}$/) as string,
    });
    const code = codeIn(gateway.last.form.get('Body'));
    expect((await confirmPhone(api, account, code)).json.phone).toBe(phone);
  });

  it('sends the code that activates a new account', async () => {
    const phone = uniquePhone(api);
    const { body, answer } = await signUp(api, phone);
    expect(answer.status).toBe(200);
    const activated = await activate(api, body.username, codeIn(gateway.last.form.get('Body')));
    expect(activated.json).toMatchObject({ activated: true, phone });
  });

  it('keeps every character of the text', async () => {
    await restart({ APP_NAME: 'A&To=+1 %41 +é“😀”' });
    const form = await formSent();
    expect(form).toMatchObject({ From: '+15005550006', To: expect.stringMatching(/^\+336/) as string });
    expect(form.Body).toMatch(/^A&To=\+1 %41 \+é“😀”: /);
  });

  it.each([
    ['a number', '+15005550006', 'From'],
    ['a name', 'Flexisip', 'From'],
    ['a name that begins as the id of a messaging service does', 'MG Telecom', 'From'],
    ['a messaging service', SERVICE, 'MessagingServiceSid'],
  ])('sends from %s', async (_name, from, member) => {
    await restart({ TWILIO_FROM: from });
    const { To: _to, Body: _body, ...sender } = await formSent();
    expect(sender).toEqual({ [member]: from });
  });

  it('reaches an address with a path', async () => {
    gateway.answer((request) => twilio(request, '/relay'));
    await restart({ TWILIO_URL: `${gateway.origin}/relay/` });
    await formSent();
    expect(gateway.last.target).toBe(`/relay/2010-04-01/Accounts/${ACCOUNT}/Messages.json`);
  });

  describe('is 503 and leaves no usable code', () => {
    beforeAll(() => restart({}));

    /** Fails to send, and gives what was logged by it. */
    async function failure(): Promise<string> {
      const before = await usableCodes(api);
      const lines = api.log.length;
      expect(refusal(await requestPhone(api, await api.given.account()))).toBe('503 sms_not_delivered');
      expect(await usableCodes(api)).toBe(before);
      const text = gateway.last.form.get('Body') ?? '';
      expect(leaked(api, TOKEN, CREDENTIALS, text, codeIn(text))).toEqual([]);
      return logged({ log: api.log.slice(lines) });
    }

    it.each<[string, Reply, string]>([
      ['a refused number', { status: 400, body: { code: 21211, message: 'no' } }, 'answered 400 21211'],
      ['no credit', { status: 429, body: { code: 20429 } }, 'answered 429 20429'],
      ['its own fault', { status: 500, body: 'oops' }, 'answered 500'],
      ['a page', { status: 200, body: '<html>' }, 'answered 200'],
      ['a message without an id', { status: 201, body: { status: 'queued' } }, 'answered 201'],
      ['null', { status: 201, body: 'null' }, 'answered 201'],
      ['an id that is none', { status: 201, body: { sid: 1 } }, 'answered 201'],
      ['an id, but not that it is made', { status: 200, body: { sid: 'SM1' } }, 'answered 200'],
    ])('where it answers with %s', async (_name, reply, reason) => {
      gateway.answer(reply);
      expect(await failure()).toContain(`${`the SMS gateway ${gateway.origin}`.replace(/:\d+$/, ':PORT')}: ${reason}`);
    });

    it('where it quotes what was sent', async () => {
      gateway.answer(({ body, headers }) => ({
        status: 400,
        body: { code: `${body} ${headers.authorization}`, message: body },
      }));
      expect(await failure()).toMatch(/answered 400"/);
    });

    it('nor an account nor a spent token', async () => {
      gateway.answer({ status: 400, body: { code: 21610 } });
      const { body, answer } = await signUp(api);
      expect(refusal(answer)).toBe('503 sms_not_delivered');
      expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
      const code = codeIn(gateway.last.form.get('Body'));
      expect(refusal(await activate(api, body.username, code))).toBe('404 activation_code_wrong');
    });

    it('where the credentials are wrong', async () => {
      await restart({ TWILIO_AUTH_TOKEN: 'WrongToken1593zyxwvu' });
      expect(await failure()).toContain('answered 401 20003');
      expect(leaked(api, 'WrongToken1593zyxwvu', `${ACCOUNT}:WrongToken1593zyxwvu`)).toEqual([]);
    });
  });
});
