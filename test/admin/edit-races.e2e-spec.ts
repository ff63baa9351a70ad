import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { BEHIND_PROXY, stranger, uniquePhone } from '../support/public-routes.js';
import { tally } from '../support/refusal.js';

describe('Changes of accounts by administrators at once', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  const pathOf = ({ id }: Pick<GivenAccount, 'id'>) => `/api/accounts/${id}`;
  const send = (method: string, account: GivenAccount, body: object) =>
    api.withKey(admin).send({
      method,
      path: pathOf(account),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const patch = (account: GivenAccount, body: object) => send('PATCH', account, body);
  const put = (account: GivenAccount, body: object) => send('PUT', account, body);
  const shown = async (account: GivenAccount) => (await api.withKey(admin).get(pathOf(account))).json;

  it('20 PATCHes of different members all hold', async () => {
    const account = await api.given.account();
    const phone = uniquePhone(api);
    const keys = Array.from({ length: 16 }, (_, index) => ({ dictionary: { [`key${index}`]: String(index) } }));
    const members = [{ display_name: 'John' }, { dtmf_protocol: 'sipinfo' }, { email: 'a@example.org' }, { phone }];
    const answers = await Promise.all([...keys, ...members].map((body) => patch(account, body)));
    expect(tally(answers)).toEqual({ 200: 20 });
    const { dictionary, ...rest } = await shown(account);
    expect(Object.keys(dictionary)).toHaveLength(16);
    expect(rest).toMatchObject(Object.assign({}, ...members));
  });

  it('20 PUTs of one account leave the state of one of them', async () => {
    const account = await api.given.account();
    const bodies = Array.from({ length: 20 }, (_, index) => ({
      username: account.username,
      display_name: `name ${index}`,
      email: `mail${index}@example.org`,
      phone: `+3368000000${index % 4}`,
      dictionary: { index: String(index) },
    }));
    expect(tally(await Promise.all(bodies.map((body) => put(account, body))))).toEqual({ 200: 20 });
    const { display_name, email, phone, dictionary } = await shown(account);
    expect(bodies).toContainEqual({ username: account.username, display_name, email, phone, dictionary });
    expect(await api.sql('SELECT alias FROM aliases WHERE account_id = ?', [account.id])).toEqual([{ alias: phone }]);
  });

  it('of 20 accounts that want one number or name, one gets it', async () => {
    const accounts = await Promise.all(Array.from({ length: 20 }, () => api.given.account({ key: false })));
    const phone = uniquePhone(api);
    expect(tally(await Promise.all(accounts.map((account) => patch(account, { phone }))))).toEqual({
      200: 1,
      '422 phone_taken phone': 19,
    });
    const username = api.given.unique('wanted');
    const body = { username, password: 'other words' };
    expect(tally(await Promise.all(accounts.map((account) => patch(account, body))))).toEqual({
      200: 1,
      '422 username_taken username': 19,
    });
  });

  it('with a block, both hold', async () => {
    const account = await api.given.account();
    await Promise.all([
      patch(account, { display_name: 'John', activated: false }),
      api.withKey(admin).post(`${pathOf(account)}/block`),
      patch(account, { email: 'a@example.org' }),
    ]);
    expect(await shown(account)).toMatchObject({
      display_name: 'John',
      email: 'a@example.org',
      blocked: true,
      activated: false,
    });
    expect((await stranger(api).get(`/api/accounts/${account.sip}/info`)).json.activated).toBe(false);
  });
});
