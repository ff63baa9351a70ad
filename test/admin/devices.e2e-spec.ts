import { Api } from '../support/api.js';
import { eventsOf, named } from '../support/events.js';
import type { GivenAccount } from '../support/factories.js';
import { refusal, tally } from '../support/refusal.js';

const ONE = 'urn:uuid:7a3d8e90-1111-2222-3333-0123456789ab';
const OTHER = 'urn:uuid:7a3d8e90-1111-2222-3333-0123456789ac';
const USER_AGENT = 'LinphoneAndroid/6.0.5 (Galaxy S21) LinphoneSDK/5.4.2';

describe('/accounts/{id}/devices for administrators', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start();
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());
  afterEach(() => api.registrar.comeBack());

  const path = ({ id }: Pick<GivenAccount, 'id'>, uuid = '') => `/api/accounts/${id}/devices${uuid && `/${uuid}`}`;
  const registered = async (account: GivenAccount) =>
    (await api.registrar.list(account)).map(({ uniqueId }) => uniqueId);
  async function accountWith(...uuids: string[]): Promise<GivenAccount> {
    const account = await api.given.account();
    const [expiresAt, updatedAt] = [new Date('2021-04-22T11:00:00Z'), new Date('2021-04-22T10:00:00Z')];
    const registrations = uuids.map((uuid) => ({
      uniqueId: `"<${uuid}>"`,
      userAgent: USER_AGENT,
      expiresAt,
      updatedAt,
    }));
    api.registrar.register(account, ...registrations);
    return account;
  }

  it('lists them as their owner sees them', async () => {
    const account = await accountWith(ONE, OTHER);
    const answer = await api.withKey(admin).get(path(account));
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual((await api.withKey(account).get('/api/accounts/me/devices')).json);
    expect(answer.json[ONE]).toEqual({
      uuid: ONE,
      expires_at: '2021-04-22T11:00:00.000000Z',
      update_time: '2021-04-22T10:00:00.000000Z',
      user_agent: USER_AGENT,
      app: 'LinphoneAndroid',
      version: '6.0.5',
      device_name: 'Galaxy S21',
    });
    expect((await api.withKey(admin).get(path(await api.given.account()))).text).toBe('{}');
  });

  it('removes exactly one, and reports who did it', async () => {
    const [account, other] = [await accountWith(ONE, OTHER), await accountWith(ONE)];
    const events = await eventsOf(api, async () => {
      expect(await api.withKey(admin).delete(path(account, ONE))).toMatchObject({ status: 200, text: '{}' });
    });
    expect(events).toMatchObject([{ event: 'device.removed', device: ONE, about: named(account), by: named(admin) }]);
    expect(await registered(account)).toEqual([`"<${OTHER}>"`]);
    expect(await registered(other)).toEqual([`"<${ONE}>"`]);
    expect(refusal(await api.withKey(admin).delete(path(account, ONE)))).toBe('404 device_not_found');
  });

  it.each(['/', '/%20', '/%22', '/%3C', '/%23', '/urn', '/urn:uuid:', '/%00', '/*', `/${ONE.slice(0, -1)}`])(
    'removes nothing by "%s"',
    async (rest) => {
      const account = await accountWith(ONE, OTHER);
      const answer = await api.withKey(admin).delete(`${path(account)}${rest}`);
      expect([404, 405]).toContain(answer.status);
      expect(await registered(account)).toHaveLength(2);
    },
  );

  it('does so once of 20 times at once, or again without harm', async () => {
    const account = await accountWith(ONE, OTHER);
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.withKey(admin).delete(path(account, ONE))));
    expect(Object.keys(tally(answers)).every((kind) => ['200', '404 device_not_found'].includes(kind))).toBe(true);
    expect(await registered(account)).toEqual([`"<${OTHER}>"`]);
  });

  it('is for administrators, and for accounts that exist', async () => {
    const account = await accountWith(ONE);
    for (const send of ['get', 'delete'] as const) {
      const uuid = send === 'delete' ? ONE : '';
      expect(refusal(await api.withKey(account)[send](path(account, uuid)))).toBe('403 admin_required');
      for (const id of [4711000, 'x', '0', '1e3'])
        expect(refusal(await api.withKey(admin)[send](path({ id: id as number }, uuid)))).toBe('404 account_not_found');
    }
    expect(await registered(account)).toHaveLength(1);
  });

  it('is 503 while the registrar does not answer', async () => {
    const account = await accountWith(ONE);
    api.registrar.goDown();
    expect(refusal(await api.withKey(admin).get(path(account)))).toBe('503 devices_unavailable');
    expect(refusal(await api.withKey(admin).delete(path(account, ONE)))).toBe('503 devices_unavailable');
  });
});
