import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { contact, EXPIRES_AT, FlexisipProxy, UPDATED_AT } from '../support/external/flexisip-proxy.js';
import { refusal } from '../support/refusal.js';

const PATH = '/api/accounts/me/devices';
const ONE = 'urn:uuid:7a3d8e90-1111-2222-3333-0123456789ab';
const OTHER = 'urn:uuid:7a3d8e90-1111-2222-3333-0123456789ac';

describe('/accounts/me/devices, by the command socket of a SIP proxy', () => {
  let api: Api;
  let proxy: FlexisipProxy;

  beforeAll(async () => {
    proxy = await FlexisipProxy.start();
    api = await Api.start({ environment: { RATE_LIMITS: 'off', ...proxy.environment }, real: ['devices'] });
  });
  afterAll(async () => {
    await api?.stop();
    await proxy.stop();
  });
  beforeEach(async () => {
    await proxy.behave();
    await proxy.takeCommands();
  });
  afterEach(() => proxy.checkUnharmed());

  async function accountWith(...uniqueIds: string[]): Promise<GivenAccount> {
    const account = await api.given.account();
    await proxy.register(account, ...uniqueIds.map((uniqueId) => contact(uniqueId)));
    return account;
  }

  const show = (account: GivenAccount, uuid: string) => api.withKey(account).get(`${PATH}/${encodeURIComponent(uuid)}`);
  const remove = (account: GivenAccount, uuid: string) =>
    api.withKey(account).delete(`${PATH}/${encodeURIComponent(uuid)}`);

  describe('GET', () => {
    it('shows the contacts of the record, keyed by uuid, with one command', async () => {
      const account = await accountWith(`"<${ONE}>"`);
      await proxy.register(
        account,
        contact(`"<${OTHER}>"`, { 'user-agent': 'Liñphone "Ünï" 📱', 'update-time': 0, 'expires-at': 4_102_444_799 }),
      );
      const answer = await api.withKey(account).get(PATH);
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({
        [ONE]: {
          uuid: ONE,
          expires_at: EXPIRES_AT,
          update_time: UPDATED_AT,
          user_agent: 'LinphoneAndroid/5.2.5',
          app: 'LinphoneAndroid',
          version: '5.2.5',
          device_name: null,
        },
        [OTHER]: {
          uuid: OTHER,
          expires_at: '2099-12-31T23:59:59.000000Z',
          update_time: '1970-01-01T00:00:00.000000Z',
          user_agent: 'Liñphone "Ünï" 📱',
          app: null,
          version: null,
          device_name: null,
        },
      });
      expect(await proxy.takeCommands()).toEqual([`REGISTRAR_GET sip:${account.sip}`]);
    });

    it.each(['nothing', 'empty list', 'error 404', 'error - 404'] as const)(
      'is {} for an address the proxy answers with %s',
      async (unknown) => {
        await proxy.behave({ unknown });
        const account = await api.given.account();
        expect(await api.withKey(account).get(PATH)).toMatchObject({ status: 200, text: '{}' });
        expect(refusal(await show(account, ONE))).toBe('404 device_not_found');
        expect(refusal(await remove(account, ONE))).toBe('404 device_not_found');
      },
    );

    it('reads an answer far over 64 KiB, that ends with the stream', async () => {
      const account = await api.given.account();
      const many = Array.from({ length: 400 }, (_, index) =>
        contact(`"<${ONE}-${index}>"`, { filler: 'é'.repeat(500) }),
      );
      await proxy.register(account, ...many);
      const { status, json } = await api.withKey(account).get(PATH);
      expect(status).toBe(200);
      expect(Object.keys(json)).toHaveLength(400);
    });

    it('reads an answer that comes byte by byte, in the middle of characters too', async () => {
      const account = await api.given.account();
      await proxy.register(account, contact(ONE, { 'user-agent': '📱é' }));
      await proxy.behave({ size: 1, pause: 0.001 });
      expect((await api.withKey(account).get(PATH)).json[ONE].user_agent).toBe('📱é');
    });

    it('takes a contact that has neither a unique id nor a user agent', async () => {
      const bare = { 'expires-at': 1, 'update-time': 1 };
      await proxy.behave({ answer: JSON.stringify({ aor: 'x', contacts: [bare] }) });
      const { json } = await api.withKey(await api.given.account()).get(PATH);
      expect(json['']).toMatchObject({ uuid: '', user_agent: '' });
    });

    it.each([
      ['half a record', '{"contacts":[{"unique-id":"a"'],
      ['another object', '{"aors":[]}'],
      ['a list', '[]'],
      ['null', 'null'],
      ['contacts that are none', '{"contacts":[7]}'],
      ['a moment that is none', '{"contacts":[{"unique-id":"a","expires-at":"soon","update-time":1}]}'],
      ['a negative moment', '{"contacts":[{"unique-id":"a","expires-at":-1,"update-time":1}]}'],
      ['another error', 'Error - Failed to connect to the registrar database'],
      ['an error with another number', 'Error 500: Internal'],
      ['404 without an error', '404 Not Found'],
      ['words', 'pong'],
      ['bytes', '\u0000\u0001\uFFFF'],
    ])('is 503 when the proxy answers %s', async (_name, answer) => {
      await proxy.behave({ answer });
      const account = await api.given.account();
      for (const response of [
        await api.withKey(account).get(PATH),
        await show(account, ONE),
        await remove(account, ONE),
      ]) {
        expect(refusal(response)).toBe('503 devices_unavailable');
        expect(response.headers['retry-after']).toBe('10');
      }
      expect((await proxy.takeCommands()).filter((command) => !command.startsWith('REGISTRAR_GET'))).toEqual([]);
    });

    it('shows no moment later than a date can be', async () => {
      await proxy.behave({ answer: '{"contacts":[{"unique-id":"a","expires-at":1e300,"update-time":"1619085600"}]}' });
      const { json } = await api.withKey(await api.given.account()).get(PATH);
      expect(json.a).toMatchObject({ expires_at: '9999-12-31T23:59:59.000000Z', update_time: UPDATED_AT });
    });
  });

  describe.each([
    ['a URN in quotes and brackets', `"<${ONE}>"`, ONE],
    ['a URN in brackets', `<${ONE}>`, ONE],
    ['a bare URN', ONE, ONE],
    ['an id the proxy made up', 'fs-gen-7f3a0c11d2', 'fs-gen-7f3a0c11d2'],
    ['a Call-ID', 'a84b4c76e66710@192.0.2.1', 'a84b4c76e66710@192.0.2.1'],
    [
      'a Call-ID of every character one may have',
      `a-.!%*_+\`'~()<>:\\"/[]?{}z@b%2F`,
      `a-.!%*_+\`'~()<>:\\"/[]?{}z@b%2F`,
    ],
    ['an id of 300 characters', `"<urn:uuid:${'f'.repeat(300)}>"`, `urn:uuid:${'f'.repeat(300)}`],
  ])('a registration whose unique id is %s', (_name, uniqueId, uuid) => {
    it('is listed, shown, and removed by exactly that id', async () => {
      const account = await accountWith(uniqueId, `"<${OTHER}>"`);
      expect(Object.keys((await api.withKey(account).get(PATH)).json).toSorted()).toEqual([uuid, OTHER].toSorted());
      expect((await show(account, uuid)).json.uuid).toBe(uuid);
      await proxy.takeCommands();

      expect(await remove(account, uuid)).toMatchObject({ status: 200, text: '{}' });
      expect(await proxy.takeCommands()).toEqual([
        `REGISTRAR_GET sip:${account.sip}`,
        `REGISTRAR_DELETE sip:${account.sip} ${uniqueId}`,
      ]);
      expect(await proxy.registered(account)).toEqual([`"<${OTHER}>"`]);
    });
  });

  describe('DELETE /{uuid}', () => {
    it.each(['nothing', 'empty list', 'error 404', 'error - 404'] as const)(
      'removes the last one where %s is answered then',
      async (unknown) => {
        const account = await accountWith(`"<${ONE}>"`);
        await proxy.behave({ unknown });
        expect(await remove(account, ONE)).toMatchObject({ status: 200, text: '{}' });
        expect(await proxy.registered(account)).toEqual([]);
      },
    );

    it('is 404 for what the record does not hold, and the proxy is not told to remove anything', async () => {
      const account = await accountWith(`"<${ONE}>"`);
      for (const uuid of [OTHER, `"<${ONE}>"`, `<${ONE}>`, `${ONE} ${ONE}`, ' ', '\n']) {
        expect(refusal(await remove(account, uuid))).toBe('404 device_not_found');
      }
      expect(new Set(await proxy.takeCommands())).toEqual(new Set([`REGISTRAR_GET sip:${account.sip}`]));
    });

    it('is 503 when the record still holds the registration afterwards', async () => {
      const account = await api.given.account();
      await proxy.behave({ answer: JSON.stringify({ contacts: [contact(`"<${ONE}>"`)] }) });
      expect(refusal(await remove(account, ONE))).toBe('503 devices_unavailable');
      expect(api.log.join('')).toMatch(/still has the registration/);
    });

    it.each([
      ['a blank', 'two words'],
      ['two blanks', 'two  words'],
      ['a newline', 'line\nREGISTRAR_CLEAR'],
      ['a tab', 'a\tb'],
      ['a NUL', 'a\u0000b'],
      ['a no-break space', 'a\u00a0b'],
    ])('is 503 for a unique id that holds %s, which the proxy could not bear', async (_name, uniqueId) => {
      const account = await accountWith(uniqueId);
      expect((await show(account, uniqueId)).json.uuid).toBe(uniqueId);
      await proxy.takeCommands();
      expect(refusal(await remove(account, uniqueId))).toBe('503 devices_unavailable');
      expect(await proxy.takeCommands()).toEqual([`REGISTRAR_GET sip:${account.sip}`]);
      expect(await proxy.registered(account)).toEqual([uniqueId]);
    });

    it('sends a command of 511 bytes, and none that is longer', async () => {
      const account = await api.given.account();
      const length = 511 - `REGISTRAR_DELETE sip:${account.sip} `.length;
      // Bytes count, not characters.
      const [fits, doesNot] = [`é${'f'.repeat(length - 2)}`, `é${'f'.repeat(length - 1)}`];
      await proxy.register(account, contact(fits), contact(doesNot));
      expect((await remove(account, fits)).status).toBe(200);
      expect(refusal(await remove(account, doesNot))).toBe('503 devices_unavailable');
      expect(await proxy.registered(account)).toEqual([doesNot]);
      expect(
        (await proxy.takeCommands()).map((command) => Buffer.byteLength(command)).filter((size) => size > 100),
      ).toEqual([511]);
    });

    it('removes nothing of a namesake in another domain', async () => {
      const account = await accountWith(`"<${ONE}>"`);
      const namesake = await api.given.account({ username: account.username, domain: 'other.example.org', key: false });
      await proxy.register(namesake, contact(`"<${ONE}>"`));
      expect((await remove(account, ONE)).status).toBe(200);
      expect(await proxy.registered(namesake)).toEqual([`"<${ONE}>"`]);
    });
  });

  it('never clears a whole record', async () => {
    const account = await accountWith('a', 'b', 'c');
    expect((await api.withKey(account).delete('/api/accounts/me')).status).toBe(200);
    expect((await proxy.takeCommands()).filter((command) => /CLEAR/.test(command))).toEqual([]);
    expect(await proxy.registered(account)).toEqual([]);
  });
});
