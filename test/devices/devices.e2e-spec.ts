import type { Registration } from '../../src/devices/registrar.js';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { refusal } from '../support/refusal.js';

const PATH = '/api/accounts/me/devices';
const ONE = 'urn:uuid:7a3d8e90-1111-2222-3333-0123456789ab';
const OTHER = 'urn:uuid:7a3d8e90-1111-2222-3333-0123456789ac';

const registration = (uniqueId: string, state: Partial<Registration> = {}): Registration => ({
  uniqueId,
  expiresAt: new Date('2021-04-22T11:00:00Z'),
  updatedAt: new Date('2021-04-22T10:00:00Z'),
  userAgent: 'LinphoneAndroid/5.2.5',
  ...state,
});

describe('/accounts/me/devices', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
  });
  afterAll(() => api.stop());
  afterEach(() => api.registrar.comeBack());

  async function accountWith(...uniqueIds: string[]): Promise<GivenAccount> {
    const account = await api.given.account();
    api.registrar.register(account, ...uniqueIds.map((uniqueId) => registration(uniqueId)));
    return account;
  }

  const registered = async (account: GivenAccount) =>
    (await api.registrar.list(account)).map(({ uniqueId }) => uniqueId);

  describe('GET', () => {
    it('is an empty object where there are none, never a list', async () => {
      expect(await api.withKey(await api.given.account()).get(PATH)).toMatchObject({ status: 200, text: '{}' });
    });

    it('shows every device by its uuid, with exactly these members and dates with microseconds', async () => {
      const account = await accountWith(`"<${ONE}>"`);
      api.registrar.register(
        account,
        registration(`"<${OTHER}>"`, {
          expiresAt: new Date('2026-12-31T23:59:59.123Z'),
          updatedAt: new Date(0),
          userAgent: '',
        }),
      );
      const answer = await api.withKey(account).get(PATH);
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({
        [ONE]: {
          uuid: ONE,
          expires_at: '2021-04-22T11:00:00.000000Z',
          update_time: '2021-04-22T10:00:00.000000Z',
          user_agent: 'LinphoneAndroid/5.2.5',
          app: 'LinphoneAndroid',
          version: '5.2.5',
          device_name: null,
        },
        [OTHER]: {
          uuid: OTHER,
          expires_at: '2026-12-31T23:59:59.123000Z',
          update_time: '1970-01-01T00:00:00.000000Z',
          user_agent: '',
          app: null,
          version: null,
          device_name: null,
        },
      });
    });

    it.each([
      ['quotes and brackets', `"<${ONE}>"`],
      ['brackets', `<${ONE}>`],
      ['quotes', `"${ONE}"`],
      ['nothing', ONE],
    ])('takes %s away from around the unique id', async (_name, uniqueId) => {
      const { json } = await api.withKey(await accountWith(uniqueId)).get(PATH);
      expect(Object.keys(json)).toEqual([ONE]);
      expect(json[ONE].uuid).toBe(ONE);
    });

    it('keeps quotes and brackets inside the unique id', async () => {
      const { json } = await api.withKey(await accountWith('"<a"<b>"c>"')).get(PATH);
      expect(Object.keys(json)).toEqual(['a"<b>"c']);
    });

    it('keeps a device that calls itself __proto__', async () => {
      const { text } = await api.withKey(await accountWith('__proto__')).get(PATH);
      expect(text).toMatch(/^\{"__proto__":\{"uuid":"__proto__",/);
    });

    it('shows nothing of other accounts, not even of the same name in another domain', async () => {
      const account = await accountWith(ONE);
      const namesake = await api.given.account({ username: account.username, domain: 'other.example.org', key: false });
      expect((await api.withDigest(namesake).get(PATH)).text).toBe('{}');
    });

    it('answers HEAD without a body', async () => {
      const answer = await api.withKey(await accountWith(ONE)).send({ method: 'HEAD', path: PATH });
      expect(answer).toMatchObject({ status: 200, text: '' });
    });
  });

  describe('GET /{uuid}', () => {
    it('shows that device and removes nothing', async () => {
      const account = await accountWith(`"<${ONE}>"`, `"<${OTHER}>"`);
      const answer = await api.withKey(account).get(`${PATH}/${OTHER}`);
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({
        uuid: OTHER,
        expires_at: '2021-04-22T11:00:00.000000Z',
        update_time: '2021-04-22T10:00:00.000000Z',
        user_agent: 'LinphoneAndroid/5.2.5',
        app: 'LinphoneAndroid',
        version: '5.2.5',
        device_name: null,
      });
      await api.withKey(account).send({ method: 'HEAD', path: `${PATH}/${OTHER}` });
      expect(await registered(account)).toEqual([`"<${ONE}>"`, `"<${OTHER}>"`]);
    });
  });

  describe('DELETE /{uuid}', () => {
    it('removes exactly that registration, by its unique id as it is', async () => {
      const account = await accountWith(`"<${ONE}>"`, `"<${OTHER}>"`, `"<${ONE}-long>"`, ONE.slice(0, -1));
      expect(await api.withKey(account).delete(`${PATH}/${ONE}`)).toMatchObject({ status: 200, text: '{}' });
      expect(await registered(account)).toEqual([`"<${OTHER}>"`, `"<${ONE}-long>"`, ONE.slice(0, -1)]);
      expect(refusal(await api.withKey(account).delete(`${PATH}/${ONE}`))).toBe('404 device_not_found');
    });

    it('removes nothing by what a client has cut from a uuid', async () => {
      const cuts = ['a', 'c', 'e', 'g', 'i'];
      const wholes = ['a"b', 'c<d', 'e f', 'g#h', 'ié'];
      const account = await accountWith(...wholes, ...cuts);
      const before = await registered(account);
      for (const cut of cuts)
        expect(refusal(await api.withKey(account).delete(`${PATH}/${cut}`))).toBe('404 device_not_found');
      for (const nothing of ['', '/']) {
        const answer = await api.withKey(account).delete(`${PATH}/${nothing}`);
        expect([404, 405]).toContain(answer.status);
      }
      expect(await registered(account)).toEqual(before);
      for (const whole of wholes)
        expect((await api.withKey(account).delete(`${PATH}/${encodeURIComponent(whole)}`)).status).toBe(200);
      expect((await api.withKey(account).delete(`${PATH}/a`)).status).toBe(200);
    });

    it('leaves the same device of another account alone', async () => {
      const [account, other] = [await accountWith(ONE), await accountWith(ONE)];
      expect((await api.withKey(account).delete(`${PATH}/${ONE}`)).status).toBe(200);
      expect(await registered(other)).toEqual([ONE]);
    });

    it('takes the uuid with its colons escaped, and one with odd characters', async () => {
      const account = await accountWith(`"<${ONE}>"`, '"<a/b c+d%e?f#gé>"');
      expect((await api.withKey(account).delete(`${PATH}/${encodeURIComponent(ONE)}`)).status).toBe(200);
      expect((await api.withKey(account).delete(`${PATH}/${encodeURIComponent('a/b c+d%e?f#gé')}`)).status).toBe(200);
      expect(await registered(account)).toEqual([]);
    });

    it('works by Digest', async () => {
      const account = await accountWith(ONE);
      expect((await api.withDigest(account).delete(`${PATH}/${ONE}`)).status).toBe(200);
      expect(await registered(account)).toEqual([]);
    });

    it('does not take the method from a header, the query or the body', async () => {
      const account = await accountWith(ONE);
      const headers = { 'x-http-method-override': 'DELETE', 'content-type': 'application/json' };
      await api.withKey(account).send({ path: `${PATH}/${ONE}?_method=DELETE`, headers });
      const answer = await api
        .withKey(account)
        .send({ method: 'POST', path: `${PATH}/${ONE}`, headers, body: '{"_method":"DELETE"}' });
      expect(refusal(answer)).toBe('405 method_not_allowed');
      expect(answer.headers.allow?.split(', ').toSorted()).toEqual(['DELETE', 'GET', 'HEAD']);
      expect(await registered(account)).toEqual([ONE]);
    });
  });

  describe.each(['GET', 'DELETE'])('%s /{uuid} is 404', (method) => {
    it.each([
      ['nobody has', 'urn:uuid:nobody'],
      ['is the beginning of another', ONE.slice(0, -1)],
      ['is of another case', ONE.toUpperCase()],
      ['is a property of every object', 'constructor'],
      ['is a blank', '%20'],
    ])('for a uuid that %s', async (_name, uuid) => {
      const account = await accountWith(`"<${ONE}>"`);
      expect(refusal(await api.withKey(account).send({ method, path: `${PATH}/${uuid}` }))).toBe(
        '404 device_not_found',
      );
      expect(await registered(account)).toEqual([`"<${ONE}>"`]);
    });

    it('for a uuid of another account', async () => {
      const other = await accountWith(ONE);
      expect(refusal(await api.withKey(await accountWith(OTHER)).send({ method, path: `${PATH}/${ONE}` }))).toBe(
        '404 device_not_found',
      );
      expect(await registered(other)).toEqual([ONE]);
    });
  });

  describe.each([
    ['GET', PATH],
    ['GET', `${PATH}/${ONE}`],
    ['DELETE', `${PATH}/${ONE}`],
  ])('%s %s', (method, path) => {
    it('is 503 while the registrar does not answer, and works again afterwards', async () => {
      const account = await accountWith(ONE);
      api.registrar.goDown();
      const answer = await api.withKey(account).send({ method, path });
      expect(refusal(answer)).toBe('503 devices_unavailable');
      expect(answer.json.message).not.toMatch(/fake/);
      api.registrar.comeBack();
      expect(await registered(account)).toEqual([ONE]);
      expect((await api.withKey(account).send({ method, path })).status).toBe(200);
    });

    it('refuses a caller without credentials, even while the registrar is down', async () => {
      const account = await accountWith(ONE);
      api.registrar.goDown();
      const answer = await api.anonymous().send({ method, path, headers: { from: account.from } });
      expect(refusal(answer)).toBe('401 authentication_required');
      api.registrar.comeBack();
      expect(await registered(account)).toEqual([ONE]);
    });

    it('refuses an account that is not activated', async () => {
      const account = await api.given.inactiveAccount();
      api.registrar.register(account, registration(ONE));
      expect(refusal(await api.withKey(account).send({ method, path }))).toBe('403 account_not_activated');
      expect(await registered(account)).toEqual([ONE]);
    });
  });

  it('allows neither POST nor DELETE on the list', async () => {
    const account = await accountWith(ONE);
    for (const [method, path] of Object.entries({ POST: PATH, DELETE: `${PATH}/` })) {
      const answer = await api.withKey(account).send({ method, path });
      expect(refusal(answer)).toBe('405 method_not_allowed');
      expect(answer.headers.allow?.split(', ').toSorted()).toEqual(['GET', 'HEAD']);
    }
    expect(await registered(account)).toEqual([ONE]);
  });
});
