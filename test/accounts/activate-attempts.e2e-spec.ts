import { Api } from '../support/api.js';
import { BEHIND_PROXY, range, stranger, uniquePhone } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

const HOUR = 3_600;
const KEY = 'aZ3kP9sQ1xW7b';
const WRONG = '404 activation_code_wrong';
const TOO_MANY = '429 too_many_attempts';

describe('POST /accounts/{sip}/activate, failing for an address', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({
      environment: { ...BEHIND_PROXY, RATE_LIMITS: 'on', LIMIT_REQUESTS: '0', LIMIT_ACTIVATIONS: '0' },
    });
  });
  afterAll(() => api.stop());

  const activate = (sip: string, code: unknown = KEY, how = 'email') =>
    stranger(api).post(`/api/accounts/${sip}/activate/${how}`, { code });
  const inactive = (state = {}) => api.given.inactiveAccount({ confirmationKey: KEY, ...state });
  const isActivated = async (id: number) => (await api.count('accounts', 'id = ? AND activated = 1', [id])) === 1;
  const unknownAddress = () => `${api.given.unique('nobody')}@sip.example.org`;

  /** Makes this many failing attempts, one after the other. */
  async function fail(sip: string, times: number, expected = WRONG): Promise<void> {
    for (const _ of range(times))
      expect(refusal(await activate(sip, expected === WRONG ? '0000' : KEY))).toBe(expected);
  }

  it('is refused after ten wrong codes, the right one included, and says when to come again', async () => {
    const { sip, id } = await inactive();
    await fail(sip, 10);
    const answer = await activate(sip);
    expect(refusal(answer)).toBe(TOO_MANY);
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d{0,3}$/);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(HOUR);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(HOUR - 60);
    expect(await isActivated(id)).toBe(false);
  });

  it('still takes the right code after nine wrong ones', async () => {
    const { sip, id } = await inactive();
    await fail(sip, 9);
    expect((await activate(sip)).status).toBe(200);
    expect(await isActivated(id)).toBe(true);
  });

  it('is the same for an address that no account has', async () => {
    const sip = unknownAddress();
    await fail(sip, 10);
    const answer = await activate(sip, '0000');
    expect(refusal(answer)).toBe(TOO_MANY);
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d{0,3}$/);
  });

  it('is refused although the account comes to exist only afterwards', async () => {
    const username = api.given.unique('latecomer');
    await fail(`${username}@sip.example.org`, 10);
    const { sip, id } = await inactive({ username });
    expect(refusal(await activate(sip))).toBe(TOO_MANY);
    expect(await isActivated(id)).toBe(false);
  });

  it('counts the right code of an expired activation', async () => {
    const { sip } = await inactive({ confirmationExpiresIn: -10 });
    await fail(sip, 10, '403 activation_expired');
    expect(refusal(await activate(sip))).toBe(TOO_MANY);
  });

  it('counts both routes together, and refuses both', async () => {
    const { sip } = await inactive();
    await fail(sip, 5);
    for (const _ of range(5)) expect(refusal(await activate(sip, '0000', 'phone'))).toBe(WRONG);
    expect(refusal(await activate(sip))).toBe(TOO_MANY);
    expect(refusal(await activate(sip, '0000', 'phone'))).toBe(TOO_MANY);
  });

  it('counts all ways to escape an address together', async () => {
    const { username } = await inactive({ username: `+${api.given.unique('1')}` });
    const ways = [
      `${username}@sip.example.org`,
      `${username.replace('+', '%2B')}%40sip.example.org`,
      `${username}@sip%2Eexample.org`,
    ];
    for (const index of range(10)) expect(refusal(await activate(ways[index % 3] ?? '', '0000'))).toBe(WRONG);
    for (const sip of ways) expect(refusal(await activate(sip))).toBe(TOO_MANY);
  });

  it('counts no other address, be it another case of the same', async () => {
    const { sip } = await inactive();
    await fail(sip.replace('account', 'Account'), 10);
    await fail(sip.replace('@', '%20@'), 10);
    await fail(sip.replace('sip.', 'SIP.'), 10);
    expect((await activate(sip)).status).toBe(200);
  });

  it('does not count what is refused for its shape', async () => {
    const { sip } = await inactive();
    for (const code of [...range(12), '', 'x', null])
      expect(refusal(await activate(sip, code))).toBe('422 validation_failed code');
    expect((await activate(sip)).status).toBe(200);
  });

  it('does not count a number that is taken meanwhile', async () => {
    const phone = uniquePhone(api);
    const { sip, id } = await inactive({ confirmationKey: '2718' });
    const { id: owner } = await api.given.account({ phone });
    await api.sql('INSERT INTO phone_change_codes (account_id, code, phone) VALUES (?, ?, ?)', [id, '2718', phone]);
    for (const _ of range(12)) expect(refusal(await activate(sip, '2718', 'phone'))).toBe('422 phone_taken phone');
    await api.sql('DELETE FROM accounts WHERE id = ?', [owner]);
    expect((await activate(sip, '2718', 'phone')).status).toBe(200);
  });

  it('is refused before the body is looked at, whatever it is', async () => {
    const sip = unknownAddress();
    await fail(sip, 10);
    const path = `/api/accounts/${sip}/activate/phone`;
    expect(refusal(await stranger(api).post(path))).toBe(TOO_MANY);
    expect(refusal(await stranger(api).post(path, { code: 7 }))).toBe(TOO_MANY);
    expect(
      refusal(await stranger(api).send({ method: 'POST', path, headers: { 'content-type': 'text/plain' }, body: '{' })),
    ).toBe(TOO_MANY);
  });

  it('does not keep others from reading the info of the address, nor an administrator from activating it', async () => {
    const { sip, id } = await inactive();
    await fail(sip, 10);
    expect((await stranger(api).get(`/api/accounts/${sip}/info`)).json).toEqual({ activated: false, realm: null });
    expect((await api.withKey(await api.given.admin()).post(`/api/accounts/${id}/activate`)).status).toBe(200);
  });

  it('is judged in ten of twenty calls at once, for an address that no account has', async () => {
    const sip = unknownAddress();
    const answers = await Promise.all(range(20).map(() => activate(sip, '0000')));
    expect(tally(answers)).toEqual({ [WRONG]: 10, [TOO_MANY]: 10 });
    for (const { headers } of answers.filter(({ status }) => status === 429))
      expect(headers['retry-after']).toMatch(/^[1-9]\d{0,3}$/);
    expect(refusal(await activate(sip))).toBe(TOO_MANY);
  });

  it('is judged in ten of twenty calls at once, for an account', async () => {
    const { sip, id } = await inactive();
    const answers = await Promise.all(range(20).map((index) => activate(sip, String(index).padStart(4, '0'))));
    expect(tally(answers)).toEqual({ [WRONG]: 10, [TOO_MANY]: 10 });
    expect(refusal(await activate(sip))).toBe(TOO_MANY);
    expect(await isActivated(id)).toBe(false);
  });

  it('is judged again an hour after the failures', async () => {
    const { sip, id } = await inactive();
    await fail(sip, 10);
    api.clock.advance(HOUR - 30);
    expect(refusal(await activate(sip))).toBe(TOO_MANY);
    api.clock.advance(30);
    expect((await activate(sip)).status).toBe(200);
    expect(await isActivated(id)).toBe(true);
  });
});
