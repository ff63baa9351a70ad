import { Api } from '../support/api.js';
import { leaked, logged } from '../support/logged.js';
import { FakeHttpService, type Reply } from '../support/external/fake-http-service.js';
import { NOTHING_LEFT, tracesOf } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';
import { activate, codeIn, confirmPhone, requestPhone, signUp, uniquePhone, usableCodes } from './phone-routes.js';

/** An application's name that would break out of every syntax there is, were it written as it is. */
const WILD_NAME = `"Ö&amp;'<b>=+%41?#/\\{phone}{message}€😀]]>, end`;
const JSON_TYPE = '{"Content-Type": "application/json"}';
const XML_TYPE = '{"content-type": "text/xml; charset=utf-8"}';

describe('SMS by any HTTP gateway', () => {
  let gateway: FakeHttpService;
  let api: Api | undefined;

  beforeAll(async () => {
    gateway = await FakeHttpService.start();
  });
  beforeEach(() => {
    gateway.forget();
    gateway.answer({});
  });
  afterEach(async () => {
    await api?.stop();
    api = undefined;
  });
  afterAll(() => gateway.stop());

  /** The application, with the gateway's address before what the settings say of its path. */
  async function start(target: string, environment: Record<string, string> = {}): Promise<Api> {
    api = await Api.start({
      environment: {
        RATE_LIMITS: 'off',
        SMS_DRIVER: 'http',
        SMS_HTTP_URL: `${gateway.origin}${target}`,
        ...environment,
      },
      real: ['sms'],
    });
    return api;
  }

  /** Sends one SMS to a number of its own, and gives both that and what arrived. */
  async function sent(target: string, environment: Record<string, string> = {}) {
    const running = await start(target, environment);
    const phone = uniquePhone(running);
    expect(await requestPhone(running, await running.given.account(), phone)).toMatchObject({
      status: 200,
      text: '{}',
    });
    expect(gateway.requests).toHaveLength(1);
    return { phone, arrived: gateway.last };
  }

  const textOf = (name: string) => expect.stringContaining(`${name}: the code to confirm your number is `) as string;

  describe('writes number and message', () => {
    it('into the query of a GET', async () => {
      const { phone, arrived } = await sent('/send?key=k%20y&to={phone}&digits=00{phone_digits}&text={message}&end', {
        APP_NAME: WILD_NAME,
      });
      expect([arrived.method, arrived.path, arrived.body]).toEqual(['GET', '/send', '']);
      expect([...arrived.query]).toEqual([
        ['key', 'k y'],
        ['to', phone],
        ['digits', `00${phone.slice(1)}`],
        ['text', textOf(WILD_NAME)],
        ['end', ''],
      ]);
    });

    it('into the path', async () => {
      const { phone, arrived } = await sent('/sms/{phone}/{message}/send', {
        APP_NAME: 'a/../b?c#d',
        SMS_HTTP_METHOD: 'PUT',
      });
      const [, , to, text, end, ...more] = arrived.target.split('/').map(decodeURIComponent);
      expect([arrived.method, to, text, end, more]).toEqual(['PUT', phone, textOf('a/../b?c#d'), 'send', []]);
    });

    it('into a form, which a body is taken for', async () => {
      const body = 'to={phone}&text={message}&end=1';
      const { phone, arrived } = await sent('/send', { APP_NAME: WILD_NAME, SMS_HTTP_BODY: body });
      expect([arrived.method, arrived.headers['content-type']]).toEqual(['POST', 'application/x-www-form-urlencoded']);
      expect([...arrived.form]).toEqual([
        ['to', phone],
        ['text', textOf(WILD_NAME)],
        ['end', '1'],
      ]);
    });

    it.each<Record<string, string>>([{}, { SMS_HTTP_HEADERS: JSON_TYPE }])(
      'into JSON, by its look or its type (%j)',
      async (headers) => {
        const body = '{"messages": [{"to": ["{phone}"], "n": {phone_digits}, "text": "{message}"}], "end": true}';
        const { phone, arrived } = await sent('/send', { APP_NAME: WILD_NAME, SMS_HTTP_BODY: body, ...headers });
        expect([arrived.method, arrived.headers['content-type']]).toEqual(['POST', 'application/json']);
        expect(arrived.json).toEqual({
          messages: [{ to: [phone], n: Number(phone), text: textOf(WILD_NAME) }],
          end: true,
        });
      },
    );

    it('into XML', async () => {
      const body = '<?xml version="1.0"?><sms to="{phone}" text="{message}">{message}</sms>';
      const { phone, arrived } = await sent('/send', {
        APP_NAME: WILD_NAME,
        SMS_HTTP_BODY: body,
        SMS_HTTP_HEADERS: XML_TYPE,
      });
      expect(arrived.headers['content-type']).toBe('text/xml; charset=utf-8');
      const [, to, ...texts] =
        /^<\?xml version="1.0"\?><sms to="([^"<]*)" text="([^"<>]*)">([^<>]*)<\/sms>$/.exec(arrived.body) ?? [];
      expect(to).toBe(phone);
      expect(texts.map((text) => text.replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(code)))).toEqual([
        textOf(WILD_NAME),
        textOf(WILD_NAME),
      ]);
    });

    it('into text, as they are', async () => {
      const environment = {
        APP_NAME: 'Ö & <b>',
        SMS_HTTP_BODY: '{phone} {message}',
        SMS_HTTP_HEADERS: '{"Content-Type": "text/plain"}',
      };
      const { phone, arrived } = await sent('/send', environment);
      expect(arrived.body).toEqual(textOf(`${phone} Ö & <b>`));
    });

    it('into headers', async () => {
      const headers = '{"X-To": "{phone}", "X-Text": "{message}", "Authorization": "Bearer k3y"}';
      const { phone, arrived } = await sent('/send', {
        APP_NAME: 'Größe\u2028',
        SMS_HTTP_HEADERS: headers,
        SMS_HTTP_METHOD: 'POST',
      });
      expect(arrived.headers).toMatchObject({ 'x-to': phone, authorization: 'Bearer k3y', 'content-length': '0' });
      expect(decodeURIComponent(String(arrived.headers['x-text']))).toEqual(textOf('Größe\u2028'));
    });
  });

  it('brings the codes that the next calls take', async () => {
    const running = await start('/?to={phone}&text={message}');
    const [account, phone, another] = [await running.given.account(), uniquePhone(running), uniquePhone(running)];
    expect((await requestPhone(running, account, phone)).status).toBe(200);
    expect((await confirmPhone(running, account, codeIn(gateway.last.query.get('text')))).json.phone).toBe(phone);
    const { body } = await signUp(running, another);
    const activated = await activate(running, body.username, codeIn(gateway.last.query.get('text')));
    expect(activated.json).toMatchObject({ activated: true, phone: another });
  });

  describe('by SMS_HTTP_SUCCESS', () => {
    it.each<[string, unknown, number]>([
      ['status=0', { status: '0' }, 200],
      ['status=0', { status: 0 }, 200],
      ['status=0', { status: 1 }, 503],
      ['status=0', { status: null }, 503],
      ['status=0', { status: [0] }, 503],
      ['status=', { status: '' }, 200],
      ['sent=true', { sent: true }, 200],
      ['sent=true', { sent: false }, 503],
      ['note=a=b', { note: 'a=b' }, 200],
      ['messages.0.status=0', { messages: [{ status: '0' }] }, 200],
      ['messages.0.status=0', { messages: [{ status: '4' }] }, 503],
      ['messages.1.status=0', { messages: [{ status: '0' }] }, 503],
      ['messages.0.status=0', { messages: 'none' }, 503],
      ['id', { id: 'abc' }, 200],
      ['id', { id: '' }, 503],
      ['id', { id: 0 }, 503],
      ['id', { id: null }, 503],
      ['id', { error: 'no' }, 503],
      ['ids', { ids: [] }, 503],
      ['constructor', {}, 503],
      ['status=0', 'status=0', 503],
      ['status=0', '', 503],
      ['status=0', 'null', 503],
    ])('%s, the answer %j is %i', async (success, body, status) => {
      gateway.answer({ body });
      const running = await start('/?to={phone}&text={message}', { SMS_HTTP_SUCCESS: success });
      expect((await requestPhone(running, await running.given.account())).status).toBe(status);
      expect(await usableCodes(running)).toBe(status === 200 ? 1 : 0);
    });

    it('does not make a success of an error', async () => {
      gateway.answer({ status: 400, body: { status: 0 } });
      const running = await start('/?to={phone}&text={message}', { SMS_HTTP_SUCCESS: 'status=0' });
      expect(refusal(await requestPhone(running, await running.given.account()))).toBe('503 sms_not_delivered');
    });
  });

  describe('without it', () => {
    it.each([200, 201, 202, 204, 299])('%i is a success, whatever the answer holds', async (status) => {
      gateway.answer({ status, body: status === 204 ? '' : 'error' });
      const running = await start('/?to={phone}&text={message}');
      expect((await requestPhone(running, await running.given.account())).status).toBe(200);
    });

    it.each<[string, Reply]>([
      ['an error of ours', { status: 400 }],
      ['an error of its own', { status: 502, body: '<html>' }],
      ['304', { status: 304, body: '' }],
      ['300', { status: 300 }],
    ])('%s is 503, and leaves neither code nor account nor spent token', async (_name, reply) => {
      gateway.answer(reply);
      const running = await start('/?to={phone}&text={message}');
      const account = await running.given.account();
      expect(refusal(await requestPhone(running, account))).toBe('503 sms_not_delivered');
      expect(refusal(await confirmPhone(running, account, codeIn(gateway.last.query.get('text'))))).toBe(
        '404 phone_code_not_requested',
      );
      const { body, answer } = await signUp(running);
      expect(refusal(answer)).toBe('503 sms_not_delivered');
      expect(await tracesOf(running, body)).toEqual(NOTHING_LEFT);
      expect(await usableCodes(running)).toBe(0);
      const code = codeIn(gateway.last.query.get('text'));
      expect(refusal(await activate(running, body.username, code))).toBe('404 activation_code_wrong');
      expect(logged(running)).toContain(`the SMS gateway 127.0.0.1:PORT: answered ${reply.status}`);
    });

    it('takes the same token again once the gateway works', async () => {
      gateway.answer({ status: 500 });
      const running = await start('/?to={phone}&text={message}');
      const { body } = await signUp(running);
      gateway.answer({});
      expect((await running.anonymous().post('/api/accounts/with-token', body)).status).toBe(200);
      expect((await activate(running, body.username, codeIn(gateway.last.query.get('text')))).status).toBe(200);
    });
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: what is sent is for nobody else (%i)', async (status) => {
    const elsewhere = await FakeHttpService.start();
    try {
      gateway.answer({ status, headers: { location: `${elsewhere.origin}/` } });
      const running = await start('/', {
        SMS_HTTP_BODY: 'to={phone}&text={message}',
        SMS_HTTP_HEADERS: '{"X-Key": "k3y"}',
      });
      expect(refusal(await requestPhone(running, await running.given.account()))).toBe('503 sms_not_delivered');
      expect([gateway.requests.length, elsewhere.requests.length]).toEqual([1, 0]);
    } finally {
      await elsewhere.stop();
    }
  });

  describe('logs', () => {
    const SECRETS = ['PathKey8317abc', 'QueryKey5520def', 'HeaderKey9946ghi', 'BodyKey7108jkl'];
    const environment = {
      SMS_HTTP_HEADERS: '{"X-Key": "HeaderKey9946ghi"}',
      SMS_HTTP_BODY: 'key=BodyKey7108jkl&to={phone}&text={message}',
    };

    it.each<[string, Reply]>([
      ['a success', {}],
      ['an error', { status: 403 }],
      ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1/QueryKey5520def' } }],
    ])('no key, number or code of %s', async (_name, reply) => {
      gateway.answer((request) => ({
        body: `${request.target} ${JSON.stringify(request.headers)} ${request.body}`,
        ...reply,
      }));
      const running = await start('/PathKey8317abc?key=QueryKey5520def', environment);
      const phone = uniquePhone(running);
      await requestPhone(running, await running.given.account(), phone);
      const text = gateway.last.form.get('text') ?? '';
      expect(leaked(running, ...SECRETS, phone, text, codeIn(text))).toEqual([]);
    });

    it('no key where the gateway is not reached', async () => {
      const gone = await FakeHttpService.start();
      await gone.stop();
      const running = await start('', {
        ...environment,
        SMS_HTTP_URL: `${gone.origin}/PathKey8317abc?key=QueryKey5520def`,
      });
      expect(refusal(await requestPhone(running, await running.given.account()))).toBe('503 sms_not_delivered');
      expect(logged(running)).toMatch(/ the SMS gateway 127\.0\.0\.1:PORT: \S/);
      expect(leaked(running, ...SECRETS)).toEqual([]);
    });

    // fetch quotes a URL that it refuses, the message in it too. To refuse it at start is fine as well.
    it('no password of a URL, and no code', async () => {
      const url = `${gateway.origin.replace('//', '//:PasswordOfUrl5713@')}/?to={phone}&text={message}`;
      const running = await start('', { SMS_HTTP_URL: url }).catch(() => start('/?to={phone}&text={message}'));
      await requestPhone(running, await running.given.account());
      expect(logged(running)).not.toMatch(/PasswordOfUrl5713|the(?: |%20)code(?: |%20)to(?: |%20)confirm/);
    });
  });
});
