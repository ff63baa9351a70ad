import { turnCredentials } from './turn-credentials.js';

describe('The credentials for a TURN server', () => {
  it('have the password that OpenSSL computes for the user name', () => {
    // printf 1767225600:42 | openssl dgst -sha1 -hmac north -binary | base64
    const { username, password } = turnCredentials('north', '42', new Date('2026-01-01T00:00:00.900Z'));
    expect(username).toBe('1767225600:42');
    expect(password).toBe('pWK3wKwmltAR3XxY5Kfxl0F0ftw=');
  });
});
