import { ApiKeysService } from '../../src/auth/api-keys.service.js';
import { Transactions } from '../../src/database/transactions.js';
import { Api } from '../support/api.js';
import { askForChallenges, type ParsedChallenge } from '../support/digest-client.js';
import { forgeAnswer } from '../support/digest-forger.js';
import type { GivenAccount } from '../support/factories.js';
import { type Answer, ME } from '../support/http.js';
import { confirmationPathOf, confirmEmail, requestEmail } from '../support/mail-routes.js';
import { registrationBody, uniquePhone } from '../support/public-routes.js';
import { withStatements } from './statements.js';

const KEY = 'aZ3kP9sQ1xW7b';

type Calls = Record<string, () => Promise<Answer>>;

describe('Nothing tells apart', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  /** The comparable parts of an answer: all but the date, the request id and the nonce. */
  const lookOf = ({ status, text, headers: { date: _date, 'x-request-id': _id, ...headers }, challenges }: Answer) => ({
    status,
    text,
    headers: {
      ...headers,
      'www-authenticate': challenges.map((challenge) => challenge.replace(/nonce="[^"]*"/, 'nonce')),
    },
  });
  /** The answers, each with the statements it ran. TypeORM writes numbers into statements for SQLite. */
  const answersTo = async (calls: Calls) => {
    const answers: Record<string, { look: ReturnType<typeof lookOf>; statements: string[] }> = {};
    for (const [name, call] of Object.entries(calls)) {
      const { result, statements } = await withStatements(api, call);
      answers[name] = {
        look: lookOf(result),
        statements: statements.map(({ text }) => text.replaceAll(/= \d+/g, '= ?')),
      };
    }
    return answers;
  };
  /** The first answer under every name: all answers must be equal to it. */
  const allAs = <T>(answers: Record<string, T>) =>
    Object.fromEntries(Object.keys(answers).map((name) => [name, Object.values(answers)[0]]));
  const withoutCost = (answers: Record<string, { look: unknown }>) =>
    Object.fromEntries(Object.entries(answers).map(([name, { look }]) => [name, look]));

  describe.each(['email', 'phone'] as const)('by activate/%s', (how) => {
    it('an address that nobody has, a wrong code, a late guess and an account that waits for none, nor what they cost', async () => {
      const code = how === 'email' ? 'WrongCode1234' : '4711';
      const activate = (sip: string) => () => api.anonymous().post(`/api/accounts/${sip}/activate/${how}`, { code });
      const waiting = await api.given.inactiveAccount({ confirmationKey: KEY });
      await api.given.inactiveAccount({ confirmationKey: code });
      const answers = await answersTo({
        'nobody’s address': activate('nobody@sip.example.org'),
        'wrong code': activate(waiting.sip),
        'code of another account': activate((await api.given.inactiveAccount({ confirmationKey: KEY })).sip),
        'wrong and late code': activate(
          (await api.given.inactiveAccount({ confirmationKey: KEY, confirmationExpiresIn: -60 })).sip,
        ),
        'activated account': activate((await api.given.account()).sip),
        'account that waits for nothing': activate((await api.given.inactiveAccount({ confirmationKey: null })).sip),
        'another case of the name': activate(waiting.sip.toUpperCase().replace('SIP.EXAMPLE.ORG', 'sip.example.org')),
        'domain we do not serve': activate('nobody@nowhere.example.org'),
        'text that is no address': activate('nobody@'.concat('x'.repeat(300))),
      });
      expect(answers).toEqual(allAs(answers));
      expect(answers['wrong code']).toMatchObject({
        look: { status: 404 },
        statements: [expect.stringContaining('SELECT')],
      });
    });
  });

  it('keys that are wrong, however they are', async () => {
    const [alice, bob, keyless] = [
      await api.given.account(),
      await api.given.account(),
      await api.given.account({ key: false }),
    ];
    const ended = alice.apiKey ?? '';
    await api.app.get(Transactions).run((manager) => api.app.get(ApiKeysService).generate(manager, alice));
    const call =
      ({ from }: GivenAccount, key: string) =>
      () =>
        api.send({ path: ME, headers: { from, 'x-api-key': key } });
    const answers = await answersTo({
      wrong: call(alice, 'wrong'),
      empty: call(alice, ''),
      ended: call(alice, ended),
      'of another account': call(alice, bob.apiKey ?? ''),
      'in another case': call(bob, (bob.apiKey ?? '').toUpperCase()),
      'as long as the right one': call(bob, 'x'.repeat(bob.apiKey?.length ?? 0)),
      'very long': call(bob, 'x'.repeat(8_000)),
      'for an account without one': call(keyless, 'wrong'),
      'of an account that is not activated': call(await api.given.account({ activated: false }), 'wrong'),
      'of an administrator': call(await api.given.admin(), 'wrong'),
    });
    // The realm is the domain, and all passwords are stored in the same way.
    expect(answers).toEqual(allAs(answers));
    expect(answers.wrong?.look.status).toBe(401);
  });

  it('answers to a challenge that are wrong, however they are', async () => {
    const [alice, bob] = [
      await api.given.account({ stored: ['SHA-256'] }),
      await api.given.account({ password: 'other words' }),
    ];
    const answer = async (
      parts: { username?: string; password?: string },
      changes: Record<string, string | null> = {},
    ) => {
      const [challenge] = await askForChallenges(api, alice.from);
      const right = { username: alice.username, password: alice.password, method: 'GET', uri: ME };
      return forgeAnswer(challenge as ParsedChallenge, { ...right, ...parts }, changes);
    };
    const call = (authorization: string) => () => api.send({ path: ME, headers: { from: alice.from, authorization } });
    const answers = await answersTo({
      'wrong password': call(await answer({ password: 'wrong words' })),
      'password of another account': call(await answer({ password: bob.password })),
      'name of another account': call(await answer({ username: bob.username })),
      'name of nobody': call(await answer({ username: 'nobody' })),
      'algorithm that is not stored': call(await answer({}, { algorithm: 'MD5' })),
      'algorithm that we do not know': call(await answer({}, { algorithm: 'SHA-512-256' })),
      'no response': call(await answer({}, { response: null })),
      'short response': call(await answer({}, { response: '"00"' })),
      'other realm': call(await answer({}, { realm: '"other.example.org"' })),
      'other opaque': call(await answer({}, { opaque: '"00"' })),
      'other target': call(await answer({}, { uri: '"/api/accounts"' })),
      'other scheme': call('Basic YWxpY2U6c2VjcmV0'),
      nonsense: call('nonsense'),
    });
    expect(answers).toEqual(allAs(answers));
    expect(answers['wrong password']?.look.status).toBe(401);
  });

  it('links of mails that are not valid, however they are, nor what they cost', async () => {
    const [alice, bob, late] = [await api.given.account(), await api.given.account(), await api.given.account()];
    const linkOf = async (account: GivenAccount) => {
      await requestEmail(api, account, 'new@example.org');
      return confirmationPathOf(api.mails.last);
    };
    const [used, ofBob, expired] = [await linkOf(alice), await linkOf(bob), await linkOf(late)];
    await confirmEmail(api, used);
    await api.sql('UPDATE email_changed SET created_at = ? WHERE account_id = ?', [api.given.moment(-86_500), late.id]);
    const secret = 'x'.repeat(32);
    const paths = {
      'nobody’s': `/account/email/2000000000/${secret}`,
      used,
      expired,
      'of another account': ofBob.replace(`/${bob.id}/`, `/${late.id}/`),
      wrong: `/account/email/${bob.id}/${secret}`,
      short: `/account/email/${bob.id}/x`,
    };
    for (const send of [(path: string) => api.anonymous().get(path), (path: string) => confirmEmail(api, path)]) {
      const answers = await answersTo(
        Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, () => send(path)])),
      );
      expect(answers).toEqual(allAs(answers));
      expect(answers.wrong?.look.status).toBe(404);
    }
  });

  it('tokens that are not to be redeemed, however they are', async () => {
    const token = await api.given.token({ token: 'RightToken123' });
    const call = (wrong: string) => async () => {
      const { username } = await registrationBody(api);
      const body = { username, password: 'secret words', algorithm: 'SHA-256', token: wrong };
      return api.anonymous().post('/api/accounts/with-token', body);
    };
    const answers = await answersTo({
      unknown: call('WrongToken123'),
      used: call(await api.given.token({ used: true })),
      expired: call(await api.given.token({ ageInSeconds: 90_000 })),
      'in another case': call(token.toLowerCase()),
      cut: call(token.slice(0, -1)),
      'not of our letters': call('Ｒight'),
    });
    expect(withoutCost(answers)).toEqual(allAs(withoutCost(answers)));
    expect(answers.unknown?.look.status).toBe(422);
  });

  it('wrong codes for a phone, whether the right one is still valid or not', async () => {
    const askedBy = async () => {
      const account = await api.given.account();
      do await api.withKey(account).post(`${ME}/phone/request`, { phone: uniquePhone(api) });
      while (api.messages.last.code === '4711');
      return account;
    };
    const [alice, late] = [await askedBy(), await askedBy()];
    await api.sql('UPDATE phone_change_codes SET created_at = ? WHERE account_id = ?', [
      api.given.moment(-700),
      late.id,
    ]);
    const call = (account: GivenAccount) => () => api.withKey(account).post(`${ME}/phone`, { code: '4711' });
    const answers = await answersTo({ valid: call(alice), expired: call(late) });
    expect(answers).toEqual(allAs(answers));
    expect(answers.valid?.look.status).toBe(403);
  });
});
