import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Limiter } from '../outbound/limiter.js';
import { OutboundCallFailed, reasonOf } from '../outbound/outbound-call-failed.js';
import { untilAborted } from '../outbound/until-aborted.js';

const NAME = "the SIP proxy's command socket";
/** Maximum size of a command in bytes. The proxy reads once, up to this many bytes. */
const MOST_COMMAND = 511;
/** Maximum size of an answer in bytes. The registrations of any account need far less. */
const MOST_ANSWER = 8 * 1024 * 1024;
/** Milliseconds until the next attempt while another client fills the proxy's backlog of one connection. */
const BUSY_RETRY_DELAY = 50;

/**
 * The command socket of a Flexisip proxy. Each command has a connection of its own and is sent in one write. The answer
 * ends with the stream.
 *
 * The proxy serves one connection at a time and does not survive a bad one. A client that connects and sends nothing
 * blocks it for good, and an empty word crashes it. Commands are therefore built from checked words only and queue
 * here. A connection is never given up before its command is written.
 */
export class CommandSocket {
  private readonly limiter = new Limiter(1, NAME);

  /**
   * @param pidFile file with the process id of the proxy.
   * @param directory folder of the socket.
   */
  constructor(
    private readonly pidFile: string,
    private readonly directory: string,
  ) {}

  /**
   * Sends a command to the proxy.
   *
   * @param words none of them empty, without blanks and control characters.
   * @returns the whole answer.
   * @throws OutboundCallFailed.
   */
  async send(words: readonly string[], signal: AbortSignal): Promise<string> {
    if (words.some((word) => !/^[^\s\p{Cc}]+$/u.test(word)))
      throw new OutboundCallFailed(NAME, 'not asked, since a word of the command is not clean');
    const command = Buffer.from(words.join(' '));
    if (command.length > MOST_COMMAND)
      throw new OutboundCallFailed(NAME, `not asked, since the command is longer than ${MOST_COMMAND} bytes`);
    return this.limiter.run(async () => this.exchange(this.path(), command, signal), signal);
  }

  private path(): string {
    const pid = this.pid();
    if (!/^[1-9]\d{0,9}$/.test(pid))
      throw new OutboundCallFailed(NAME, 'not found, since the pid file holds no process id');
    return join(this.directory, `flexisip-proxy-${pid}`);
  }

  /** Reads synchronously: four trips through the thread pool take ten times as long as reading a few local bytes. */
  private pid(): string {
    try {
      return readFileSync(this.pidFile, 'utf8').trim();
    } catch (error) {
      throw new OutboundCallFailed(NAME, `not found, since the pid file cannot be read (${reasonOf(error)})`);
    }
  }

  /** Repeats after EAGAIN, which the kernel reports while another client of this machine or this service waits. */
  private async exchange(path: string, command: Buffer, signal: AbortSignal): Promise<string> {
    for (;;) {
      try {
        return await exchangeOnce(path, command, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw toFailure(error);
        await sleep(BUSY_RETRY_DELAY, undefined, { signal }).catch(() => {
          throw new OutboundCallFailed(NAME, 'was busy all the time');
        });
      }
    }
  }
}

function exchangeOnce(path: string, command: Buffer, signal: AbortSignal): Promise<string> {
  if (signal.aborted) throw new OutboundCallFailed(NAME, 'was busy all the time');
  const socket = connect({ path });
  let isWritten = false;
  let isGivenUp = false;
  const giveUp = () => {
    isGivenUp = true;
    // Never ends a connection on which nothing was sent yet.
    if (isWritten) socket.destroy();
  };
  const exchange = () =>
    new Promise<string>((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      // Waits for the connection by itself, and goes out in the same turn.
      socket.write(command, () => {
        isWritten = true;
        if (isGivenUp) socket.destroy();
      });
      socket.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MOST_ANSWER) return void chunks.push(chunk);
        reject(new OutboundCallFailed(NAME, 'answers more than 8 MiB'));
        giveUp();
      });
      socket.once('error', reject);
      socket.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      socket.once('close', () => reject(new OutboundCallFailed(NAME, 'closed the connection')));
    });
  return untilAborted(signal, NAME, giveUp, exchange);
}

function toFailure(error: unknown): OutboundCallFailed {
  return error instanceof OutboundCallFailed ? error : new OutboundCallFailed(NAME, reasonOf(error));
}
