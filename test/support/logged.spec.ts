import { leaked } from './logged.js';

describe('leaked', () => {
  const logOf = (...texts: string[]) => ({ log: texts.map((text) => JSON.stringify({ time: 'now', text })) });

  it.each(['the code 0003', '{"code":"0003"}', '0003', 'code=0003&to=+33'])('finds a code in: %s', (text) => {
    expect(leaked(logOf(text), '0003')).toEqual(['0003']);
  });

  it.each(['sip:account0003@sip.example.org', '+33600030000', '\u0003'])('finds no code in: %s', (text) => {
    expect(leaked(logOf(text), '0003')).toEqual([]);
  });

  it('finds a longer secret anywhere, and in base64', () => {
    const { log } = logOf(`x${Buffer.from('secret-token').toString('base64')}`, 'asecret-tokenb');
    expect(leaked({ log }, 'secret-token', 'other')).toEqual(['secret-token']);
    expect(leaked({ log: log.slice(0, 1) }, 'secret-token')).toEqual(['secret-token']);
  });
});
