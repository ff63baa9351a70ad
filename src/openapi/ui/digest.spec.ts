import { createHash } from 'node:crypto';

interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string;
  readonly algorithm: string;
}

const { md5, sha256 } = jest.requireActual<{ md5(text: string): string; sha256(text: string): string }>('./hashes.js');
const { answerTo, bestChallenge, usernameOf } = jest.requireActual<{
  answerTo(challenge: Challenge, request: Record<string, string>, cnonce: string): string;
  bestChallenge(field: string): Challenge | null;
  usernameOf(from: string): string;
}>('./digest.js');

describe('Digest in Swagger UI', () => {
  it('hashes as everybody does, whatever the length', () => {
    const texts = Array.from({ length: 300 }, (_, length) => 'aé€😀'.repeat(length).slice(0, length).toWellFormed());
    for (const text of [...texts, 'x'.repeat(100_000)]) {
      expect(md5(text)).toBe(createHash('md5').update(text).digest('hex'));
      expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });

  // RFC 7616 §3.9.1.
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('answers the example of the RFC by %s', (algorithm, response) => {
    const challenge = {
      realm: 'http-auth@example.org',
      nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
      opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
      algorithm,
    };
    const request = { method: 'GET', uri: '/dir/index.html', username: 'Mufasa', password: 'Circle of Life' };
    expect(answerTo(challenge, request, 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ')).toContain(
      `response="${response}"`,
    );
  });

  it('chooses the best of the challenges that a browser has joined', () => {
    const one = (algorithm: string) =>
      `Digest realm="a, Digest b",qop="auth",algorithm=${algorithm},nonce="0a",opaque="0b"`;
    const expected = {
      scheme: 'digest',
      realm: 'a, Digest b',
      qop: 'auth',
      algorithm: 'SHA-256',
      nonce: '0a',
      opaque: '0b',
    };
    expect(bestChallenge(one('SHA-256'))).toEqual(expected);
    expect(
      bestChallenge(
        `Digest realm="r",qop="auth",algorithm=MD5,nonce="n",opaque="o", ${one('SHA-256').replace('a, Digest b', 'r')}`,
      ),
    ).toMatchObject({
      algorithm: 'SHA-256',
      realm: 'r',
    });
    expect(bestChallenge('Digest realm="r",algorithm=MD5,nonce="n"')?.algorithm).toBe('MD5');
    expect(bestChallenge('Digest realm="r",algorithm=MD5,nonce="n", Basic realm="s"')?.realm).toBe('r');
    expect(bestChallenge('Basic realm="r"')).toBeNull();
    expect(bestChallenge('')).toBeNull();
  });

  it('writes names outside ASCII in UTF-8, and quotes what would end a value', () => {
    const challenge = { realm: 'r', nonce: 'n', opaque: 'o', algorithm: 'MD5' };
    const answer = answerTo(challenge, { method: 'get', uri: '/', username: 'é"\\', password: 'p' }, 'c');
    expect(Buffer.from(answer, 'latin1').toString()).toContain(String.raw`username="é\"\\"`);
  });

  it('takes the username from the SIP address', () => {
    expect(usernameOf('sip:john@sip.example.org')).toBe('john');
    expect(usernameOf('SIP:j%C3%B6hn%40x@sip.example.org')).toBe('jöhn@x');
  });
});
