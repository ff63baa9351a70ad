import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC_KEY, serviceAccount } from '../process/outbound-environments.js';
import { diagnose, found } from '../support/doctor.js';
import { FakeGoogle } from '../support/external/fake-google.js';
import { FakeOvh, OVH_KEYS } from '../support/external/fake-ovh.js';
import { FakeHttpService } from '../support/external/fake-http-service.js';
import { freePort } from '../support/private-mariadb.js';
import { APP_KEY } from '../support/settings.js';

// Each test runs several processes, one after the other.
jest.setTimeout(90_000);

describe('doctor, examining delivery providers,', () => {
  const of = async (check: string, changed: Record<string, string>, secret: string) => {
    const environment = {
      APP_KEY,
      DB_DATABASE: join(tmpdir(), 'flexisip-api-none.sqlite'),
    };
    const diagnosis = await diagnose({ ...environment, NEIGHBOUR_TIMEOUT: '2', ...changed });
    expect(diagnosis.stdout).not.toContain(secret);
    return found(diagnosis, check);
  };

  it('asks OVH for its time and its services, which proves the keys, and sends no SMS', async () => {
    const ovh = await FakeOvh.start();
    const settings = {
      SMS_DRIVER: 'ovh',
      OVH_APP_ENDPOINT: ovh.url,
      OVH_APP_KEY: OVH_KEYS.application,
      OVH_APP_SECRET: OVH_KEYS.secret,
      OVH_APP_CONSUMER_KEY: OVH_KEYS.consumer,
      OVH_APP_SENDER: 'Flexisip',
    };
    expect(await of('SMS', settings, OVH_KEYS.secret)).toEqual(['ok: OVH answers and accepts the keys']);
    expect(await of('SMS', { ...settings, OVH_APP_SECRET: 'wrong-secret' }, 'wrong-secret')).toEqual([
      expect.stringMatching(/^error: .* answered 400 INVALID_SIGNATURE$/),
    ]);
    expect(await of('SMS', { ...settings, OVH_APP_SERVICE: 'sms-ab12345-2' }, OVH_KEYS.secret)).toEqual([
      expect.stringMatching(/^ok: OVH answers; /),
    ]);
    expect(ovh.jobs).toEqual([]);
    await ovh.stop();
  });

  it('asks Twilio for the account, and sends no SMS', async () => {
    const right = `Basic ${Buffer.from('AC0123456789:right-token').toString('base64')}`;
    const twilio = await FakeHttpService.start(({ headers }) =>
      headers.authorization === right ? { body: { sid: 'AC0123456789' } } : { status: 401, body: { code: 20003 } },
    );
    const settings = {
      SMS_DRIVER: 'twilio',
      TWILIO_URL: twilio.origin,
      TWILIO_ACCOUNT_SID: 'AC0123456789',
      TWILIO_AUTH_TOKEN: 'right-token',
      TWILIO_FROM: '+33600000000',
    };
    expect(await of('SMS', settings, 'right-token')).toEqual(['ok: Twilio answers and accepts the token']);
    expect(await of('SMS', { ...settings, TWILIO_AUTH_TOKEN: 'wrong-token' }, 'wrong-token')).toEqual([
      expect.stringMatching(/^error: .* answered 401$/),
    ]);
    expect(twilio.requests.map(({ method, target }) => `${method} ${target}`)).toEqual(
      Array(2).fill('GET /2010-04-01/Accounts/AC0123456789.json'),
    );
    await twilio.stop();
  });

  it('asks Google for access and Apple for a connection, and pushes nothing', async () => {
    const google = await new FakeGoogle().start();
    const apple = `http://127.0.0.1:${await freePort()}`;
    const settings = {
      PUSH_DRIVER: 'direct',
      FCM_URL: google.url,
      FCM_SERVICE_ACCOUNT: serviceAccount({ token_uri: `${google.url}/token` }),
      APNS_KEY: EC_KEY,
      APNS_KEY_ID: 'ABC123DEFG',
      APNS_TEAM_ID: 'DEF123GHIJ',
      APNS_URL: apple,
      APNS_DEV_URL: google.url,
    };
    expect(await of('push', settings, 'PRIVATE KEY')).toEqual([
      `error: Apple's push service ${apple}: ECONNREFUSED`,
      expect.stringContaining(`ok: Apple's push service ${google.url} accepts connections`),
      'ok: Google accepts the key of FCM_SERVICE_ACCOUNT',
    ]);
    google.grantsNext({ status: 400, body: { error: 'invalid_grant' } });
    expect(await of('push', settings, 'PRIVATE KEY')).toContainEqual(
      expect.stringMatching(/^error: Google's token service .* answered 400/),
    );
    expect(google.messages).toEqual([]);
    await google.stop();
  });
});
