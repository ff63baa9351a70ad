import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { type Answer, ME } from '../support/http.js';
import { leaked } from '../support/logged.js';
import { confirmationPathOf } from '../support/mail-routes.js';
import { range } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

describe('The code for a new e-mail address', () => {
  let api: Api;

  beforeAll(async () => (api = await Api.start()));
  afterAll(() => api.stop());

  const request = (account: GivenAccount, email: string) => api.withKey(account).post(`${ME}/email/request`, { email });
  const confirm = (account: GivenAccount, code: unknown) => api.withKey(account).post(`${ME}/email`, { code });
  const requested = async (account: GivenAccount, email = 'new@example.org') => {
    expect(await request(account, email)).toMatchObject({ status: 200, text: '{}' });
    const mail = api.mails.last;
    return mail.kind === 'email-confirmation' ? mail.code : '';
  };
  const other = (code: string) => String((Number(code) + 1) % 10_000).padStart(4, '0');

  it('gives the account its address, and tells the old one', async () => {
    const account = await api.given.account({ email: 'old@example.org' });
    const code = await requested(account);
    const { status, json } = await confirm(account, code);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      email: 'new@example.org',
      activated: true,
      email_changed: null,
      email_change_code: null,
    });
    expect(api.mails.last).toMatchObject({ kind: 'email-changed', to: 'old@example.org', newEmail: 'new@example.org' });
    expect(refusal(await confirm(account, code))).toBe('404 email_code_not_requested');
  });

  it('activates an account that an app has created', async () => {
    const account = await api.given.newAccount();
    expect((await confirm(account, await requested(account))).json).toMatchObject({
      email: 'new@example.org',
      activated: true,
    });
    expect((await api.withKey(account).get(ME)).status).toBe(200);
  });

  it('ends with the link of the same mail, which activates such an account too', async () => {
    const account = await api.given.newAccount();
    const code = await requested(account);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    await api.send({ method: 'POST', path: confirmationPathOf(api.mails.last), headers: form, body: '' });
    expect((await api.withKey(account).get(ME)).json).toMatchObject({ email: 'new@example.org', activated: true });
    expect(refusal(await confirm(account, code))).toBe('404 email_code_not_requested');
  });

  it('does not activate an account that an administrator has turned off meanwhile', async () => {
    const account = await api.given.newAccount();
    const code = await requested(account);
    await api.withKey(await api.given.admin()).post(`/api/accounts/${account.id}/deactivate`);
    expect(refusal(await confirm(account, code))).toBe('403 account_not_activated');
  });

  it('has three tries, after which the link still works', async () => {
    const account = await api.given.account();
    const code = await requested(account);
    for (const _ of range(3)) expect(refusal(await confirm(account, other(code)))).toBe('403 email_code_wrong');
    expect(refusal(await confirm(account, code))).toBe('404 email_code_not_requested');
    expect((await api.send({ path: confirmationPathOf(api.mails.last) })).status).toBe(200);
  });

  it('is accepted after two wrong ones', async () => {
    const account = await api.given.account();
    const code = await requested(account);
    for (const _ of range(2)) expect(refusal(await confirm(account, other(code)))).toBe('403 email_code_wrong');
    expect((await confirm(account, code)).status).toBe(200);
  });

  it('is refused with 403 after 10 minutes, which ends it', async () => {
    const account = await api.given.account();
    const code = await requested(account);
    api.clock.advance(600);
    expect(refusal(await confirm(account, code))).toBe('403 email_code_expired');
    expect(refusal(await confirm(account, code))).toBe('404 email_code_not_requested');
  });

  it('of twenty calls at once one succeeds', async () => {
    const account = await api.given.account();
    const code = await requested(account);
    const answers = await Promise.all(range(20).map(() => confirm(account, code)));
    expect(tally(answers)).toEqual({ 200: 1, '404 email_code_not_requested': 19 });
  });

  it('is nobody else’s', async () => {
    const [account, stranger] = [await api.given.account(), await api.given.account()];
    const code = await requested(account);
    expect(refusal(await confirm(stranger, code))).toBe('404 email_code_not_requested');
    expect((await confirm(account, code)).status).toBe(200);
  });

  it.each([undefined, null, 1234, '123', '12345', 'abcd', ['1234'], { code: '1234' }, ' 123', '１２３４'])(
    'is not %p, which uses up no try',
    async (shapeless) => {
      const account = await api.given.account();
      const code = await requested(account);
      for (const _ of range(4)) expect(refusal(await confirm(account, shapeless))).toBe('422 validation_failed code');
      expect((await confirm(account, code)).status).toBe(200);
    },
  );

  it('is in no log line', async () => {
    const account = await api.given.account();
    const code = await requested(account);
    await confirm(account, code);
    expect(leaked(api, code)).toEqual([]);
  });
});

describe('Wrong codes for an e-mail address', () => {
  let api: Api;
  const unlimited = { LIMIT_EMAIL_REQUESTS: '0', LIMIT_EMAIL_REQUESTS_PER_ACCOUNT: '0' };
  beforeAll(async () => (api = await Api.start({ environment: { RATE_LIMITS: 'on', ...unlimited } })));
  afterAll(() => api.stop());

  it('are limited to 20 an hour for an account, whatever was sent in between', async () => {
    const account = await api.given.account();
    const call = (path: string, body: object) => api.withKey(account).post(`${ME}/${path}`, body);
    const answers: Answer[] = [];
    for (const round of range(7)) {
      await call('email/request', { email: `new${round}@example.org` });
      const { code } = api.mails.last as { code?: string };
      const wrong = String((Number(code) + 1) % 10_000).padStart(4, '0');
      for (const _ of range(3)) answers.push(await call('email', { code: wrong }));
    }
    expect(tally(answers)).toEqual({ '403 email_code_wrong': 20, '429 too_many_attempts': 1 });
  });
});
