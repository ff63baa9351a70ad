import { Api } from '../support/api.js';
import { answerChallenge, type ParsedChallenge } from '../support/digest-client.js';
import { forgeAnswer, Forger, responseInOtherWay } from '../support/digest-forger.js';
import type { GivenAccount } from '../support/factories.js';
import { ME, sendRequest } from '../support/http.js';
import { range } from '../support/public-routes.js';
import { report } from './sizes.js';

describe('A proof is refused that is almost right:', () => {
  let api: Api;
  let forger: Forger;
  let alice: GivenAccount;
  let bob: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    alice = await api.given.account({ stored: ['MD5', 'SHA-256'], password: 'words of alice' });
    bob = await api.given.account({ stored: ['MD5', 'SHA-256'], password: 'words of bob' });
    forger = new Forger(api, alice);
  });
  afterAll(async () => {
    report('authentication, proof', forger.counts);
    await api.stop();
  });

  describe('an algorithm or qop', () => {
    it.each<[string, string, boolean, string | null]>([
      ['MD5-sess', 'md5', true, 'auth'],
      ['SHA-256-sess', 'sha256', true, 'auth'],
      ['SHA-512-256', 'sha512-256', false, 'auth'],
      ['SHA-512-256-sess', 'sha512-256', true, 'auth'],
      ['SHA-512', 'sha512', false, 'auth'],
      ['SHA-1', 'sha1', false, 'auth'],
      ['MD5', 'md5', false, 'auth-int'],
      ['SHA-256', 'sha256', false, 'auth-int'],
      ['MD5', 'md5', false, null],
      ['SHA-256', 'sha256', false, null],
      ['CLRTXT', 'sha256', false, 'auth'],
      ['md5', 'md5', false, 'auth'],
      ['sha-256', 'sha256', false, 'auth'],
      ['SHA256', 'sha256', false, 'auth'],
    ])('%s by %s, session %s, qop %s', (algorithm, hash, session, qop) =>
      forger.sparing(async (asked) => {
        const parts = { ...forger.partsOf(), cnonce: 'c' };
        const response = responseInOtherWay(asked, parts, { hash, session, qop });
        const changes = { algorithm, response: `"${response}"`, qop };
        expect(await forger.refused(forgeAnswer(asked, parts, changes))).toBe('credentials_invalid');
        if (qop !== null) return;
        expect(await forger.refused(forgeAnswer(asked, parts, { ...changes, nc: null, cnonce: null }))).toBe(
          'credentials_invalid',
        );
      }),
    );

    it('other than the one that made the response', () =>
      forger.sparing(async (asked) => {
        const md5: ParsedChallenge = { ...asked, algorithm: 'MD5' };
        const sha256: ParsedChallenge = { ...asked, algorithm: 'SHA-256' };
        expect(await forger.refused(forgeAnswer(sha256, forger.partsOf(), { algorithm: 'MD5' }))).toBe(
          'credentials_invalid',
        );
        expect(await forger.refused(forgeAnswer(sha256, forger.partsOf(), { algorithm: null }))).toBe(
          'credentials_invalid',
        );
        expect(await forger.refused(forgeAnswer(md5, forger.partsOf(), { algorithm: 'SHA-256' }))).toBe(
          'credentials_invalid',
        );
      }));

    it.each([
      ['SHA-256', 'MD5'],
      ['MD5', 'SHA-256'],
    ] as const)('of an account that has its password in %s alone: %s', async (stored, algorithm) => {
      const account = await api.given.account({ stored: [stored] });
      const asked = await forger.challenge(account);
      const headers = {
        from: account.from,
        authorization: answerChallenge({ ...asked, algorithm }, forger.partsOf(account)),
      };
      expect(await forger.refusedFor(headers)).toBe('credentials_invalid');
      expect((await api.withDigest(account, stored).get(ME)).status).toBe(200);
    });
  });

  describe('a response', () => {
    it('in capitals, cut, padded, empty or of something else', () =>
      forger.sparing(async (asked) => {
        const right = answerChallenge(asked, { ...forger.partsOf(), cnonce: 'c' });
        const [, response = ''] = /response="(\w+)"/.exec(right) ?? [];
        const cut = range(response.length - 1).flatMap((length) => [
          response.slice(0, length + 1),
          response.slice(length + 1),
        ]);
        const capital = response.toUpperCase();
        for (const forged of [
          ...cut,
          capital,
          `${response} `,
          ` ${response}`,
          `${response}0`,
          response + response,
          '0'.repeat(response.length),
          'null',
          '0',
          `${response}\\0`,
        ]) {
          const parts = { ...forger.partsOf(), cnonce: 'c' };
          expect(await forger.refused(forgeAnswer(asked, parts, { response: `"${forged}"` }))).toBe(
            'credentials_invalid',
          );
        }
      }));

    it('made with what is stored for somebody else, or with what is stored as if it were the password', () =>
      forger.sparing(async (asked) => {
        const rows = await api.sql('SELECT account_id, algorithm, password FROM passwords WHERE account_id IN (?, ?)', [
          alice.id,
          bob.id,
        ]);
        for (const { account_id: id, algorithm, password } of rows) {
          expect(await forger.refused(answerChallenge(asked, { ...forger.partsOf(), password }))).toBe(
            'credentials_invalid',
          );
          const isRight = Number(id) === alice.id && algorithm === asked.algorithm;
          const forged = forgeAnswer(asked, { ...forger.partsOf(), ha1: password });
          if (!isRight) expect(await forger.refused(forged)).toBe('credentials_invalid');
        }
        expect(await forger.refused(answerChallenge(asked, { ...forger.partsOf(), password: bob.password }))).toBe(
          'credentials_invalid',
        );
        expect(await forger.refused(answerChallenge(asked, forger.partsOf(bob)))).toBe('credentials_invalid');
        const renamed = forgeAnswer(asked, forger.partsOf(bob), { username: `"${alice.username}"` });
        expect(await forger.refused(renamed)).toBe('credentials_invalid');
      }));

    it('of a clear-text account, made with the text as if it were a hash, or with another spelling of it', async () => {
      const clear = await api.given.account({ stored: ['CLRTXT'], password: 'Clear Words' });
      for (const algorithm of ['MD5', 'SHA-256'] as const) {
        const asked = { ...(await forger.challenge(clear)), algorithm };
        const asHash = forgeAnswer(asked, { ...forger.partsOf(clear), ha1: clear.password });
        expect(await forger.refusedFor({ from: clear.from, authorization: asHash })).toBe('credentials_invalid');
        for (const password of ['clear words', 'CLEAR WORDS', 'Clear Words ', ' Clear Words', 'Cl\u00e9ar Words', '']) {
          const authorization = answerChallenge(asked, { ...forger.partsOf(clear), password });
          expect(await forger.refusedFor({ from: clear.from, authorization })).toBe('credentials_invalid');
        }
        expect((await api.withDigest(clear, algorithm).get(ME)).status).toBe(200);
      }
    });

    it('for an account that has no password at all', async () => {
      const nobody = await api.given.account({ stored: [] });
      const asked = await forger.challenge(nobody);
      for (const password of ['', 'null', 'undefined', nobody.username]) {
        const authorization = answerChallenge(asked, { ...forger.partsOf(nobody), password });
        expect(await forger.refusedFor({ from: nobody.from, authorization })).toBe('credentials_invalid');
      }
    });
  });

  describe('an Authorization header', () => {
    it('of another scheme, or beside another one', () =>
      forger.sparing(async (_asked, right) => {
        const basic = `Basic ${Buffer.from(`${alice.username}:${alice.password}`).toString('base64')}`;
        const key = alice.apiKey ?? '';
        const headers = [
          basic,
          `Bearer ${key}`,
          key,
          `x-api-key ${key}`,
          `${right}, ${basic}`,
          `${basic}, ${right}`,
          right.replace('Digest ', 'Digests '),
        ];
        for (const header of [
          ...headers,
          right.replace('Digest ', ''),
          `Digest ${right}`,
          right.replace('Digest ', 'Digest\t'),
          right.replaceAll(', ', '; '),
        ]) {
          expect(await forger.refused(header)).toBe('credentials_invalid');
        }
        for (const two of [
          [right, right],
          [right, basic],
          [basic, right],
          [right, ''],
          ['', right],
        ]) {
          expect(await forger.refusedFor({ authorization: two })).toBe('credentials_invalid');
        }
        for (const name of ['proxy-authorization', 'x-authorization', 'authorization2', 'www-authenticate']) {
          expect(await forger.refusedFor({ [name]: right })).toBe('authentication_required');
        }
      }));

    it('of somebody else than From names', async () => {
      const authorization = answerChallenge(await forger.challenge(bob), forger.partsOf(bob));
      expect(await forger.refused(authorization)).toBe('credentials_invalid');
      expect((await api.send({ path: ME, headers: { from: bob.from, authorization } })).json.id).toBe(bob.id);
    });
  });

  describe('a key', () => {
    it('of another account, in another spelling, doubled or cut', async () => {
      const key = alice.apiKey ?? '';
      const cut = range(key.length - 1).flatMap((length) => [key.slice(0, length + 1), key.slice(length + 1)]);
      const spelled = [
        key.toUpperCase(),
        key.replace('k', 'K'),
        `${key}%20`,
        `${key}\u00a0`,
        `\u00a0${key}`,
        `${key},`,
        `${key}, ${key}`,
        `"${key}"`,
        `${key}x`,
      ];
      const other = [
        bob.apiKey ?? '',
        '',
        '%',
        '_'.repeat(key.length),
        '*',
        'null',
        'undefined',
        '0',
        "' OR '1'='1",
        '\u00e9'.repeat(key.length),
      ];
      for (const forged of [...cut, ...spelled, ...other])
        expect(await forger.refusedFor({ 'x-api-key': forged })).toBe('credentials_invalid');
      for (const two of [
        [key, key],
        [key, ''],
        ['', key],
        [key, bob.apiKey ?? ''],
      ]) {
        expect(await forger.refusedFor({ 'x-api-key': two })).toBe('credentials_invalid');
      }
      await forger.taken({ 'x-api-key': key });
    });

    it('that has ended, or that an account without one never had', async () => {
      const owner = await api.given.account();
      const ended = owner.apiKey ?? '';
      await api.sql('UPDATE api_keys SET `key` = ? WHERE account_id = ?', ['a-newer-key-0123456789', owner.id]);
      expect(await forger.refusedFor({ from: owner.from, 'x-api-key': ended })).toBe('credentials_invalid');
      await api.sql('DELETE FROM api_keys WHERE account_id = ?', [owner.id]);
      for (const key of [ended, 'a-newer-key-0123456789', '', 'null', 'undefined']) {
        expect(await forger.refusedFor({ from: owner.from, 'x-api-key': key })).toBe('credentials_invalid');
      }
    });

    it('that is wrong, beside a right answer; where it is right, the answer is not looked at', () =>
      forger.sparing(async (_asked, right) => {
        for (const key of ['', 'wrong', bob.apiKey ?? '']) {
          expect(await forger.refusedFor({ 'x-api-key': key, authorization: right })).toBe('credentials_invalid');
        }
        await forger.taken({ 'x-api-key': alice.apiKey ?? '', authorization: 'Digest nonsense' });
        await forger.taken({ 'x-api-key': alice.apiKey ?? '', authorization: right });
      }));

    it('in any other place', async () => {
      const key = alice.apiKey ?? '';
      for (const [name, value] of [
        ['cookie', `x-api-key=${key}`],
        ['api-key', key],
        ['x_api_key', key],
        ['x-api-token', key],
      ] as const) {
        expect(await forger.refusedFor({ [name]: value })).toBe('authentication_required');
      }
      expect(await forger.refusedFor({}, `${ME}?x-api-key=${key}`)).toBe('authentication_required');
      const body = {
        method: 'POST',
        path: `${ME}/phone`,
        body: JSON.stringify({ 'x-api-key': key, from: alice.from }),
      };
      expect(
        (await sendRequest(api.origin, { ...body, headers: { from: alice.from, 'content-type': 'application/json' } }))
          .status,
      ).toBe(401);
    });
  });
});
