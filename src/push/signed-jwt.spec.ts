import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { readJwt } from '../../test/support/external/read-jwt.js';
import { signedJwt } from './signed-jwt.js';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

describe.each([
  ['ES256', ec],
  ['RS256', rsa],
] as const)('A JSON Web Token signed by %s', (algorithm, { privateKey, publicKey }) => {
  it('holds the header and the claims, and nothing else', () => {
    const token = signedJwt(algorithm, privateKey, { kid: 'KEY1234567' }, { iss: 'TEAM123456', iat: 1_795_000_000 });
    expect(readJwt(token, algorithm, publicKey)).toEqual({
      header: { alg: algorithm, typ: 'JWT', kid: 'KEY1234567' },
      claims: { iss: 'TEAM123456', iat: 1_795_000_000 },
    });
  });

  it('is right for any claims, every time', () => {
    // A signature whose numbers begin with zeros must keep its length. It occurs once in 256.
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (claims) => {
        const read = readJwt(signedJwt(algorithm, privateKey, {}, claims), algorithm, publicKey);
        expect(read.claims).toEqual(JSON.parse(JSON.stringify(claims)));
      }),
      { numRuns: 300 },
    );
  });

  it('does not pass for one of somebody else, nor with another claim', () => {
    const token = signedJwt(algorithm, privateKey, {}, { iss: 'me' });
    expect(() => readJwt(token, algorithm, createPublicKey(stranger[algorithm].privateKey))).toThrow(
      'the signature is wrong',
    );
    const [header, , signature] = token.split('.');
    const forged = [header, Buffer.from('{"iss":"you"}').toString('base64url'), signature].join('.');
    expect(() => readJwt(forged, algorithm, publicKey)).toThrow('the signature is wrong');
  });
});
