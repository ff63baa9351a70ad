import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDigestAuthorization } from './digest-authorization.js';
import { expectedResponse, isRightResponse } from './digest-response.js';
import { ha1 } from './ha1.js';
import { offeredAlgorithms, storedHa1 } from './stored-password.js';

describe('the response of an answer', () => {
  // RFC 7616 §3.9.1: Mufasa asks for /dir/index.html.
  const example = {
    username: 'Mufasa',
    realm: 'http-auth@example.org',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    nc: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    qop: 'auth',
  } as const;

  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('is that of RFC 7616 §3.9.1 with %s', (algorithm, response) => {
    const secret = ha1(algorithm, 'Mufasa', 'http-auth@example.org', 'Circle of Life');
    expect(expectedResponse(secret, 'GET', { ...example, algorithm })).toBe(response);
  });
});

interface Vectors {
  username: string;
  realm: string;
  password: string;
  vectors: {
    client: string;
    method: string;
    target: string;
    authorization: string;
    algorithm: 'MD5' | 'SHA-256';
    notes: string[];
  }[];
}

describe('real headers of deployed clients', () => {
  const file = join(__dirname, '../../test/auth/fixtures/digest-vectors.json');
  const { username, realm, password, vectors } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
  const complete = vectors.filter(({ notes }) => !notes.includes('no qop'));
  const withoutQop = vectors.filter(({ notes }) => notes.includes('no qop'));

  it('are 30, one of them without qop', () => {
    expect(vectors).toHaveLength(30);
    expect(withoutQop).toHaveLength(1);
  });

  it.each(complete)(
    'of $client, $algorithm $method $target, are understood and right',
    ({ method, target, algorithm, authorization }) => {
      const answer = parseDigestAuthorization(authorization);
      expect(answer).toMatchObject({ username, realm, uri: target, algorithm });
      expect(answer && isRightResponse(ha1(algorithm, username, realm, password), method, answer)).toBe(true);
      expect(answer && isRightResponse(ha1(algorithm, username, realm, 'another'), method, answer)).toBe(false);
    },
  );

  it.each(withoutQop)('of $client without qop are refused', ({ authorization }) => {
    expect(parseDigestAuthorization(authorization)).toBeNull();
  });
});

describe('the stored passwords of an account', () => {
  const clear = { algorithm: 'CLRTXT', password: 'secret' } as const;
  const md5 = { algorithm: 'MD5', password: 'an HA1' } as const;

  it.each([
    ['one HA1', [md5], ['MD5']],
    ['clear text', [clear], ['MD5', 'SHA-256']],
    ['nothing', [], ['MD5', 'SHA-256']],
    ['both, in the other order', [{ algorithm: 'SHA-256', password: 'x' } as const, md5], ['MD5', 'SHA-256']],
  ])('offer the algorithms of %s', (_name, passwords, offered) => {
    expect(offeredAlgorithms(passwords)).toEqual(offered);
  });

  it('give the HA1 of an algorithm, made from clear text where there is no other', () => {
    expect(storedHa1([md5, clear], 'MD5', 'alice', 'sip.test')).toBe('an HA1');
    expect(storedHa1([md5, clear], 'SHA-256', 'alice', 'sip.test')).toBe(ha1('SHA-256', 'alice', 'sip.test', 'secret'));
    expect(storedHa1([md5], 'SHA-256', 'alice', 'sip.test')).toBeNull();
  });
});
