import type { Server, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { answerUnderWay } from '../http/answers-under-way.js';

/**
 * Milliseconds. No new connection for QUIET means that the accept queue is empty; the wait for that ends after
 * LONGEST_WAIT.
 */
const QUIET = 20;
const LONGEST_WAIT = 500;

/** The connections of a server. */
export class OpenConnections {
  private readonly open = new Set<Socket>();
  private accepted = 0;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.accepted += 1;
      this.open.add(socket);
      socket.once('close', () => this.open.delete(socket));
    });
  }

  /**
   * Waits until the server has accepted every connection that clients have opened. When a server stops listening, the
   * system resets connections that are not accepted, and their requests are lost.
   */
  async untilAcceptQueueIsEmpty(): Promise<void> {
    const deadline = performance.now() + LONGEST_WAIT;
    for (let before = -1; before !== this.accepted && performance.now() < deadline;) {
      before = this.accepted;
      await pause(QUIET);
    }
  }

  /**
   * Ends connections without a request in progress. Node ends only connections that have had a request. A connection
   * without data, or with half a request, would keep a closing server open forever.
   */
  endIdle(): void {
    for (const socket of this.open) if (!answerUnderWay(socket)) socket.destroy();
  }
}
