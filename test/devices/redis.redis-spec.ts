import { once } from 'node:events';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { contactHeader } from '../support/external/contact-header.js';
import { PrivateRedis } from '../support/external/private-redis.js';
import { range } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

const PATH = '/api/accounts/me/devices';
const ONE = 'urn:uuid:7a3d8e90-1111-2222-3333-0123456789ab';
const OTHER = 'urn:uuid:7a3d8e90-1111-2222-3333-0123456789ac';
const WARN = 40;

describe('/accounts/me/devices, by a registrar in Redis', () => {
  let api: Api;
  let redis: PrivateRedis;

  beforeAll(async () => {
    redis = await PrivateRedis.start();
    api = await Api.start({
      environment: { RATE_LIMITS: 'off', DEVICES_DRIVER: 'redis', REDIS_URL: redis.url },
      real: ['devices'],
    });
  });
  afterAll(async () => {
    await api?.stop();
    await redis.stop();
  });

  const now = () => Math.floor(api.clock.now().getTime() / 1000);
  const keyOf = ({ sip }: GivenAccount) => `fs:${sip}`;
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('Z', '000Z');
  const list = (account: GivenAccount) => api.withKey(account).get(PATH);
  const remove = (account: GivenAccount, uuid: string) =>
    api.withKey(account).delete(`${PATH}/${encodeURIComponent(uuid)}`);

  async function accountWith(contacts: Record<string, string>): Promise<GivenAccount> {
    const account = await api.given.account();
    await redis.client.hset(keyOf(account), contacts);
    return account;
  }

  describe('GET', () => {
    it('is {} where there is no record', async () => {
      expect(await list(await api.given.account())).toMatchObject({ status: 200, text: '{}' });
    });

    it('shows what the Contact headers of the record say', async () => {
      const at = now();
      const account = await accountWith({
        [`"<${ONE}>"`]: contactHeader({
          updatedAt: at - 100,
          expires: 3600,
          instance: ONE,
          userAgent: 'Linphone-Desktop/5.1 (Ünï; "a&b=c") <x>',
        }),
        'fs-gen-7f3a0c11d2': contactHeader({ updatedAt: at, expires: 60, userAgent: '' }),
      });
      const { status, json } = await list(account);
      expect(status).toBe(200);
      expect(json).toEqual({
        [ONE]: {
          uuid: ONE,
          update_time: iso(at - 100),
          expires_at: iso(at + 3500),
          user_agent: 'Linphone-Desktop/5.1 (Ünï; "a&b=c") <x>',
          app: 'Linphone-Desktop',
          version: '5.1',
          device_name: 'Ünï; "a&b=c"',
        },
        'fs-gen-7f3a0c11d2': {
          uuid: 'fs-gen-7f3a0c11d2',
          update_time: iso(at),
          expires_at: iso(at + 60),
          user_agent: '',
          app: null,
          version: null,
          device_name: null,
        },
      });
      expect((await api.withKey(account).get(`${PATH}/${ONE}`)).json).toEqual(json[ONE]);
    });

    it('skips what is past, which can be neither shown nor removed', async () => {
      const account = await accountWith({
        past: contactHeader({ updatedAt: now() - 700 }),
        ended: contactHeader({ updatedAt: now(), expires: 0 }),
        present: contactHeader({ updatedAt: now() - 500 }),
      });
      expect(Object.keys((await list(account)).json)).toEqual(['present']);
      expect(refusal(await api.withKey(account).get(`${PATH}/past`))).toBe('404 device_not_found');
      expect(refusal(await remove(account, 'past'))).toBe('404 device_not_found');
      expect(await redis.client.hlen(keyOf(account))).toBe(3);
    });

    it('shows nothing of the same name in another domain', async () => {
      const account = await accountWith({ one: contactHeader({ updatedAt: now() }) });
      const namesake = await api.given.account({ username: account.username, domain: 'other.example.org', key: false });
      expect((await api.withDigest(namesake).get(PATH)).text).toBe('{}');
    });

    it('shows a thousand registrations, and no record that holds more', async () => {
      const contacts = Object.fromEntries(
        range(1000).map((index) => [`id-${index}`, contactHeader({ updatedAt: now() })]),
      );
      const account = await accountWith(contacts);
      expect(Object.keys((await list(account)).json)).toHaveLength(1000);
      await redis.client.hset(keyOf(account), 'one-more', contactHeader({ updatedAt: now() }));
      expect(refusal(await list(account))).toBe('503 devices_unavailable');
    });

    it.each([
      ['nothing', ''],
      ['words', 'garbage'],
      ['bytes', '\u0000\u0001\uFFFF'],
      ['another URI', '<tel:+33612345678>;expires=600'],
      ['a header cut off', '<sip:user@192.0.2.7;updatedAt=1795472029'],
      ['no update time', '<sip:user@192.0.2.7>;expires=600'],
      ['an update time that is none', '<sip:user@192.0.2.7;updatedAt=soon>;expires=600'],
      ['no expiry of the header', '<sip:user@192.0.2.7;updatedAt=4102444799;expires=600>'],
    ])(
      'shows the others beside a value of %s, is 503 for that alone, and the log does not repeat it',
      async (_name, value) => {
        const account = await accountWith({ one: contactHeader({ updatedAt: now() }), odd: value });
        api.log.length = 0;
        expect(Object.keys((await list(account)).json)).toEqual(['one']);
        expect(api.log.join('')).toContain(
          `the SIP proxy's Redis holds 1 of 2 registrations of ${account.sip} that cannot be read`,
        );
        await redis.client.hdel(keyOf(account), 'one');
        expect(refusal(await list(account))).toBe('503 devices_unavailable');
        expect(api.log.join('')).toContain("the SIP proxy's Redis: holds what are no registrations");
        if (value !== '') expect(api.log.join('')).not.toContain(JSON.stringify(value).slice(1, -1));
      },
    );

    it('is 503 for a key of another type', async () => {
      const account = await api.given.account();
      await redis.client.set(keyOf(account), 'x');
      api.log.length = 0;
      expect(refusal(await list(account))).toBe('503 devices_unavailable');
      expect(refusal(await remove(account, ONE))).toBe('503 devices_unavailable');
      expect(api.log.join('')).toMatch(/the SIP proxy's Redis: WRONGTYPE/);
    });

    it('answers twenty calls at once', async () => {
      const account = await accountWith({ one: contactHeader({ updatedAt: now() }) });
      expect(tally(await Promise.all(range(20).map(() => list(account))))).toEqual({ '200': 20 });
    });
  });

  describe('DELETE /{uuid}', () => {
    /** What Redis is told, and by whom; whoever else asks in between is left out. */
    async function commandsDuring(work: () => Promise<unknown>): Promise<string[][]> {
      const monitor = await redis.client.monitor();
      const commands: string[][] = [];
      const done = new Promise<void>((resolve) => {
        monitor.on('monitor', (_time: string, words: string[]) =>
          words[0] === 'echo' ? resolve() : commands.push(words),
        );
      });
      try {
        await work();
        // What was said before this arrives before it.
        await redis.client.echo('done');
        await done;
      } finally {
        monitor.disconnect();
      }
      return commands;
    }

    it.each([
      ['a URN in quotes and brackets', `"<${ONE}>"`, ONE],
      ['a bare URN', ONE, ONE],
      ['an id the proxy made up', 'fs-gen-7f3a0c11d2', 'fs-gen-7f3a0c11d2'],
      ['a Call-ID', 'a84b4c76e66710@192.0.2.1', 'a84b4c76e66710@192.0.2.1'],
      ['two words', 'two words', 'two words'],
      ['the name of a property', '__proto__', '__proto__'],
    ])('removes exactly the field that is %s, then tells the proxies', async (_name, uniqueId, uuid) => {
      const account = await api.given.account();
      // By itself, since an object would take __proto__ for something else.
      await redis.client.hset(keyOf(account), uniqueId, contactHeader({ updatedAt: now() }));
      await redis.client.hset(keyOf(account), `"<${OTHER}>"`, contactHeader({ updatedAt: now() }));

      const commands = await commandsDuring(async () =>
        expect(await remove(account, uuid)).toMatchObject({ status: 200, text: '{}' }),
      );
      expect(commands.filter(([name]) => /^(hdel|publish|del|hset|expire)$/i.test(name ?? ''))).toEqual([
        ['hdel', keyOf(account), uniqueId],
        ['publish', account.sip, uniqueId],
      ]);
      expect(await redis.client.hkeys(keyOf(account))).toEqual([`"<${OTHER}>"`]);
    });

    it.each([`"<${ONE}>"`, 'é\n📱'])('is heard by a proxy that listens to the address: %j', async (uniqueId) => {
      const account = await accountWith({ [uniqueId]: contactHeader({ updatedAt: now() }) });
      const proxy = redis.anotherClient();
      await proxy.subscribe(account.sip);
      const heard = once(proxy, 'message');
      expect((await remove(account, uniqueId.replace(/^"<|>"$/g, ''))).status).toBe(200);
      expect(await heard).toEqual([account.sip, uniqueId]);
      expect(await redis.client.exists(keyOf(account))).toBe(0);
    });

    it('tells nobody of what was not there', async () => {
      const account = await accountWith({ one: contactHeader({ updatedAt: now() }) });
      const commands = await commandsDuring(async () =>
        expect(refusal(await remove(account, 'two'))).toBe('404 device_not_found'),
      );
      expect(commands.filter(([name]) => /^(hdel|publish)$/i.test(name ?? ''))).toEqual([]);
    });

    it('succeeds once or more of five calls at once, and is a 404 to the others', async () => {
      const account = await accountWith({ one: contactHeader({ updatedAt: now() }) });
      const answers = tally(await Promise.all(range(5).map(() => remove(account, 'one'))));
      expect(answers['200']).toBeGreaterThan(0);
      expect((answers['200'] ?? 0) + (answers['404 device_not_found'] ?? 0)).toBe(5);
    });
  });

  describe('an account that may no longer register', () => {
    const warnings = () => api.log.filter((line) => (JSON.parse(line) as { level: number }).level >= WARN).join('');

    it('has none of its registrations left, and the proxies hear of each', async () => {
      const account = await accountWith({
        a: contactHeader({ updatedAt: now() }),
        b: contactHeader({ updatedAt: now() }),
      });
      const proxy = redis.anotherClient();
      const heard: string[] = [];
      proxy.on('message', (_channel: string, field: string) => heard.push(field));
      await proxy.subscribe(account.sip);
      const admin = await api.given.admin();
      api.log.length = 0;
      expect((await api.withKey(admin).post(`/api/accounts/${account.id}/deactivate`)).status).toBe(200);
      await proxy.ping();
      expect(heard.toSorted()).toEqual(['a', 'b']);
      expect(await redis.client.exists(keyOf(account))).toBe(0);
      expect(warnings()).toBe('');
    });

    it('loses every registration that can be read when there is one that cannot', async () => {
      const account = await accountWith({ good: contactHeader({ updatedAt: now() }), odd: 'garbage' });
      expect((await api.withKey(account).delete('/api/accounts/me')).status).toBe(200);
      expect(warnings()).toMatch(/1 of 2 registrations of \S+ that cannot be read/);
      expect(await redis.client.hexists(keyOf(account), 'good')).toBe(0);
    });

    it('is gone although Redis holds something else for it, with a warning', async () => {
      const account = await api.given.account();
      await redis.client.set(keyOf(account), 'x');
      api.log.length = 0;
      expect((await api.withKey(account).delete('/api/accounts/me')).status).toBe(200);
      expect(await api.count('accounts', 'id = ?', [account.id])).toBe(0);
      expect(warnings()).toMatch(/A registration of .* was not removed from the SIP proxy: .*WRONGTYPE/);
    });
  });
});
