import { generateKeyPairSync } from 'node:crypto';
import { Api } from '../support/api.js';
import { FakeGoogle } from '../support/external/fake-google.js';
import { readJwt } from '../support/external/read-jwt.js';
import { askForToken, type Device, failuresIn, tokensOf } from '../support/external/push-devices.js';
import { until } from '../support/until.js';
import { BEHIND_PROXY, range } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const SENDER = 'pusher@file-project.iam.gserviceaccount.com';
const HOUR = 3_600;

/** What FCM answers for a device whose app was removed. */
const UNREGISTERED = {
  status: 404,
  body: {
    error: {
      code: 404,
      message: 'Requested entity was not found.',
      status: 'NOT_FOUND',
      details: [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: 'UNREGISTERED' }],
    },
  },
};
const UNAUTHENTICATED = {
  status: 401,
  body: { error: { code: 401, message: 'Request had invalid credentials.', status: 'UNAUTHENTICATED' } },
};

describe('PUSH_DRIVER=direct, for Google', () => {
  let google: FakeGoogle;
  let api: Api;

  beforeAll(async () => {
    google = await new FakeGoogle().start();
    const account = {
      type: 'service_account',
      project_id: 'file-project',
      private_key_id: '0123456789abcdef',
      private_key: PEM,
      client_email: SENDER,
      token_uri: `${google.url}/token`,
    };
    const environment = {
      ...BEHIND_PROXY,
      PUSH_DRIVER: 'direct',
      FCM_SERVICE_ACCOUNT: JSON.stringify(account),
      FCM_URL: google.url,
    };
    api = await Api.start({ real: ['push'], environment });
  });
  beforeEach(() => {
    google.reset();
    api.log.length = 0;
  });
  afterAll(async () => {
    await api.stop();
    await google.stop();
  });

  const device = (members: Partial<Device> = {}): Device => ({
    pn_provider: 'fcm',
    pn_param: 'my-project',
    pn_prid: api.given.unique('f6y8_CVdQnY:APA91b'),
    ...members,
  });
  const ask = (of: Device = device()) => askForToken(api, of);
  /** Leaves the service without an access token that it could use. */
  const forgetAccess = () => api.clock.advance(2 * HOUR);
  /** How many access tokens are asked for meanwhile. */
  const grantsDuring = async (work: () => Promise<unknown>) => {
    const before = google.grants.length;
    await work();
    return google.grants.length - before;
  };

  describe('a message', () => {
    it('is the request that Google documents, with the token as text in the text that the app parses', async () => {
      const body = device();
      expect(await ask(body)).toMatchObject({ status: 200, text: '{}' });
      const [message, ...others] = google.messages;
      expect(others).toEqual([]);
      expect(message).toMatchObject({
        method: 'POST',
        path: '/v1/projects/my-project/messages:send',
        headers: { authorization: `Bearer ${google.accessToken()}`, 'content-type': 'application/json' },
      });
      const [token, ...more] = await tokensOf(api, body);
      expect(more).toEqual([]);
      expect(token).toMatch(/^[A-Za-z0-9]{13}$/);
      expect(JSON.parse(message?.body ?? '')).toEqual({
        message: {
          token: body.pn_prid,
          android: { priority: 'high' },
          data: { 'custom-payload': `{"token":"${token}"}` },
        },
      });
    });

    it.each([
      ['my-project', 'my-project'],
      ['a12345', 'a12345'],
      [`p${'a'.repeat(29)}`, `p${'a'.repeat(29)}`],
      ['929724111839', '929724111839'],
      ['org.linphone.phone', 'file-project'],
      ['My-Project', 'file-project'],
      ['my_project', 'file-project'],
      ['short', 'file-project'],
      ['12345', 'file-project'],
      [`p${'a'.repeat(30)}`, 'file-project'],
      ['ends-with-', 'file-project'],
      ['..', 'file-project'],
      ['other:project', 'file-project'],
      ['my-project&x', 'file-project'],
    ])('with the pn_param %s goes to the project %s', async (param, project) => {
      expect((await ask(device({ pn_param: param }))).status).toBe(200);
      expect(google.last.path).toBe(`/v1/projects/${project}/messages:send`);
    });

    it('is one for twenty calls at once for a device', async () => {
      const body = device();
      expect(tally(await Promise.all(range(20).map(() => ask(body))))).toEqual({
        '200': 1,
        '403 token_already_sent': 19,
      });
      expect(google.messages).toHaveLength(1);
      expect(await tokensOf(api, body)).toHaveLength(1);
    });
  });

  describe('the access token', () => {
    it('is asked for with an assertion that the key of the service account has signed', async () => {
      forgetAccess();
      expect(await grantsDuring(() => ask())).toBe(1);
      const grant = google.grants.at(-1);
      expect(grant).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
      const { grant_type, assertion = '', ...others } = Object.fromEntries(new URLSearchParams(grant?.body));
      expect(others).toEqual({});
      expect(grant_type).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');

      const { header, claims } = readJwt(assertion, 'RS256', publicKey);
      expect(header).toMatchObject({ alg: 'RS256', typ: 'JWT' });
      const scope = 'https://www.googleapis.com/auth/firebase.messaging';
      expect(claims).toEqual({
        iss: SENDER,
        aud: `${google.url}/token`,
        scope,
        iat: expect.any(Number),
        exp: Number(claims.iat) + HOUR,
      });
      expect(Math.abs(Number(claims.iat) - api.clock.now().getTime() / 1000)).toBeLessThan(60);
    });

    it('is asked for once, by however many pushes at once, and kept', async () => {
      forgetAccess();
      google.hold();
      const answers = Promise.all(range(20).map(() => ask()));
      const before = google.grants.length;
      await until(() => google.grants.length > before);
      google.release();
      expect(tally(await answers)).toEqual({ '200': 20 });
      expect(google.grants.length - before).toBe(1);
      expect(google.messages.map(({ headers }) => headers.authorization)).toEqual(
        Array(20).fill(`Bearer ${google.accessToken()}`),
      );
      expect(await grantsDuring(() => ask())).toBe(0);
    });

    it('is never used after its end, nor thrown away long before', async () => {
      forgetAccess();
      await ask();
      expect(
        await grantsDuring(async () => {
          api.clock.advance(HOUR - 5 * 60);
          expect((await ask()).status).toBe(200);
        }),
      ).toBe(0);
      expect(
        await grantsDuring(async () => {
          api.clock.advance(5 * 60 - 5);
          expect((await ask()).status).toBe(200);
        }),
      ).toBe(1);
      expect(google.last.headers.authorization).toBe(`Bearer ${google.accessToken()}`);
    });

    it('lives as long as Google says', async () => {
      forgetAccess();
      google.lifetime = 600;
      await ask();
      api.clock.advance(601);
      expect(await grantsDuring(() => ask())).toBe(1);
    });

    it('is replaced after Google has not taken it any more', async () => {
      await ask();
      google.answersNext(UNAUTHENTICATED);
      const body = device();
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(await tokensOf(api, body)).toEqual([]);
      expect(failuresIn(api)).toEqual([
        expect.stringContaining(`Google's push service ${google.url}: answered 401 UNAUTHENTICATED`),
      ]);
      expect(await grantsDuring(() => ask(body))).toBe(1);
      expect(google.last.headers.authorization).toBe(`Bearer ${google.accessToken()}`);
      expect(await tokensOf(api, body)).toHaveLength(1);
    });

    it.each([
      ['refuses', { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT' } }],
      ['fails', { status: 500 }],
      ['gives none', { status: 200, body: { token_type: 'Bearer', expires_in: 3599 } }],
      ['gives one that no header can hold', { status: 200, body: { access_token: 'a\r\nx: y', expires_in: 3599 } }],
      ['gives one for ever', { status: 200, body: { access_token: 'ya29.x' } }],
      ['gives one with an error', { status: 403, body: { access_token: 'ya29.x', expires_in: 3599 } }],
      ['says something else', { status: 200, body: ['ya29.x'] }],
    ])('is missing where Google %s: 503 without a message, and the next push asks again', async (_name, answer) => {
      forgetAccess();
      google.grantsNext(answer);
      const body = device();
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(google.messages).toEqual([]);
      expect(await tokensOf(api, body)).toEqual([]);
      expect(failuresIn(api)).toEqual([
        expect.stringContaining(`Google's token service ${google.url}: answered ${answer.status}`),
      ]);
      expect(await grantsDuring(() => ask(body))).toBe(1);
      expect(await tokensOf(api, body)).toHaveLength(1);
    });

    it('is missing for all who wait for it, when Google refuses it', async () => {
      forgetAccess();
      google.grantsNext({ status: 400, body: { error: 'invalid_grant' } });
      google.hold();
      const before = google.grants.length;
      const bodies = range(5).map(() => device());
      const answers = Promise.all(bodies.map(ask));
      await until(() => google.grants.length > before);
      // One who comes later asks anew; those who came meanwhile have all been heard when this call, the last, is answered.
      await api.anonymous().get('/api/ping');
      google.release();
      const counts = tally(await answers);
      expect(counts['503 push_not_delivered']).toBeGreaterThan(0);
      expect(google.messages).toHaveLength(counts['200'] ?? 0);
      const left = await Promise.all(bodies.map((body) => tokensOf(api, body)));
      expect(left.flat()).toHaveLength(counts['200'] ?? 0);
    });
  });

  describe('a message that Google refuses', () => {
    it.each([
      ['the device is not known any more', UNREGISTERED, 'answered 404 UNREGISTERED'],
      [
        'the device is of another sender',
        { status: 403, body: { error: { status: 'PERMISSION_DENIED' } } },
        'answered 403 PERMISSION_DENIED',
      ],
      [
        'the device is no device',
        { status: 400, body: { error: { status: 'INVALID_ARGUMENT' } } },
        'answered 400 INVALID_ARGUMENT',
      ],
      [
        'there were too many',
        { status: 429, body: { error: { status: 'RESOURCE_EXHAUSTED' } } },
        'answered 429 RESOURCE_EXHAUSTED',
      ],
      ['it is down', { status: 503, body: { error: { status: 'UNAVAILABLE' } } }, 'answered 503 UNAVAILABLE'],
      ['it says nothing', { status: 500 }, 'answered 500'],
      ['it is not Google that says yes', { status: 200, body: 'OK' }, 'answered 200'],
      ['it names no message', { status: 200, body: { success: 1 } }, 'answered 200'],
    ])('is 503 and leaves no token where %s', async (_name, answer, reason) => {
      await ask();
      google.answersNext(answer);
      const body = device();
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(await tokensOf(api, body)).toEqual([]);
      expect(failuresIn(api)).toEqual([expect.stringContaining(`Google's push service ${google.url}: ${reason}`)]);
      expect(await grantsDuring(() => ask(body))).toBe(0);
    });

    it('is sent nowhere else, wherever the answer points', async () => {
      const other = await new FakeGoogle().start();
      google.answersNext({ status: 307, headers: { location: `${other.url}/v1/projects/my-project/messages:send` } });
      expect(refusal(await ask())).toBe('503 push_not_delivered');
      expect(other.messages).toEqual([]);
      await other.stop();
    });

    it('is logged without the token, the access token and the key', async () => {
      forgetAccess();
      google.answersNext(UNREGISTERED);
      await ask();
      expect(failuresIn(api)).toHaveLength(1);
      const { message } = JSON.parse(google.last.body) as { message: { data: Record<string, string> } };
      const { token } = JSON.parse(message.data['custom-payload'] ?? '') as { token: string };
      const assertion = new URLSearchParams(google.grants.at(-1)?.body).get('assertion') ?? 'no assertion';
      for (const secret of [token, google.accessToken(), assertion, PEM.split('\n')[1] ?? ''])
        expect(api.log.join('\n')).not.toContain(secret);
    });
  });

  it.each(['apns', 'apns.dev'] as const)('has nothing for %s while there is no key for Apple', async (provider) => {
    const body = device({ pn_provider: provider, pn_param: 'TEAM123456.org.linphone.phone', pn_prid: 'ab'.repeat(32) });
    expect(refusal(await ask(body))).toBe('503 push_not_delivered');
    expect(await tokensOf(api, body)).toEqual([]);
    expect(failuresIn(api)[0]).toContain('no key for it is configured');
    expect(google.messages).toEqual([]);
  });
});
