import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Limiter } from '../outbound/limiter.js';
import { OutboundCallFailed, reasonOf } from '../outbound/outbound-call-failed.js';
import { untilAborted } from '../outbound/until-aborted.js';

const NAME = "the SIP proxy's command socket";
/** The proxy reads once, so many bytes. */
const MOST_COMMAND = 511;
/** Far beyond any account's registrations. */
const MOST_ANSWER = 8 * 1024 * 1024;
/** Milliseconds before another try while the proxy's backlog of one is taken. */
const PATIENCE = 50;

/**
 * The command socket of a Flexisip proxy: one connection for each command, one write, and an answer that ends with the stream.
 *
 * The proxy serves one connection at a time and cannot bear a bad one. A client that connects and sends nothing wedges it for
 * good, an empty word crashes it. So commands are put together from checked words alone, wait for each other here, and
 * a connection is never given up before its command is written.
 */
export class CommandSocket {
  private readonly limiter = new Limiter(1, NAME);

  /**
   * @param pidFile holds the process id of the proxy.
   * @param directory where its socket is.
   */
  constructor(
    private readonly pidFile: string,
    private readonly directory: string,
  ) {}

  /**
   * Gives the proxy a command.
   *
   * @param words without blanks or control characters, none of them empty.
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
    if (!/^[1-9]\d{0,9}$/.test(pid)) throw new OutboundCallFailed(NAME, 'not found, since the pid file holds no process id');
    return join(this.directory, `flexisip-proxy-${pid}`);
  }

  /** Read at once: four turns through the thread pool take ten times as long as a few bytes of this machine. */
  private pid(): string {
    try {
      return readFileSync(this.pidFile, 'utf8').trim();
    } catch (error) {
      throw new OutboundCallFailed(NAME, `not found, since the pid file cannot be read (${reasonOf(error)})`);
    }
  }

  /** The kernel says EAGAIN while another client, of this machine or this service, waits to be served. */
  private async exchange(path: string, command: Buffer, signal: AbortSignal): Promise<string> {
    for (;;) {
      try {
        return await exchangeOnce(path, command, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw toFailure(error);
        await sleep(PATIENCE, undefined, { signal }).catch(() => {
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
