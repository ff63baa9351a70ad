import { deriveKey, secretsEqual } from './secrets.js';

describe('Secrets', () => {
  it.each([
    ['aZ3kP9sQ1xW7b', 'aZ3kP9sQ1xW7b'],
    ['é', '\u00e9'],
  ])('are equal as %j and %j', (one, other) => {
    expect(secretsEqual(one, other)).toBe(true);
  });

  it.each([
    ['abc', 'abd'],
    ['abc', 'ABC'],
    ['abc', 'abc '],
    ['abc', 'ab'],
    ['abc', ''],
    ['', ''],
    ['é', 'e\u0301'],
    ['0123', '123'],
    ['0123', '０123'],
  ])('differ as %j and %j', (one, other) => {
    expect(secretsEqual(one, other)).toBe(false);
    expect(secretsEqual(other, one)).toBe(false);
  });
});

describe('A derived key', () => {
  // RFC 5869 with SHA-256, no salt, and "flexisip-api a purpose" as info; computed by OpenSSL's `kdf` command.
  it('is 32 bytes of HKDF', () => {
    expect(deriveKey('a secret', 'a purpose').toString('hex')).toBe(
      'd2e9818d519d075ce87ba757e9259ee6728e949eed13ce24aed51f207f4243de',
    );
  });

  it('is another for another purpose or secret', () => {
    const keys = [
      deriveKey('a secret', 'a purpose'),
      deriveKey('a secret', 'another'),
      deriveKey('another', 'a purpose'),
    ];
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(3);
  });
});
