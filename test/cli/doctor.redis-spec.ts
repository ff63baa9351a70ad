import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnose, found } from '../support/doctor.js';
import { PrivateRedis } from '../support/neighbours/private-redis.js';

// Each test runs several processes, one after the other.
jest.setTimeout(90_000);

describe('doctor, of Redis,', () => {
  let redis: PrivateRedis;
  let environment: Record<string, string>;

  beforeAll(async () => {
    redis = await PrivateRedis.start({
      lines: [
        'user default off',
        // The least rights that the documents name.
        'user api on >redis-secret ~fs:* ~flexisip-api:* &* -@all +select +hlen +hgetall +hdel +publish +multi +exec +ping',
      ],
    });
    const url = `redis://api:redis-secret@127.0.0.1:${redis.port}`;
    environment = {
      APP_KEY: 'a secret for the tests, not for you',
      DB_DATABASE: join(tmpdir(), 'flexisip-api-none.sqlite'),
      NEIGHBOUR_TIMEOUT: '2',
      REDIS_URL: url,
      DEVICES_DRIVER: 'redis',
    };
  });
  afterAll(() => redis.stop());

  it('says that both answer', async () => {
    const diagnosis = await diagnose(environment);
    expect(found(diagnosis, 'devices')).toEqual(["ok: the SIP proxy's Redis answers"]);
    expect(found(diagnosis, 'Redis')).toEqual(['ok: the shared Redis answers']);
  });

  it('says that a password is wrong, or that they hang, or are gone', async () => {
    const wrong = await diagnose({ ...environment, REDIS_URL: `redis://api:wrong-secret@127.0.0.1:${redis.port}` });
    expect(found(wrong, 'Redis')).toEqual([expect.stringMatching(/^error: the shared Redis: (WRONGPASS|NOAUTH)/)]);
    redis.freeze();
    const hanging = await diagnose(environment);
    redis.thaw();
    expect(found(hanging, 'Redis')).toEqual(['error: the shared Redis: did not answer in time']);
    await redis.crash();
    const gone = await diagnose(environment);
    expect(found(gone, 'Redis')).toEqual([expect.stringMatching(/^error: the shared Redis: .*ECONNREFUSED/)]);
    expect(found(gone, 'devices')).toEqual([expect.stringMatching(/^error: the SIP proxy's Redis: .*ECONNREFUSED/)]);
    for (const { code, stdout } of [wrong, hanging, gone]) {
      expect(code).toBe(1);
      expect(stdout).not.toMatch(/redis-secret|wrong-secret/);
    }
  });
});
