import { variables } from '../config/variables.js';
import { type Environment, environmentAlone } from '../config/sources.js';
import { settingsInParts as inParts } from './settings-in-parts.js';

const settingsInParts = (environment: Environment) => inParts(environmentAlone(environment));

describe('Settings that are read in parts', () => {
  const mysql = {
    DB_DRIVER: 'mysql',
    DB_HOST: 'db.example.org',
    DB_DATABASE: 'flexisip',
    DB_USERNAME: 'flexisip',
    APP_KEY: 'k'.repeat(32),
    PUSH_DRIVER: 'log',
    MAIL_DRIVER: 'log',
    SMS_DRIVER: 'log',
    CAPTCHA_DRIVER: 'none',
    DEVICES_DRIVER: 'none',
  };

  it('are all there where nothing is wrong', () => {
    const { settings, mistakes, broken } = settingsInParts(mysql);
    expect({ mistakes, broken: [...broken] }).toEqual({ mistakes: [], broken: [] });
    expect(settings.database).toMatchObject({ driver: 'mysql', host: 'db.example.org' });
  });

  it('keep what is right beside what is wrong', () => {
    const { settings, mistakes, broken } = settingsInParts({
      ...mysql,
      PORT: 'x',
      MAIL_DRIVER: 'smtp',
      APP_KEY: 'short',
    });
    expect(mistakes.map((mistake) => mistake.split(':', 1)[0])).toEqual([
      'PORT',
      'APP_KEY',
      'MAIL_HOST',
      'MAIL_FROM_ADDRESS',
    ]);
    expect([...broken]).toEqual(['mail']);
    expect(settings).toMatchObject({
      port: 3000,
      mail: { driver: 'log' },
      database: { driver: 'mysql', host: 'db.example.org' },
    });
  });

  it('say that a database is unknown that lacks its name', () => {
    expect([...settingsInParts({ DB_DRIVER: 'mysql' }).broken]).toContain('database');
    expect([...settingsInParts({ ...mysql, DB_USERNAME: '' }).broken]).toEqual(['database']);
  });

  it.each([{}, { REDIS_URL: 'nowhere' }])('keep all but a Redis that nonces need, beside %j', (redis) => {
    const { settings, broken } = settingsInParts({ ...mysql, NONCE_STORE: 'redis', ...redis });
    expect([...broken]).toEqual(['redis', 'devices']);
    expect(settings.database).toMatchObject({ driver: 'mysql', host: 'db.example.org' });
  });

  it.each([{}, { FIRST_ADMIN: '!' }, { FIRST_ADMIN: 'operator', USERNAME_MIN_LENGTH: '20' }])(
    'come to an end with a FIRST_ADMIN_PASSWORD beside %j',
    (first) => {
      const { mistakes, broken } = settingsInParts({ ...mysql, FIRST_ADMIN_PASSWORD: 'secret words', ...first });
      expect(mistakes).toEqual([expect.stringMatching(/^FIRST_ADMIN: /)]);
      expect([...broken]).toEqual(['firstAdmin']);
    },
  );

  it.each(Object.keys(variables))('can be read where %s is anything at all', (name) => {
    for (const value of ['', '\u0000', '-1', 'x']) {
      for (const environment of [
        { [name]: value },
        { ...mysql, [name]: value },
        { ...mysql, [name]: undefined, [`${name}_FILE`]: '/nowhere' },
      ]) {
        expect(settingsInParts(environment).settings.publicUrl).toEqual(expect.any(String));
      }
    }
  });
});
