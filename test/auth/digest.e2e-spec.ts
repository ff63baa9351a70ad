import { createHash } from 'node:crypto';
import { Api, PUBLIC_URL } from '../support/api.js';
import {
  answerChallenge,
  askForChallenges,
  DigestClient,
  type ParsedChallenge,
  parseChallenge,
} from '../support/digest-client.js';
import { forgeAnswer, type ForgedParts } from '../support/digest-forger.js';
import type { GivenAccount } from '../support/factories.js';
import { type Answer, ME } from '../support/http.js';

describe('Digest', () => {
  let api: Api;
  let alice: GivenAccount;

  beforeAll(async () => {
    api = await Api.start();
    alice = await api.given.account({ stored: ['MD5', 'SHA-256'] });
  });
  afterAll(() => api.stop());

  const challenges = (account = alice) => askForChallenges(api, account.from);
  const challenge = async (account = alice) => (await challenges(account)).at(-1) as ParsedChallenge;
  const parts = { get: () => ({ username: alice.username, password: alice.password, method: 'GET', uri: ME }) };
  const send = (authorization: string, headers: Record<string, string | string[]> = {}): Promise<Answer> =>
    api.send({ path: ME, headers: { from: alice.from, authorization, ...headers } });
  /** Answers a new challenge, with some parameters changed. */
  const tryWith = async (changes: Record<string, string | null>, signed: Partial<ForgedParts> = {}) =>
    send(forgeAnswer(await challenge(), { ...parts.get(), ...signed }, changes));

  describe('challenges', () => {
    it('name each algorithm with a stored password, MD5 first, in fields of their own with one nonce and opaque', async () => {
      const answer = await api.send({ path: ME, headers: { from: alice.from } });
      expect(answer).toMatchObject({ status: 401, json: { code: 'authentication_required' } });
      const [md5, sha256] = answer.challenges.map(parseChallenge);
      expect([md5?.algorithm, sha256?.algorithm]).toEqual(['MD5', 'SHA-256']);
      expect(md5).toEqual({ ...sha256, algorithm: 'MD5' });
      expect(md5).toMatchObject({ realm: 'sip.example.org', stale: false });
    });

    it.each([
      [['SHA-256'], ['SHA-256']],
      [['MD5'], ['MD5']],
      [['CLRTXT'], ['MD5', 'SHA-256']],
      [
        ['CLRTXT', 'SHA-256'],
        ['MD5', 'SHA-256'],
      ],
      [[], ['MD5', 'SHA-256']],
    ] as const)('for an account with %j are %j', async (stored, algorithms) => {
      const account = await api.given.account({ stored: [...stored] });
      expect((await challenges(account)).map(({ algorithm }) => algorithm)).toEqual(algorithms);
    });

    it('write nothing', async () => {
      const before = await api.count('nonces');
      await challenge();
      await tryWith({}, { password: 'wrong' });
      expect(await api.count('nonces')).toBe(before);
    });

    it('have an opaque that stays, for everybody, and shows nothing of the key of the deployment', async () => {
      const other = await api.given.account();
      const opaques = [...(await challenges()), ...(await challenges(other)), ...(await challenges())].map(
        ({ opaque }) => opaque,
      );
      expect(new Set(opaques).size).toBe(1);
      expect(opaques[0]).toMatch(/^[0-9a-f]{32}$/);
      const { appKey } = api.settings;
      const hashes = ['md5', 'sha1', 'sha256', 'sha512'].map((name) => createHash(name).update(appKey).digest('hex'));
      for (const trace of [
        appKey,
        Buffer.from(appKey).toString('base64'),
        Buffer.from(appKey).toString('hex'),
        ...hashes,
      ]) {
        expect(trace).not.toContain(opaques[0]);
        expect(opaques[0]).not.toContain(trace);
      }
    });

    it('come with a wrong key too, and never with a right one', async () => {
      const { challenges: fields } = await api.send({ path: ME, headers: { from: alice.from, 'x-api-key': 'wrong' } });
      expect(fields.map(parseChallenge).map(({ stale }) => stale)).toEqual([false, false]);
      expect((await api.withKey(alice).get(ME)).challenges).toEqual([]);
    });
  });

  describe('a right answer', () => {
    it.each(['MD5', 'SHA-256'] as const)(
      'in %s is taken, from stored hashes and from clear text',
      async (algorithm) => {
        expect((await api.withDigest(alice, algorithm).get(ME)).json).toMatchObject({ id: alice.id });
        const clear = await api.given.account({ stored: ['CLRTXT'] });
        expect((await api.withDigest(clear, algorithm).get(ME)).status).toBe(200);
      },
    );

    it('is told the challenges again, with the same nonce', async () => {
      const asked = await challenge();
      const answer = await send(answerChallenge(asked, parts.get()));
      expect(answer.status).toBe(200);
      expect(answer.challenges.map(parseChallenge)).toEqual([{ ...asked, algorithm: 'MD5' }, asked]);
    });

    it('is taken for POST, DELETE and HEAD', async () => {
      const bob = await api.given.account();
      const change = { algorithm: 'SHA-256', password: bob.password, old_password: bob.password };
      expect((await api.withDigest(bob).post(`${ME}/password`, change)).status).toBe(200);
      expect((await api.withDigest(bob).send({ method: 'HEAD', path: ME })).status).toBe(200);
      expect((await api.withDigest(bob).delete(ME)).status).toBe(200);
    });

    it.each([
      [
        'without algorithm, which is MD5 then',
        async () => send(forgeAnswer((await challenges())[0] as ParsedChallenge, parts.get(), { algorithm: null })),
      ],
      ['without opaque', async () => tryWith({ opaque: null })],
      [
        'with quoted algorithm, nc and qop',
        async () => tryWith({ algorithm: '"SHA-256"', nc: '"00000001"', qop: '"auth"' }),
      ],
      ['with unknown parameters', async () => tryWith({ charset: 'UTF-8', x: '"a, b=c"' })],
      ['with the path of the public URL in front', async () => tryWith({}, { uri: new URL(PUBLIC_URL).pathname + ME })],
      ['with a comma and quotes in cnonce', async () => tryWith({ cnonce: String.raw`"a,b\"c"` }, { cnonce: 'a,b"c' })],
      [
        'with names and scheme in capitals and no blanks',
        async () => {
          const answer = answerChallenge(await challenge(), parts.get());
          return send(
            answer
              .replace('Digest', 'DIGEST')
              .replace(/(\w+)=/g, (name) => name.toUpperCase())
              .replaceAll(', ', ','),
          );
        },
      ],
    ])('is taken %s', async (_name, attempt) => {
      expect((await attempt()).status).toBe(200);
    });

    it('is taken on the path of the public URL itself, where no proxy strips it', async () => {
      expect((await api.withDigest(alice).get(`${new URL(PUBLIC_URL).pathname}${ME}`)).json).toMatchObject({
        id: alice.id,
      });
    });

    it('is taken of a name beyond ASCII, in UTF-8', async () => {
      const aerin = { ...(await api.given.account({ username: 'ærin' })), from: 'sip:%C3%A6rin@sip.example.org' };
      const answer = new DigestClient(await challenge(aerin), aerin).authorize();
      const headers = { from: aerin.from, authorization: Buffer.from(answer).toString('latin1') };
      expect((await api.send({ path: ME, headers })).json).toMatchObject({ id: aerin.id });
    });

    it('signs the query too', async () => {
      const admin = await api.given.admin();
      expect((await api.withDigest(admin).get('/api/accounts?per_page=1')).status).toBe(200);
    });
  });

  describe('an answer is refused with 401, never another status,', () => {
    it.each([
      ['with a wrong password', {}, { password: 'wrong words' }],
      ['with another username', {}, { username: 'somebody' }],
      ['with another username than the one that is signed', { username: '"somebody"' }, {}],
      ['with another realm', { realm: '"other"' }, {}],
      ['with another uri', {}, { uri: '/api/accounts' }],
      ['with the uri of another host', {}, { uri: `http://other.example${ME}` }],
      ['for another method', {}, { method: 'POST' }],
      ['with another opaque', { opaque: '"0123"' }, {}],
      ['with an empty opaque', { opaque: '""' }, {}],
      ['with algorithm in lower case', { algorithm: 'sha-256' }, {}],
      ['with an algorithm nobody offered', { algorithm: 'SHA-512-256' }, {}],
      ['with MD5-sess', { algorithm: 'MD5-sess' }, {}],
      ['without qop', { qop: null }, {}],
      ['with qop=auth-int', { qop: 'auth-int' }, {}],
      ['without nc', { nc: null }, {}],
      ['with nc 00000000', {}, { nc: '00000000' }],
      ['with nc of 7 digits', {}, { nc: '0000001' }],
      ['with nc that is no number', {}, { nc: '0000000g' }],
      ['without cnonce', { cnonce: null }, {}],
      ['with an empty cnonce', { cnonce: '""' }, {}],
      ['without response', { response: null }, {}],
      ['with an empty response', { response: '""' }, {}],
      ['with response in capitals', { response: '"AB"' }, {}],
      ['without username', { username: null }, {}],
      ['without uri', { uri: null }, {}],
      ['with an empty parameter name', { '': 'x' }, {}],
    ])('%s', async (_name, changes, signed) => {
      const answer = await tryWith(changes, signed);
      expect(answer).toMatchObject({ status: 401, json: { code: 'credentials_invalid' } });
      expect(answer.challenges.map(parseChallenge).map(({ stale }) => stale)).toEqual([false, false]);
    });

    it.each([
      'Digest',
      'Digest ',
      'Basic YTpi',
      'Bearer abc',
      'Digest username="a',
      'Digest ,,,',
      'Digest a=b a=b',
      'x'.repeat(8000),
    ])('%s', async (header) => {
      expect(await send(header)).toMatchObject({ status: 401, json: { code: 'credentials_invalid' } });
    });

    it('with a doubled parameter', async () => {
      const answer = answerChallenge(await challenge(), parts.get());
      expect((await send(`${answer}, qop=auth`)).status).toBe(401);
    });

    it('in two headers', async () => {
      const answer = answerChallenge(await challenge(), parts.get());
      expect((await send(answer, { authorization: [answer, answer] })).status).toBe(401);
    });

    it('beside a wrong or empty key: there is no falling back', async () => {
      const before = await api.count('nonces');
      for (const key of ['wrong', '']) {
        const answer = answerChallenge(await challenge(), parts.get());
        expect(await send(answer, { 'x-api-key': key })).toMatchObject({
          status: 401,
          json: { code: 'credentials_invalid' },
        });
      }
      expect(await api.count('nonces')).toBe(before);
    });

    it('for an account without a password', async () => {
      const nobody = await api.given.account({ stored: [] });
      const answer = new DigestClient(await challenge(nobody), { ...nobody, password: '' }).authorize();
      expect((await api.send({ path: ME, headers: { from: nobody.from, authorization: answer } })).status).toBe(401);
    });

    it.each(['null', 'undefined', ''])(
      'for an account without a password, with %j where its hash would be',
      async (ha1) => {
        const nobody = await api.given.account({ stored: [] });
        const asked = await challenge(nobody);
        const authorization = forgeAnswer(asked, {
          username: nobody.username,
          password: '',
          method: 'GET',
          uri: ME,
          ha1,
        });
        expect(await api.send({ path: ME, headers: { from: nobody.from, authorization } })).toMatchObject({
          status: 401,
          json: { code: 'credentials_invalid' },
        });
      },
    );
  });

  describe('a nonce', () => {
    it('of another account is invalid', async () => {
      const bob = await api.given.account();
      const answer = await send(
        answerChallenge({ ...(await challenge()), nonce: (await challenge(bob)).nonce }, parts.get()),
      );
      expect(answer).toMatchObject({
        status: 401,
        json: { code: 'nonce_invalid', message: expect.stringContaining('Nonce invalid') as string },
      });
      expect(answer.challenges.map(parseChallenge)[0]?.stale).toBe(false);
    });

    it('nobody made is invalid', async () => {
      const forged = { ...(await challenge()), nonce: 'e77a98292b440774ebd53c31e237536a' };
      expect(await send(answerChallenge(forged, parts.get()))).toMatchObject({
        status: 401,
        json: { code: 'nonce_invalid' },
      });
    });

    it('expires after 300 seconds; the challenge is stale if the answer was right', async () => {
      const asked = await challenge();
      api.clock.advance(299);
      expect((await send(answerChallenge(asked, parts.get()))).status).toBe(200);
      api.clock.advance(2);
      const right = await send(answerChallenge(asked, { ...parts.get(), nc: 2 }));
      expect(right).toMatchObject({
        status: 401,
        json: { code: 'nonce_invalid', message: expect.stringContaining('Nonce invalid') as string },
      });
      expect(right.challenges.map(parseChallenge).map(({ stale }) => stale)).toEqual([true, true]);
      const wrong = await send(answerChallenge(asked, { ...parts.get(), password: 'wrong', nc: 3 }));
      expect(wrong.challenges.map(parseChallenge).map(({ stale }) => stale)).toEqual([false, false]);
      expect(
        (await send(answerChallenge(right.challenges.map(parseChallenge)[1] as ParsedChallenge, parts.get()))).status,
      ).toBe(200);
    });
  });
});
