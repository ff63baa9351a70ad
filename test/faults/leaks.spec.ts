import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from '../support/api.js';
import { closeConnections } from '../support/http.js';
import * as adapters from '../support/external/services-under-test.js';
import * as calls from '../support/external/dependent-calls.js';
import { range } from '../support/public-routes.js';

const CALLS = 1_000;
const AT_ONCE = 100;

/** The open descriptors of the process, and its child processes, including those that ended but were not waited for. */
function holdings(): { descriptors: number; children: number } {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isChild(name));
  return { descriptors: readdirSync('/proc/self/fd').length, children: children.length };
}

function isChild(pid: string): boolean {
  try {
    // The fields after the name, which may contain any character: state and parent (proc_pid_stat(5)).
    const [, parent] =
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .split(') ')[1]
        ?.match(/^\S (\d+)/) ?? [];
    return Number(parent) === process.pid;
  } catch {
    return false;
  }
}

/** Waits until the process holds no more than before. Closed connections disappear a little later. */
async function settled(before: ReturnType<typeof holdings>): Promise<ReturnType<typeof holdings>> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const now = holdings();
    if ((now.descriptors <= before.descriptors && now.children <= before.children) || Date.now() > deadline) return now;
    await sleep(100);
  }
}

const CASES = [
  { name: 'flexisip_pusher', border: 'push', start: adapters.pusher, needing: calls.tokenFor('fcm') },
  { name: 'APNs', border: 'push', start: adapters.apns, needing: calls.tokenFor('apns') },
  { name: 'FCM', border: 'push', start: adapters.fcm, needing: calls.tokenFor('fcm') },
  { name: 'SMTP', border: 'mail', start: adapters.smtp, needing: calls.accountByMail },
  { name: 'HTTP gateway', border: 'sms', start: adapters.httpGateway, needing: calls.accountBySms },
  { name: 'command socket', border: 'devices', start: adapters.commandSocket, needing: calls.listDevices },
  { name: 'Redis', border: 'devices', start: adapters.redis, needing: calls.listDevices },
] as const;

describe.each(CASES)('$name', ({ border, start, needing }) => {
  it('leaves no process and no descriptor behind after a thousand calls that failed', async () => {
    const service = await start();
    const environment = {
      RATE_LIMITS: 'off',
      TRUST_PROXY: '127.0.0.1',
      NEIGHBOUR_TIMEOUT: '1',
      ...service.environment,
    };
    const api = await Api.start({ environment, real: [border] });
    const failing = async (count: number) => {
      const prepared = await Promise.all(range(count).map(() => needing.prepare(api)));
      const answers = await Promise.all(prepared.map(({ call }) => call()));
      expect(answers.filter(({ status }) => status !== 503)).toEqual([]);
    };
    await service.fail('garbage');
    await failing(AT_ONCE);
    closeConnections();
    const before = holdings();

    // As many calls as time allows hang; the others fail at once.
    await service.fail('hanging');
    await failing(AT_ONCE);
    for (const fault of ['garbage', 'reset', 'refused'] as const) {
      await service.fail(fault);
      for (const _ of range(Math.ceil(CALLS / AT_ONCE / 3))) await failing(AT_ONCE);
    }
    closeConnections();
    const after = await settled(before);
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
    expect(after.children).toBeLessThanOrEqual(before.children);
    await api.stop();
    await service.stop();
  }, 120_000);
});
