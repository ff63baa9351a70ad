import { accessSync, constants, readFileSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { redisServer, refuseMode } from '../../outbound/redis-server.js';
import { reasonOf } from '../../outbound/outbound-call-failed.js';
import type { Settings } from '../../config/settings.js';
import { probeRegistrations } from '../../devices/redis-registrar.js';
import { type Check, error, ok, type Verdict, warning } from '../finding.js';
import { askRedis } from './outbound-check.js';

/** Checks whether registrations at the SIP proxy can be looked up. */
export class DevicesCheck implements Check {
  readonly name = 'devices';

  constructor(private readonly settings: Settings) {}

  async run(): Promise<Verdict[]> {
    const { devices, database } = this.settings;
    switch (devices.driver) {
      case 'none':
        return database.driver === 'sqlite'
          ? [ok('devices are not looked up')]
          : [
              warning(
                'devices are not looked up, and a deleted account stays registered',
                'Set DEVICES_DRIVER if there is a Flexisip.',
              ),
            ];
      case 'flexisip':
        return [this.ofSocket(devices)];
      case 'redis': {
        const name = "the SIP proxy's Redis";
        const advice = 'See FLEXISIP_REDIS_URL or REDIS_URL, and docs/devices.md for rights.';
        const tryOut = async (client: Redis) => {
          refuseMode(await redisServer(client), devices.redis.variable);
          await probeRegistrations(client);
          return [ok(`${name} answers and accepts writes`)];
        };
        return askRedis(this.settings, name, devices.redis, tryOut, advice);
      }
    }
  }

  /** Does not connect: a connection without a command blocks some proxies. */
  private ofSocket({ pidFile, socketDirectory }: { pidFile: string; socketDirectory: string }): Verdict {
    const pid = pidIn(pidFile);
    if (typeof pid !== 'string') return pid;
    const path = join(socketDirectory, `flexisip-proxy-${pid}`);
    let stats: Stats;
    try {
      stats = statSync(path);
    } catch (reason) {
      const advice = 'See APP_FLEXISIP_SOCKET_DIR. In a container, mount this folder. Under systemd, check PrivateTmp.';
      return error(`the proxy's socket ${path} cannot be found (${reasonOf(reason)})`, advice);
    }
    if (!stats.isSocket()) return error(`${path} is not a socket`, 'See APP_FLEXISIP_SOCKET_DIR.');
    const rights = `mode ${(stats.mode & 0o777).toString(8)}, owner ${stats.uid}:${stats.gid}`;
    try {
      accessSync(path, constants.W_OK);
    } catch {
      const advice =
        "Run the service in the proxy's group and give the group the right to write, or run it as the same user.";
      return error(
        `the proxy's socket ${path} is not writable by ${process.geteuid?.()}:${process.getegid?.()} (${rights})`,
        advice,
      );
    }
    if (isGone(Number(pid))) {
      return warning(
        `process ${pid} does not exist here: the proxy is stopped, or runs in another container`,
        'Check whether the proxy runs.',
      );
    }
    if (process.geteuid?.() === 0 && (stats.mode & 0o002) === 0) {
      const message = `doctor runs as root, which can write the proxy's socket ${path} (${rights})`;
      return warning(message, "Run doctor as the service's user, which may not have these rights.");
    }
    return ok(`the proxy's socket ${path} is writable (${rights})`);
  }
}

function pidIn(file: string): string | Verdict {
  try {
    const pid = readFileSync(file, 'utf8').trim();
    return /^[1-9]\d{0,9}$/.test(pid)
      ? pid
      : error(`the pid file ${file} does not contain a process id`, 'See APP_FLEXISIP_PROXY_PID.');
  } catch (reason) {
    const advice = 'Check APP_FLEXISIP_PROXY_PID, whether the proxy runs, and the rights of this user.';
    return error(`the pid file ${file} cannot be read (${reasonOf(reason)})`, advice);
  }
}

function isGone(pid: number): boolean {
  try {
    // Signal 0 is not sent; the call only checks whether the process exists.
    process.kill(pid, 0);
    return false;
  } catch (reason) {
    return (reason as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
