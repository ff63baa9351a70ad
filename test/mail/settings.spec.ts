import { InvalidSettings } from '../../src/config/settings.js';
import { loadSettings } from '../../src/config/load-settings.js';
import { APP_KEY } from '../support/settings.js';

const mail = {
  APP_KEY,
  MAIL_DRIVER: 'smtp',
  MAIL_HOST: 'mail.example.org',
  MAIL_FROM_ADDRESS: 'accounts@example.org',
};

function mistakesOf(environment: Record<string, string>): string[] {
  try {
    loadSettings({ ...mail, ...environment });
    return [];
  } catch (error) {
    if (error instanceof InvalidSettings) return [...error.mistakes];
    throw error;
  }
}

describe('The settings of the mails', () => {
  it('need a server and a sender, and have defaults for the rest', () => {
    expect(mistakesOf({ MAIL_HOST: '', MAIL_FROM_ADDRESS: '' }).map((mistake) => mistake.split(':')[0])).toEqual([
      'MAIL_HOST',
      'MAIL_FROM_ADDRESS',
    ]);
    expect(loadSettings({ ...mail, APP_URL: 'https://api.example.org/flexiapi' }).mail).toEqual({
      driver: 'smtp',
      host: 'mail.example.org',
      port: 587,
      encryption: 'starttls',
      credentials: null,
      from: { address: 'accounts@example.org', name: 'Flexisip API' },
      ehloName: 'api.example.org',
      connections: 5,
      tls: { ca: null, verify: true },
    });
  });

  it.each([
    ['none', 25],
    ['starttls', 587],
    ['tls', 465],
  ])('know the usual port of MAIL_ENCRYPTION=%s', (encryption, port) => {
    expect(loadSettings({ ...mail, MAIL_ENCRYPTION: encryption }).mail).toMatchObject({ encryption, port });
    expect(loadSettings({ ...mail, MAIL_ENCRYPTION: encryption, MAIL_PORT: '2525' }).mail).toMatchObject({
      port: 2525,
    });
  });

  it.each([
    ['MAIL_HOST', 'mail server'],
    ['MAIL_PORT', '0'],
    ['MAIL_PORT', '65536'],
    ['MAIL_ENCRYPTION', 'ssl'],
    ['MAIL_CONNECTIONS', '0'],
    ['MAIL_TLS_VERIFY', 'no'],
    ['MAIL_TLS_CA', 'not a certificate'],
    ['MESSAGE_TEMPLATES', '/nowhere/at/all'],
    ['MESSAGE_TEMPLATES', __filename],
  ])('refuse %s=%s, by name', (name, value) => {
    expect(mistakesOf({ [name]: value })).toEqual([expect.stringMatching(`^${name}: `) as string]);
  });

  it.each([
    ['MAIL_USERNAME', 'MAIL_PASSWORD'],
    ['MAIL_PASSWORD', 'MAIL_USERNAME'],
  ])(
    'refuse %s without %s: with one alone no mail could ever be sent, or without anybody noticing',
    (given, missing) => {
      expect(mistakesOf({ [given]: 'x' })).toEqual([expect.stringContaining(missing) as string]);
    },
  );

  it('never repeat a password', () => {
    expect(mistakesOf({ MAIL_PASSWORD: 'secret', MAIL_PORT: 'x', MAIL_HOST: '' }).join()).not.toContain('secret');
  });
});
