import { Api, PUBLIC_URL } from '../support/api.js';
import { answerChallenge, digestHash, type ParsedChallenge } from '../support/digest-client.js';
import { forgeAnswer, Forger } from '../support/digest-forger.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { range } from '../support/public-routes.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';
import { challengeFrom } from './replays.js';
import { report } from './sizes.js';

/** Services on the same database that differ in one setting. */
const OTHERS: Readonly<Record<string, Record<string, string>>> = {
  'another realm': { ACCOUNT_REALM: 'another.example.org' },
  'another key': { APP_KEY: 'another secret for the tests, not for you' },
  'another lifetime': { NONCE_LIFETIME: '600' },
};

describe('A Digest answer is refused that is almost right:', () => {
  const foreignNonces = new Map<string, string>();
  let database: TestDatabase;
  let api: Api;
  let forger: Forger;
  let alice: GivenAccount;
  let bob: GivenAccount;

  beforeAll(async () => {
    database = await createDatabase();
    const start = (environment = {}) => Api.start({ database, environment: { RATE_LIMITS: 'off', ...environment } });
    const first = await start();
    alice = await first.given.account({ stored: ['MD5', 'SHA-256'], password: 'words of alice' });
    bob = await first.given.account({ stored: ['MD5', 'SHA-256'], password: 'words of bob' });
    await first.stop();
    for (const [name, environment] of Object.entries(OTHERS)) {
      const other = await start(environment);
      foreignNonces.set(name, (await challengeFrom(other.origin, alice)).nonce);
      await other.stop();
    }
    api = await start();
    forger = new Forger(api, alice);
  });
  afterAll(async () => {
    report('authentication, parameters', forger.counts);
    await api.stop();
    await database.remove();
  });

  describe('a nonce', () => {
    const withNonce = (asked: ParsedChallenge, nonce: string) =>
      forger.refused(answerChallenge({ ...asked, nonce }, forger.partsOf()));

    it('with any bit changed, of every length, and in other spellings', () =>
      forger.sparing(async (asked) => {
        const bytes = Buffer.from(asked.nonce, 'hex');
        const flipped = range(bytes.length * 8).map((bit) => {
          const forged = Buffer.from(bytes);
          forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          return forged.toString('hex');
        });
        const cut = range(asked.nonce.length - 1).flatMap((length) => [
          asked.nonce.slice(0, length + 1),
          asked.nonce.slice(length + 1),
        ]);
        const spelled = range(asked.nonce.length).map(
          (at) => asked.nonce.slice(0, at) + (asked.nonce[at] ?? '').toUpperCase() + asked.nonce.slice(at + 1),
        );
        const longer = ['0', '00', ' ', '=', '\t', '%00', asked.nonce].flatMap((more) => [
          `${asked.nonce}${more}`,
          `${more}${asked.nonce}`,
        ]);
        const coded = [
          bytes.toString('base64'),
          bytes.toString('base64url'),
          asked.nonce.toUpperCase(),
          `0x${asked.nonce}`,
        ];
        const forged = [...flipped, ...cut, ...spelled, ...longer, ...coded].filter((nonce) => nonce !== asked.nonce);
        for (const nonce of forged) expect(await withNonce(asked, nonce)).toBe('nonce_invalid');
        expect(await withNonce(asked, '')).toBe('credentials_invalid');
      }));

    it('of another account', () =>
      forger.sparing(async (asked) =>
        expect(await withNonce(asked, (await forger.challenge(bob)).nonce)).toBe('nonce_invalid'),
      ));

    it.each(Object.keys(OTHERS))('of the same service with %s', (name) =>
      forger.sparing(async (asked) =>
        expect(await withNonce(asked, foreignNonces.get(name) ?? '')).toBe('nonce_invalid'),
      ),
    );
  });

  describe('a uri', () => {
    const FOREIGN_URIS = [
      '/API/accounts/me',
      '/api/accounts/ME',
      '/api/accounts/me/',
      '/api/accounts/me?',
      '/api/accounts/me?x=1',
      '/api/accounts/me#x',
      '/api/accounts/%6de',
      '/api/accounts/%6De',
      '//api/accounts/me',
      '/api//accounts/me',
      '/api/./accounts/me',
      '/api/x/../accounts/me',
      '/api/accounts/me/devices',
      '/api/accounts',
      '/accounts/me',
      'api/accounts/me',
      '/flexiapi/flexiapi/api/accounts/me',
      '/flexiapi',
      '/FLEXIAPI/api/accounts/me',
      `${PUBLIC_URL}${ME}`,
      `http://127.0.0.1${ME}`,
      `//127.0.0.1${ME}`,
      'me',
      '*',
      '/',
      `${ME} `,
      ` ${ME}`,
      `${ME};x=y`,
      `${ME}%00`,
    ];

    it('that is not the target, letter by letter', () =>
      forger.sparing(async (asked) => {
        for (const uri of FOREIGN_URIS)
          expect(await forger.refused(answerChallenge(asked, { ...forger.partsOf(), uri }))).toBe(
            'credentials_invalid',
          );
      }));

    it.each([`${ME}?x=1`, `${ME}/`, '/api/accounts/%6de', '/api/accounts/m%65?', `${ME}?`, `/flexiapi${ME}`])(
      'of the plain path, for %s',
      async (target) => {
        // Each of these targets leads to the same route. It is accepted when the client signs that target itself.
        expect(await forger.refused(answerChallenge(await forger.challenge(), forger.partsOf()), target)).toBe(
          'credentials_invalid',
        );
        await forger.taken(
          { authorization: answerChallenge(await forger.challenge(), { ...forger.partsOf(), uri: target }) },
          target,
        );
      },
    );

    it('that was not signed', () =>
      forger.sparing(async (asked) => {
        const signed = forgeAnswer(asked, { ...forger.partsOf(), uri: '/api/accounts' }, { uri: `"${ME}"` });
        expect(await forger.refused(signed)).toBe('credentials_invalid');
      }));

    it('of another method', () =>
      forger.sparing(async (asked) => {
        for (const method of ['HEAD', 'POST', 'DELETE', 'get', '']) {
          expect(await forger.refused(answerChallenge(asked, { ...forger.partsOf(), method }))).toBe(
            'credentials_invalid',
          );
        }
      }));
  });

  describe('a parameter', () => {
    it.each<[string, string[]]>([
      ['realm', ['other', 'SIP.example.org', 'sip.example.org ', '', 'sip.example.org.', 'sip.example.org:5060']],
      ['username', ['Alice', '', 'nobody', '*', '%']],
    ])('%s with another value, signed as it is', (name, values) =>
      forger.sparing(async (asked) => {
        for (const value of values) {
          const signed =
            name === 'realm'
              ? answerChallenge({ ...asked, realm: value }, forger.partsOf())
              : answerChallenge(asked, { ...forger.partsOf(), username: value });
          expect(await forger.refused(signed)).toBe('credentials_invalid');
        }
        for (const value of [
          `"${bob.username}"`,
          `"${alice.username.toUpperCase()}"`,
          `"${alice.username} "`,
          `"${alice.sip}"`,
          `"${alice.from}"`,
        ]) {
          expect(await forger.refused(forgeAnswer(asked, forger.partsOf(), { username: value }))).toBe(
            'credentials_invalid',
          );
        }
      }),
    );

    it.each(['username', 'realm', 'nonce', 'uri', 'nc', 'cnonce', 'qop', 'response'])(
      '%s missing, empty, or there twice',
      (name) =>
        forger.sparing(async (asked, right) => {
          const [, written = ''] = new RegExp(`${name}=("[^"]*"|[^,]+)`).exec(right) ?? [];
          expect(await forger.refused(forgeAnswer(asked, forger.partsOf(), { [name]: null }))).toBe(
            'credentials_invalid',
          );
          expect(await forger.refused(forgeAnswer(asked, forger.partsOf(), { [name]: '""' }))).toBe(
            'credentials_invalid',
          );
          for (const second of [written, '""', 'x', '"other"']) {
            expect(await forger.refused(`${right}, ${name}=${second}`)).toBe('credentials_invalid');
            expect(await forger.refused(`${right}, ${name.toUpperCase()}=${second}`)).toBe('credentials_invalid');
            expect(await forger.refused(right.replace('Digest ', `Digest ${name}=${second}, `))).toBe(
              'credentials_invalid',
            );
          }
        }),
    );

    it('opaque that is not the one that was given', () =>
      forger.sparing(async (asked) => {
        for (const opaque of [
          '',
          asked.opaque.toUpperCase(),
          asked.opaque.slice(1),
          `${asked.opaque}0`,
          'x',
          '0'.repeat(asked.opaque.length),
        ]) {
          expect(await forger.refused(answerChallenge({ ...asked, opaque }, forger.partsOf()))).toBe(
            'credentials_invalid',
          );
        }
      }));

    it('nc of another form', () =>
      forger.sparing(async (asked) => {
        for (const nc of [
          '1',
          '01',
          '0000001',
          '000000001',
          '00000000',
          '0x000001',
          '-0000001',
          '+0000001',
          '0000000g',
          '\u0661'.repeat(8),
        ]) {
          const parts = { ...forger.partsOf(), nc: Buffer.from(nc).toString('latin1') };
          expect(await forger.refused(forgeAnswer(asked, parts))).toBe('credentials_invalid');
        }
        for (const nc of ['" 0000001"', '"00000001 "', '"0000 0001"', '00000002']) {
          expect(await forger.refused(forgeAnswer(asked, forger.partsOf(), { nc }))).toBe('credentials_invalid');
        }
      }));

    it('username* or a hashed username, instead of the username', () =>
      forger.sparing(async (asked) => {
        const extended = { username: null, 'username*': `UTF-8''${alice.username}` };
        expect(await forger.refused(forgeAnswer(asked, forger.partsOf(), extended))).toBe('credentials_invalid');
        const hashed = { username: `"${digestHash(asked.algorithm, alice.username, asked.realm)}"`, userhash: 'true' };
        expect(await forger.refused(forgeAnswer(asked, forger.partsOf(), hashed))).toBe('credentials_invalid');
      }));
  });
});
