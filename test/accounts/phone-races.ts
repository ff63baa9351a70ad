import type { Api } from '../support/api.js';
import { range, registrationBody, stranger } from '../support/public-routes.js';
import { tally } from '../support/refusal.js';

const PATH = '/api/accounts/with-token';

/** Tests that hold on every database, for accounts that are created or activated at the same time. */
export function testPhoneRaces(getApi: () => Api): void {
  let api: Api;

  beforeAll(() => {
    api = getApi();
  });

  const numberOf = (index: number) => `+3361000${String(index).padStart(4, '0')}`;

  it('by 100 new accounts, each its own, are all given', async () => {
    const bodies = await Promise.all(range(100).map((index) => registrationBody(api, { phone: numberOf(index) })));
    expect(tally(await Promise.all(bodies.map((body) => stranger(api).post(PATH, body))))).toEqual({ 200: 100 });
    const codes = new Map(api.messages.delivered.map(({ to, code }) => [to, code]));
    const activations = bodies.map(({ username, phone }) =>
      stranger(api).post(`/api/accounts/${username}@sip.example.org/activate/phone`, {
        code: codes.get(String(phone)),
      }),
    );
    expect(tally(await Promise.all(activations))).toEqual({ 200: 100 });
    expect(await api.count('aliases')).toBe(100);
  });

  it('by an administrator for 100 accounts, each its own, are all given', async () => {
    const admin = api.withKey(await api.given.admin());
    const create = (index: number) =>
      admin.post('/api/accounts', {
        username: api.given.unique('office'),
        password: 'secret words',
        algorithm: 'MD5',
        phone: numberOf(1000 + index),
      });
    expect(tally(await Promise.all(range(100).map(create)))).toEqual({ 200: 100 });
  });

  it('as a username and as a phone lead to one account, however often it is tried', async () => {
    const admin = api.withKey(await api.given.admin());
    const create = (members: object) =>
      admin.post('/api/accounts', {
        username: api.given.unique('rival'),
        password: 'secret words',
        algorithm: 'MD5',
        ...members,
      });
    for (const round of range(15)) {
      const number = numberOf(2000 + round);
      const rivals = range(6).map((index) => create(index % 2 ? { phone: number } : { username: number }));
      const { 200: successes = 0, ...refusals } = tally(await Promise.all(rivals));
      expect({ successes, refusals }).toMatchObject({ successes: 1 });
      expect(Object.keys(refusals).filter((kind) => !kind.startsWith('422 '))).toEqual([]);
      const holders = await api.sql('SELECT id FROM accounts WHERE username = ? OR phone = ?', [number, number]);
      expect(holders).toHaveLength(1);
    }
  });
}
