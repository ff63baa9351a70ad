import { Api } from '../support/api.js';
import { FakePusher, isRunning } from '../support/external/fake-pusher.js';
import { askForToken, type Device, failuresIn, tokensOf } from '../support/external/push-devices.js';
import { until } from '../support/until.js';
import { BEHIND_PROXY, range } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

const SUCCESS = "echo '1 push notification(s) sent, 1 successfully and 0 failed.'";
/** Milliseconds that are much more than NEIGHBOUR_TIMEOUT=1 and much less than its default. */
const SOON = 5_000;

describe('A flexisip_pusher that takes its time', () => {
  const pusher = new FakePusher();
  let api: Api;

  const start = async (environment: Record<string, string>) => {
    const pusherSettings = {
      PUSH_DRIVER: 'flexisip_pusher',
      APP_FLEXISIP_PUSHER_PATH: pusher.path,
      APP_FLEXISIP_PUSHER_PROCESSES: '2',
    };
    api = await Api.start({ real: ['push'], environment: { ...BEHIND_PROXY, ...pusherSettings, ...environment } });
  };
  beforeEach(() => {
    pusher.forget();
    if (api) api.log.length = 0;
  });
  afterEach(() => pusher.endLeftovers('pids'));
  afterAll(() => pusher.remove());

  const device = (): Device => ({ pn_provider: 'fcm', pn_param: 'my-project', pn_prid: api.given.unique('device') });
  const ask = (of: Device) => askForToken(api, of);

  /** Starts a tree of four: the program, a child, a grandchild that ends for nobody, and one that has given up its output. */
  const growTree = [
    `pids='${pusher.folder}/pids'; echo $$ > "$pids"`,
    `sh -c 'echo $$ >> "$0"; sh -c "trap \\"\\" TERM HUP INT; echo \\$\\$ >> \\"\\$0\\"; while :; do sleep 60; done" "$0" & wait' "$pids" &`,
    `sh -c 'echo $$ >> "$0"; exec sleep 60' "$pids" > /dev/null 2>&1 &`,
  ];
  const tree = () => pusher.pids('pids');

  describe('while calls wait for a second', () => {
    beforeAll(() => start({ NEIGHBOUR_TIMEOUT: '1' }));
    afterAll(() => api.stop());

    it('is ended with all it has started, and leaves no token', async () => {
      const body = device();
      pusher.does(...growTree, 'wait');
      const answer = ask(body);
      await until(() => tree().length === 4);
      expect(tree().filter(isRunning)).toEqual(tree());

      expect(refusal(await answer)).toBe('503 push_not_delivered');
      await until(() => !tree().some(isRunning));
      expect(await tokensOf(api, body)).toEqual([]);
      expect(failuresIn(api)).toEqual([expect.stringContaining('flexisip_pusher: did not end in time')]);
    });

    it('is waited for no longer, although what it started keeps its output open', async () => {
      pusher.does(...growTree, SUCCESS, `until [ "$(wc -l < "$pids")" -eq 4 ]; do sleep 0.01; done`);
      const begin = performance.now();
      await ask(device());
      expect(performance.now() - begin).toBeLessThan(SOON);
      expect(tree()).toHaveLength(4);
      await until(() => !tree().some(isRunning));
    });

    it('works again for the device that got nothing', async () => {
      const body = device();
      pusher.does('sleep 60');
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      pusher.does(SUCCESS);
      expect((await ask(body)).status).toBe(200);
      expect(await tokensOf(api, body)).toHaveLength(1);
    });

    it('is never started for those whose turn does not come in time', async () => {
      pusher.does('sleep 60');
      const bodies = range(20).map(device);
      const begin = performance.now();
      expect(tally(await Promise.all(bodies.map(ask)))).toEqual({ '503 push_not_delivered': 20 });
      expect(performance.now() - begin).toBeLessThan(SOON);
      const busy = failuresIn(api).filter((line) => line.includes('flexisip_pusher: was busy all the time'));
      expect(busy.length).toBeGreaterThan(0);
      // One whose turn comes in the last moment may be ended before it has written down that it was called.
      expect(pusher.calls.length).toBeLessThanOrEqual(20 - busy.length);
      for (const body of bodies) expect(await tokensOf(api, body)).toEqual([]);
    });

    it('does not slow down other routes', async () => {
      pusher.does('sleep 60');
      let isOver = false;
      const answers = Promise.all(range(10).map(() => ask(device()))).finally(() => (isOver = true));
      await until(() => pusher.calls.length === 2);
      expect((await api.anonymous().get('/api/ping')).status).toBe(200);
      expect(isOver).toBe(false);
      expect(tally(await answers)).toEqual({ '503 push_not_delivered': 10 });
    });
  });

  describe('while calls wait for ten seconds', () => {
    beforeAll(() => start({}));
    afterAll(() => api.stop());

    it('is ended long before when it writes without end', async () => {
      const body = device();
      pusher.does(
        ...growTree,
        'while :; do echo "one push notification after the other, and never a word of how it went"; done',
      );
      const begin = performance.now();
      expect(refusal(await ask(body))).toBe('503 push_not_delivered');
      expect(performance.now() - begin).toBeLessThan(SOON);
      await until(() => !tree().some(isRunning));
      expect(await tokensOf(api, body)).toEqual([]);
    });

    it('runs so many times at once as the setting says, and the others wait for their turn', async () => {
      pusher.does(...pusher.waits(), SUCCESS);
      const answers = Promise.all(range(6).map(() => ask(device())));
      for (const done of range(6)) {
        await until(() => pusher.waiting.length === Math.min(2, 6 - done));
        expect(pusher.calls).toHaveLength(Math.min(2 + done, 6));
        const [place = ''] = pusher.waiting;
        pusher.release(place);
        await until(() => !pusher.waiting.includes(place));
      }
      expect(tally(await answers)).toEqual({ '200': 6 });
    });
  });
});
