import { Api } from '../support/api.js';
import { startMailingApi } from '../support/external/mailing-api.js';
import type { Answer } from '../support/http.js';
import {
  confirmEmail,
  confirmationPathOf,
  requestEmail,
  setFirstPassword,
  signUp,
  WITHOUT_LIMITS,
} from '../support/mail-routes.js';
import { MailServer } from '../support/external/mail-server.js';
import { NOTHING_LEFT, tracesOf } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';

const REFUSED = 'these words are not for the log';

const REFUSALS = [
  ['CONNECT', 421, /answered 421 /],
  ['CONNECT', 554, /answered 554 /],
  ['MAIL', 451, /answered 451 to MAIL /],
  ['MAIL', 550, /answered 550 to MAIL /],
  ['RCPT', 450, /answered 450 to RCPT /],
  ['RCPT', 550, /answered 550 to RCPT /],
  ['RCPT', 421, /answered 421 to (RCPT|CONN)/],
  ['DATA', 421, /answered 421 to DATA /],
  ['DATA', 452, /answered 452 to DATA /],
  ['DATA', 554, /answered 554 to DATA /],
] as const;

describe('A mail server that refuses', () => {
  let server: MailServer;
  let api: Api;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    ({ api, server, stop } = await startMailingApi());
  });
  beforeEach(async () => {
    server.accept();
    // A connection from before would not meet the greeting.
    await server.hangUp();
    server.received.length = 0;
    api.log.length = 0;
  });
  afterAll(() => stop());

  /** Neither the caller nor the log may learn what the server says or quotes. */
  function expectDiscretion(answer: Answer, ...secrets: string[]): void {
    const log = api.log.join('');
    const said = api.log.filter((line) => line.includes('Not delivered'));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/the mail server 127\.0\.0\.1:\d+: /);
    for (const secret of [REFUSED, ...secrets]) {
      expect(log).not.toContain(secret);
      expect(answer.text).not.toContain(secret);
    }
  }

  const pendingOf = ({ id }: { id: number }) =>
    api.sql('SELECT new_email FROM email_changed WHERE account_id = ?', [id]);

  it.each(REFUSALS)(
    '%s by %d leaves neither account nor spent token, and the next mail goes out',
    async (command, code) => {
      server.refuse(command, code, REFUSED);
      const { answer, body } = await signUp(api);
      expect(refusal(answer)).toBe('503 mail_not_delivered');
      expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
      expectDiscretion(answer, body.password, body.token, 'Your activation code');
      expect(server.received).toEqual([]);

      server.accept();
      const again = await api.anonymous().post('/api/accounts/with-token', body);
      expect(again.status).toBe(200);
      expect(server.received).toHaveLength(1);
    },
  );

  it.each(REFUSALS)('%s by %d leaves no pending address, and an older one as it was', async (command, code) => {
    const account = await api.given.account({ email: 'old@example.org' });
    server.refuse(command, code, REFUSED);
    const answer = await requestEmail(api, account, 'first@example.org');
    expect(refusal(answer)).toBe('503 mail_not_delivered');
    expect(await pendingOf(account)).toEqual([]);
    expectDiscretion(answer, '/account/email/');

    server.accept();
    expect((await requestEmail(api, account, 'second@example.org')).status).toBe(200);
    const path = confirmationPathOf(server.last);
    await server.hangUp();
    server.refuse(command, code, REFUSED);
    expect((await requestEmail(api, account, 'third@example.org')).status).toBe(503);
    expect(await pendingOf(account)).toMatchObject([{ new_email: 'second@example.org' }]);
    server.accept();
    expect((await confirmEmail(api, path)).status).toBe(200);
    expect((await api.withKey(account).get('/api/accounts/me')).json).toMatchObject({ email: 'second@example.org' });
  });

  it.each(REFUSALS)('%s by %d does not undo what a mail only tells of', async (command, code) => {
    const account = await api.given.account({ email: 'old@example.org', stored: [] });
    await requestEmail(api, account, 'new@example.org');
    const path = confirmationPathOf(server.last);
    await server.hangUp();
    server.refuse(command, code, REFUSED);

    const answer = await setFirstPassword(api, account);
    expect(answer.status).toBe(200);
    expectDiscretion(answer, 'a first password');
    expect(
      (await api.withDigest({ ...account, password: 'a first password' }, 'SHA-256').get('/api/accounts/me')).status,
    ).toBe(200);
    api.log.length = 0;
    const confirmed = await confirmEmail(api, path);
    expect(confirmed.status).toBe(200);
    expectDiscretion(confirmed, path);
    expect((await api.withKey(account).get('/api/accounts/me')).json).toMatchObject({ email: 'new@example.org' });
  });

  it.each(REFUSALS)('%s by %d is named in the log', async (command, code, reason) => {
    server.refuse(command, code, REFUSED);
    await signUp(api);
    expect(api.log.filter((line) => line.includes('Not delivered'))).toEqual([expect.stringMatching(reason) as string]);
  });

  it('leaves nothing of twenty calls at once, and no connection open', async () => {
    server.refuse('RCPT', 550, REFUSED);
    const calls = await Promise.all(Array.from({ length: 20 }, () => signUp(api)));
    for (const { answer, body } of calls) {
      expect(refusal(answer)).toBe('503 mail_not_delivered');
      expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
    }
    await server.untilAlone();
  });

  it('is not told of in the log with secrets when it takes the mails, either', async () => {
    const { body } = await signUp(api);
    const [, code = ''] = /^ +([A-Za-z0-9]{13})$/m.exec(server.last.text ?? '') ?? [];
    expect(
      (await api.anonymous().post(`/api/accounts/${body.username}@sip.example.org/activate/email`, { code })).status,
    ).toBe(200);
    const account = await api.given.account({ email: 'old@example.org', stored: [] });
    await requestEmail(api, account, 'new@example.org');
    const path = confirmationPathOf(server.last);
    await api.anonymous().get(path);
    await confirmEmail(api, path);
    await setFirstPassword(api, account);
    expect(server.received).toHaveLength(4);
    const log = api.log.join('');
    expect(log).not.toBe('');
    for (const secret of [code, path.split('/').at(-1) ?? '', body.token, body.password, 'a first password']) {
      expect(secret.length).toBeGreaterThan(5);
      expect(log).not.toContain(secret);
    }
  });
});

describe('A mail server that cannot be reached', () => {
  describe.each([
    ['nobody listens', '127.0.0.1', /ECONNREFUSED/],
    ['there is no such host', 'no-such-host.invalid', /ENOTFOUND|EAI_AGAIN/],
  ])('since %s', (_what, host, reason) => {
    let api: Api;
    let name: string;

    beforeAll(async () => {
      const gone = await MailServer.start();
      name = `the mail server ${host}:${gone.port}: `;
      const environment = { ...WITHOUT_LIMITS, ...gone.environment, MAIL_HOST: host };
      await gone.stop();
      api = await Api.start({ environment, real: ['mail'] });
    });
    afterAll(() => api.stop());

    it('leaves neither account nor spent token', async () => {
      const { answer, body } = await signUp(api);
      expect(refusal(answer)).toBe('503 mail_not_delivered');
      expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
      expect(api.log.join('')).toContain(name);
    });

    it('is named in the log, with the reason', async () => {
      await signUp(api);
      expect(api.log.findLast((line) => line.includes('Not delivered'))).toMatch(reason);
    });
  });
});
