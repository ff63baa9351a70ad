import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { refusal } from '../support/refusal.js';

const ROUTES = [
  ['GET', ''],
  ['DELETE', ''],
  ['GET', '/activate'],
  ['POST', '/activate'],
  ['GET', '/deactivate'],
  ['POST', '/deactivate'],
] as const;

/** Text that a lax comparison would take for the id 1, and ids that nobody has. */
const IDS = [
  '1abc',
  '0',
  '00',
  '01',
  '-1',
  '+1',
  '1.0',
  '1e0',
  '0x1',
  '%201',
  '1%20',
  '1%0A',
  '1%00',
  '1,2',
  '%D9%A1',
  'true',
  'null',
  '[1]',
];
const FREE_IDS = [
  '999999',
  '2147483648',
  '4294967295',
  '4294967297',
  '9999999999',
  '99999999999',
  '18446744073709551617',
];

describe('The id of an account in a path', () => {
  let api: Api;
  let first: GivenAccount;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    first = await api.given.account();
    admin = await api.given.admin();
    if (first.id !== 1) throw new Error('the ids below are made to be taken for 1');
  });
  afterAll(() => api.stop());

  const state = () => api.sql('SELECT id, activated, confirmation_key FROM accounts ORDER BY id');

  describe.each(ROUTES)('of %s /accounts/{id}%s', (method, action) => {
    const path = (id: string | number) => `/api/accounts/${id}${action}`;

    it.each([...IDS, ...FREE_IDS])('answers 404 for the id %s, and touches nothing', async (id) => {
      const before = await state();
      expect(refusal(await api.withKey(admin).send({ method, path: path(id) }))).toBe('404 account_not_found');
      expect(await state()).toEqual(before);
    });

    it('refuses a caller without credentials, also for an id that is none', async () => {
      for (const id of [first.id, '1abc']) {
        const answer = await api.anonymous().send({ method, path: path(id), headers: { from: admin.from } });
        expect(refusal(answer)).toBe('401 authentication_required');
      }
    });

    it('refuses an account that is no administrator, for its own id too, and never tells which ids exist', async () => {
      const before = await state();
      for (const id of [first.id, admin.id, 999_999, '1abc']) {
        expect(refusal(await api.withKey(first).send({ method, path: path(id) }))).toBe('403 admin_required');
      }
      expect(await state()).toEqual(before);
    });

    it('refuses an administrator who is not activated', async () => {
      const inactive = await api.given.inactiveAccount({ admin: true });
      const before = await state();
      expect(refusal(await api.withKey(inactive).send({ method, path: path(inactive.id) }))).toBe(
        '403 account_not_activated',
      );
      expect(await state()).toEqual(before);
    });
  });
});
