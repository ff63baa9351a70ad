import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from '../support/api.js';
import { FakePusher } from '../support/external/fake-pusher.js';
import { askForToken, type Device, failuresIn, tokensOf } from '../support/external/push-devices.js';
import { until } from '../support/until.js';
import { BEHIND_PROXY, range } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

/** Variables of this process that the program has no business with. */
const SECRETS = {
  DB_PASSWORD: 'the database password',
  APP_KEY: 'the key of the application',
  OVH_APP_SECRET: 'the secret at OVH',
};
const PREFIX = '/etc/my flexisip/$(touch injected);`touch injected`';
const KEY = 'the key for Firebase: $HOME "\'';

const log = (line: string) => `2026-11-24 10:00:00:123 flexisip-message-${line}`;
const BYE = log('job is done, thanks for using /opt/bin/flexisip_pusher. Bye!');
const RELAUNCH = log('There are failed requests, relaunch with --debug to consult exact error cause.');
const SUCCESS = log('1 push notification(s) sent, 1 successfully and 0 failed.');
const FAILURE = log('1 push notification(s) sent, 0 successfully and 1 failed.');
const NEW_SUCCESS = log('Summary: 1 push notification(s) sent [successful = 1, failed = 0]');
const NEW_FAILURE = log('Summary: 1 push notification(s) sent [successful = 0, failed = 1]');
const NOISE = [
  '2026-11-24 10:00:00:100 flexisip-warning-No certificate for 1 of 3 applications, 0 failed.',
  '2026-11-24 10:00:00:101 flexisip-error-1 push notification(s) dropped',
  '',
  'sent, 0 successfully and 9 failed.',
];

