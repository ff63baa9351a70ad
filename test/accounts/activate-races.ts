import type { Api } from '../support/api.js';
import { range, registrationBody, stranger, uniquePhone } from '../support/public-routes.js';
import { tally } from '../support/refusal.js';

const KEY = 'aZ3kP9sQ1xW7b';

/** Tests that hold on every database, for accounts that are created or activated at the same time. */
export function testActivationRaces(getApi: () => Api): void {
  let api: Api;

  beforeAll(() => {
    api = getApi();
  });

  const activate = (sip: string, code: string) => stranger(api).post(`/api/accounts/${sip}/activate/email`, { code });

  /** An account that waits for the code of an SMS to this number. */
  async function waitingFor(phone: string) {
    const account = await api.given.inactiveAccount({ confirmationKey: '2718', confirmationExpiresIn: 600 });
    await api.sql('INSERT INTO phone_change_codes (account_id, code, phone) VALUES (?, ?, ?)', [
      account.id,
      '2718',
      phone,
    ]);
    return account;
  }

  /** The accounts that a number leads to in the domain, for each of the three columns that hold numbers. */
  async function ownersOf(phone: string) {
    const ids = async (statement: string) => (await api.sql(statement, [phone])).map(({ id }) => Number(id));
    return {
      aliases: await ids('SELECT account_id AS id FROM aliases WHERE alias = ?'),
      phones: await ids('SELECT id FROM accounts WHERE phone = ?'),
      usernames: await ids('SELECT id FROM accounts WHERE username = ?'),
    };
  }

  it('activates one account once by twenty calls with the right code', async () => {
    const { sip, id } = await api.given.inactiveAccount({ confirmationKey: KEY });
    const { '200': successes, ...others } = tally(await Promise.all(range(20).map(() => activate(sip, KEY))));
    expect(successes).toBe(1);
    expect(
      Object.keys(others).filter((kind) => !/^(404 activation_code_wrong|429 too_many_attempts)$/.test(kind)),
    ).toEqual([]);
    expect(await api.count('accounts', 'id = ? AND activated = 1 AND confirmation_key IS NULL', [id])).toBe(1);
  });

  it('activates each of twenty accounts', async () => {
    const accounts = await Promise.all(
      range(20).map(() => api.given.inactiveAccount({ confirmationKey: KEY, confirmationExpiresIn: 600 })),
    );
    expect(tally(await Promise.all(accounts.map(({ sip }) => activate(sip, KEY))))).toEqual({ '200': 20 });
  });

  it('gives each of twenty accounts its own number', async () => {
    const phones = range(20).map(() => uniquePhone(api));
    const accounts = await Promise.all(phones.map(waitingFor));
    expect(tally(await Promise.all(accounts.map(({ sip }) => activate(sip, '2718'))))).toEqual({ '200': 20 });
    for (const [index, phone] of phones.entries()) {
      const ids = [accounts[index]?.id];
      expect(await ownersOf(phone)).toEqual({ aliases: ids, phones: ids, usernames: [] });
    }
  });

  it('gives a number that twenty accounts wait for to one of them', async () => {
    const phone = uniquePhone(api);
    const accounts = await Promise.all(range(20).map(() => waitingFor(phone)));
    expect(tally(await Promise.all(accounts.map(({ sip }) => activate(sip, '2718'))))).toEqual({
      '200': 1,
      '422 phone_taken phone': 19,
    });
    const owners = await ownersOf(phone);
    expect(owners.aliases).toHaveLength(1);
    expect(owners).toEqual({ aliases: owners.aliases, phones: owners.aliases, usernames: [] });
    const ids = accounts.map(({ id }) => id);
    expect(await api.count('accounts', `activated = 1 AND id IN (${ids.join(', ')})`)).toBe(1);
  });

  it('has a number become a phone or a username, never both', async () => {
    for (const _ of range(8)) {
      const phone = uniquePhone(api);
      const { sip } = await waitingFor(phone);
      const bodies = await Promise.all(range(3).map(() => registrationBody(api, { username: phone })));
      const create = (body: unknown) => stranger(api).post('/api/accounts/with-token', body);
      const [first, ...others] = bodies.map((body) => () => create(body));
      const calls = [first, () => activate(sip, '2718'), ...others];
      const answers = await Promise.all(calls.map((call) => call?.()));
      expect(answers.filter((answer) => answer?.status === 200)).toHaveLength(1);
      const { phones, aliases, usernames } = await ownersOf(phone);
      expect(aliases).toEqual(phones);
      expect(phones.length + usernames.length).toBe(1);
    }
  });
}
