import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { DeviceDto } from '../../src/devices/dto/device.dto.js';
import { parseUserAgent } from '../../src/devices/user-agent.js';
import { IDENTITY, type IdentityRow } from './authentication.js';
import type { Floor } from './floor.js';
import type { FloorSettings } from './settings.js';

/** User and host without characters that need escapes: the proxy cannot process others. */
const CLEAN_USER = /^[A-Za-z0-9\-_.!~*'()&=+$,;?/]+$/;
const CLEAN_HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;
/** The proxy reads only once, at most this many bytes. */
const MOST_COMMAND = 511;
/** Milliseconds before another attempt while the proxy serves another connection. */
const PATIENCE = 50;
/** The last Unix second that the date format can show. */
const LAST_SECOND = 253_402_300_799;

/** The command socket of a Flexisip proxy: one connection for each command, one at a time. */
class CommandSocket {
  private path: string | null = null;
  private lastInLine: Promise<unknown> = Promise.resolve();

  constructor(private readonly settings: FloorSettings['proxy']) {}

  /** Queues a command for the proxy. */
  send(command: string): Promise<string> {
    const answer = this.lastInLine.then(() => this.exchange(command));
    this.lastInLine = answer.catch(() => undefined);
    return answer;
  }

  /** Reads the pid file once, and again if the proxy is not found there. */
  private async exchange(command: string): Promise<string> {
    for (let isKnown = this.path !== null; ;) {
      this.path ??= await this.find();
      try {
        return await exchangeOnce(this.path, command);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') await sleep(PATIENCE);
        else if (isKnown) {
          this.path = null;
          isKnown = false;
        } else throw error;
      }
    }
  }

  private async find(): Promise<string> {
    const pid = (await readFile(this.settings.pidFile, 'utf8')).trim();
    return join(this.settings.socketDirectory, `flexisip-proxy-${pid}`);
  }
}

function exchangeOnce(path: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    let answer = '';
    socket.setEncoding('utf8');
    socket.write(command);
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.once('error', reject);
    socket.once('end', () => resolve(answer));
    // After a response this has no effect.
    socket.once('close', () => reject(new Error('the proxy closed the connection')));
  });
}

/** `GET /api/accounts/me/devices`. */
export function serveDevices(fastify: FastifyInstance, { answers, authentication, settings }: Floor): void {
  const socket = new CommandSocket(settings.proxy);
  fastify.get('/api/accounts/me/devices', async (request, reply) => {
    const [caller] = (await authentication.callerOf<IdentityRow>(request, reply, IDENTITY)) ?? [];
    if (!caller) return reply;
    const command = `REGISTRAR_GET sip:${caller.username}@${caller.domain}`;
    const isClean =
      CLEAN_USER.test(caller.username) && CLEAN_HOST.test(caller.domain) && command.length <= MOST_COMMAND;
    if (!isClean) return answers.refuseBarely(reply, 503);
    let answer: string;
    try {
      answer = await socket.send(command);
    } catch {
      return answers.refuseBarely(reply, 503);
    }
    const devices = devicesIn(answer);
    return devices ? answers.sendJson(reply, devices) : answers.refuseBarely(reply, 503);
  });
}

/**
 * The devices in a response of the proxy by uuid; null if the response is invalid. The response for an unknown address
 * is empty, or an error 404.
 */
function devicesIn(answer: string): Record<string, DeviceDto> | null {
  if (answer.trim() === '' || /^Error[^\w\n]+404\b/.test(answer)) return {};
  const contacts = contactsIn(answer);
  if (!contacts) return null;
  const devices: [uuid: string, device: DeviceDto][] = [];
  for (const contact of contacts) {
    const device = toDevice(contact);
    if (!device) return null;
    devices.push([device.uuid, device]);
  }
  return Object.fromEntries(devices);
}

function contactsIn(answer: string): Record<string, unknown>[] | null {
  try {
    const { contacts } = JSON.parse(answer) as { contacts?: unknown };
    return Array.isArray(contacts) ? contacts : null;
  } catch {
    return null;
  }
}

function toDevice(contact: Record<string, unknown>): DeviceDto | null {
  const { 'unique-id': id = '', 'user-agent': userAgent = '' } = contact;
  const expiresAt = momentOf(contact['expires-at']);
  const updatedAt = momentOf(contact['update-time']);
  if (typeof id !== 'string' || typeof userAgent !== 'string' || expiresAt === null || updatedAt === null) return null;
  const uuid = id.replace(/^"?<?/, '').replace(/>?"?$/, '');
  const { app, version, deviceName } = parseUserAgent(userAgent);
  const described = { app, version, device_name: deviceName };
  return { uuid, expires_at: expiresAt, update_time: updatedAt, user_agent: userAgent, ...described };
}

/** @param seconds Unix seconds, as a number or a string of digits. */
function momentOf(seconds: unknown): string | null {
  const isNumber = typeof seconds === 'number' ? seconds >= 0 : typeof seconds === 'string' && /^\d+$/.test(seconds);
  if (!isNumber) return null;
  return new Date(Math.min(Number(seconds), LAST_SECOND) * 1000).toISOString().replace('Z', '000Z');
}