describe('PUSH_DRIVER=flexisip_pusher', () => {
  const pusher = new FakePusher();
  const cwd = mkdtempSync(join(tmpdir(), 'flexisip-api-cwd-'));
  const former = process.cwd();
  let api: Api;

  beforeAll(async () => {
    Object.assign(process.env, SECRETS);
    process.chdir(cwd);
    api = await Api.start({
      real: ['push'],
      environment: {
        ...BEHIND_PROXY,
        PUSH_DRIVER: 'flexisip_pusher',
        APP_FLEXISIP_PUSHER_PATH: pusher.path,
        APP_FLEXISIP_PUSHER_PREFIX: PREFIX,
        APP_FLEXISIP_PUSHER_FIREBASE_KEY: KEY,
      },
    });
  });
  beforeEach(() => {
    pusher.forget();
    pusher.prints([SUCCESS, BYE]);
    api.log.length = 0;
  });
  afterAll(async () => {
    await api.stop();
    process.chdir(former);
    for (const name of Object.keys(SECRETS)) delete process.env[name];
    for (const folder of [cwd, pusher.folder]) rmSync(folder, { recursive: true });
  });

  const device = (members: Partial<Device> = {}): Device => ({
    pn_provider: 'fcm',
    pn_param: 'my-project',
    pn_prid: api.given.unique('f6y8_CVdQnY:APA91b'),
    ...members,
  });
  const ask = (of: Device) => askForToken(api, of);

  describe('starts the program', () => {
    it('with the words that Flexisip reads, each by itself, and the token that is then in the database', async () => {
      const body = device();
      expect(await ask(body)).toMatchObject({ status: 200, text: '{}' });
      const [token, ...others] = await tokensOf(api, body);
      expect(others).toEqual([]);
      expect(pusher.call.words).toEqual(
        [
          ['--prefix', PREFIX],
          ['--key', KEY],
          ['--pn-provider', 'fcm'],
          ['--pn-param', 'my-project'],
          ['--pn-prid', body.pn_prid],
          ['--apple-push-type', 'Background'],
          ['--customPayload', `{"token":"${token}"}`],
        ].flat(),
      );
    });

    it.each(['apns', 'apns.dev'] as const)(
      'for %s with the parameters as they came, and without the key for Firebase',
      async (provider) => {
        const hex = 'A1b2'.repeat(16);
        const parameters = {
          pn_param: 'ABCD1234.org.linphone.phone.remote&voip',
          pn_prid: `${hex}:remote&${hex}:voip`,
        };
        expect((await ask(device({ pn_provider: provider, ...parameters }))).status).toBe(200);
        const { words } = pusher.call;
        expect(words.slice(2, 8)).toEqual([
          '--pn-provider',
          provider,
          '--pn-param',
          parameters.pn_param,
          '--pn-prid',
          parameters.pn_prid,
        ]);
        expect(words).not.toContain('--key');
        expect(words).not.toContain(KEY);
      },
    );

    it.each(['a&touch&injected', '&', ':-', '..', 'x--pn-prid', '_--help'])(
      'with %j as a device, which no shell sees',
      async (prid) => {
        expect((await ask(device({ pn_prid: prid }))).status).toBe(200);
        const { words } = pusher.call;
        const options = words.filter((word) => word.startsWith('--'));
        expect(words[words.indexOf('--pn-prid') + 1]).toBe(prid);
        // It takes all that follows for devices, up to the next option.
        expect(words[words.indexOf('--pn-prid') + 2]).toBe('--apple-push-type');
        expect(options).toHaveLength(words.length / 2);
        expect(readdirSync(cwd)).toEqual([]);
      },
    );

    it('without our environment, which holds our secrets', async () => {
      expect((await ask(device())).status).toBe(200);
      const { environment } = pusher.call;
      expect(environment.PATH).toBe(process.env.PATH);
      const allowed = new Set(['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'FS_LOG_DIR']);
      expect(Object.keys(environment).filter((name) => !allowed.has(name))).toEqual([]);
      for (const secret of Object.values(SECRETS)) expect(JSON.stringify(environment)).not.toContain(secret);
    });

    it('once for twenty calls at once for a device', async () => {
      const body = device();
      const answers = await Promise.all(range(20).map(() => ask(body)));
      expect(tally(answers)).toEqual({ '200': 1, '403 token_already_sent': 19 });
      const [token, ...others] = await tokensOf(api, body);
      expect(others).toEqual([]);
      expect(pusher.call.words.at(-1)).toBe(`{"token":"${token}"}`);
    });

    it('anew for every device, also when twenty ask at once', async () => {
      const answers = await Promise.all(range(20).map(() => ask(device())));
      expect(tally(answers)).toEqual({ '200': 20 });
      expect(new Set(pusher.calls.map(({ words }) => words.at(-1))).size).toBe(20);
    });
  });

  describe('takes a push for delivered when the program', () => {
    it.each([
      ['says so as 2.1 to 2.3 do', [SUCCESS]],
      ['says so as 2.4 does', [NEW_SUCCESS]],
      ['goes on to say goodbye', [NEW_SUCCESS, BYE]],
      ['says much else before and after', [...NOISE, SUCCESS, ...NOISE, BYE]],
      ['colours its line', [`\u001b[32m${NEW_SUCCESS}\u001b[0m`]],
      ['ends its lines like Windows', [`${SUCCESS}\r`, `${BYE}\r`]],
      ['says much, but less than 64 KiB', [...Array<string>(600).fill('x'.repeat(100)), SUCCESS]],
      ['failed first, and succeeded then', [FAILURE, SUCCESS]],
    ])('%s', async (_name, lines) => {
      const body = device();
      pusher.prints(lines);
      expect(await ask(body)).toMatchObject({ status: 200, text: '{}' });
      expect(await tokensOf(api, body)).toHaveLength(1);
      expect(failuresIn(api)).toEqual([]);
    });

    it('logs to standard error', async () => {
      pusher.does(`echo '${SUCCESS}' >&2`, `echo '${BYE}' >&2`);
      expect((await ask(device())).status).toBe(200);
    });

    it('logs to standard error in the middle of the line that tells it', async () => {
      // Standard output is written in blocks when it is a pipe: a block may end anywhere, and what is logged meanwhile comes between.
      const first = [`printf '${SUCCESS.slice(0, -12)}'`, ...pusher.waits('first')];
      pusher.does(...first, `echo '${BYE}' >&2`, ...pusher.waits('second'), `echo '${SUCCESS.slice(-12)}'`);
      const answer = ask(device());
      for (const place of ['first', 'second']) {
        await until(() => pusher.waiting.some((name) => name.startsWith(place)));
        // What it wrote before it waited is in the pipe: two turns of the loop read it.
        for (const _ of range(2)) await new Promise((resolve) => setImmediate(resolve));
        pusher.release(pusher.waiting[0] ?? '');
      }
      expect((await answer).status).toBe(200);
    });
  });

  describe('takes a push for lost, and leaves no token, when the program', () => {
    it.each([
      ['says so with exit code 0, as 2.1 does', [FAILURE, RELAUNCH, BYE], 0, 'of 1 pushes 0 succeeded and 1 failed'],
      ['says so with exit code 1, as 2.2 does', [FAILURE, RELAUNCH, BYE], 1, 'exit code 1'],
      ['says so as 2.4 does', [NEW_FAILURE, RELAUNCH, BYE], 1, 'exit code 1'],
      ['says so as 2.4 does, with exit code 0', [NEW_FAILURE], 0, 'of 1 pushes 0 succeeded and 1 failed'],
      ['contradicts itself: success, and exit code 1', [NEW_SUCCESS, BYE], 1, 'exit code 1'],
      [
        'has sent one of two',
        ['2 push notification(s) sent, 1 successfully and 1 failed.'],
        0,
        'of 2 pushes 1 succeeded and 1 failed',
      ],
      ['never submitted it', ['1 push notification(s) sent, 0 successfully and 0 failed.'], 0, '0 succeeded'],
      ['sent nothing', ['0 push notification(s) sent, 0 successfully and 0 failed.'], 0, '0 succeeded'],
      ['succeeded first, and failed then', [SUCCESS, FAILURE], 0, '0 succeeded and 1 failed'],
      ['has no key', ['Missing Firebase API key'], 2, 'exit code 2'],
      ['shows its usage', ['? arg9 --apple-push-type', 'usage: flexisip_pusher --pntype …'], 255, 'exit code 255'],
      ['is another program, which says nothing', [], 0, 'does not say'],
      [
        'is another program, which says something else',
        [...NOISE, '1 push notification sent successfully'],
        0,
        'does not say',
      ],
      ['says half of it', [SUCCESS.slice(0, -12)], 0, 'does not say'],
    ])('%s', async (_name, lines, code, reason) => {
      const body = device();
      pusher.prints(lines, code);
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(await tokensOf(api, body)).toEqual([]);
      expect(failuresIn(api)).toEqual([expect.stringMatching(/^Not delivered: .*\. flexisip_pusher: /)]);
      expect(failuresIn(api)[0]).toContain(reason);

      pusher.prints([SUCCESS, BYE]);
      expect((await ask(body)).status).toBe(200);
    });

    it('is ended by a signal after it said that all is well', async () => {
      const body = device();
      pusher.does(`echo '${SUCCESS}'`, 'kill -9 $$');
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(await tokensOf(api, body)).toEqual([]);
      expect(failuresIn(api)[0]).toContain('was ended by a signal');
    });

    it('repeats what it was told, of which the log tells nothing', async () => {
      pusher.does('echo "$@"', 'echo "$@" >&2', 'exit 1');
      expect(refusal(await ask(device()))).toBe('503 push_not_delivered');
      const token = /"token":"(\w+)"/.exec(pusher.call.words.at(-1) ?? '')?.[1] ?? 'no token';
      expect(token).toMatch(/^[A-Za-z0-9]{13}$/);
      expect(failuresIn(api)).toHaveLength(1);
      for (const secret of [token, 'the key for Firebase']) expect(api.log.join('\n')).not.toContain(secret);
    });
  });
});
