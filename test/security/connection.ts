import { connect, type Socket } from 'node:net';
import type { RawAnswer } from '../support/raw-http.js';

const PATIENCE = 20_000;

/**
 * A connection that sends requests as bytes, one after the other. The test itself does the work of HTTP. An answer is
 * read with the framing of RFC 9112, and an additional byte is a finding.
 */
export class Connection {
  private received = Buffer.alloc(0);
  private isOver = false;
  private wake: () => void = () => {};

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake();
    });
    const end = () => {
      this.isOver = true;
      this.wake();
    };
    socket.on('error', end).on('close', end);
  }

  static open(origin: string): Promise<Connection> {
    const { hostname, port } = new URL(origin);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => resolve(new Connection(socket)));
      socket.setNoDelay(true).once('error', reject);
    });
  }

  /** Whether another request can be sent here. */
  get isOpen(): boolean {
    return !this.isOver;
  }

  /**
   * Sends a request and reads its answer.
   *
   * @param isHead whether the answer has no body, whatever its Content-Length says.
   * @throws an Error if the connection ends before the answer is complete, or more than one answer arrives.
   */
  async exchange(request: Buffer, isHead: boolean): Promise<RawAnswer> {
    if (this.received.length > 0) throw new Error(`more than one answer: ${this.shown()}`);
    this.socket.write(request);
    const deadline = setTimeout(() => this.socket.destroy(), PATIENCE);
    try {
      for (;;) {
        const answer = this.takeAnswer(isHead);
        if (answer) return answer;
        if (this.isOver) throw new Error(`no whole answer, only "${this.shown()}"`);
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  close(): void {
    this.isOver = true;
    this.socket.destroy();
  }

  private shown(): string {
    return this.received.toString('latin1').slice(0, 300);
  }

  private takeAnswer(isHead: boolean): RawAnswer | null {
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const [statusLine = '', ...lines] = this.received.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    const headers: Record<string, string[]> = {};
    for (const line of lines) {
      const [, name = '', value = ''] = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*)$/.exec(line) ?? [];
      if (name === '') throw new Error(`no header line: ${line}`);
      (headers[name.toLowerCase()] ??= []).push(value);
    }
    const length = isHead || status < 200 ? 0 : Number(headers['content-length']?.[0]);
    if (!Number.isInteger(length)) throw new Error(`an answer without Content-Length: ${this.shown()}`);
    if (this.received.length < end + 4 + length) return null;
    const text = this.received.subarray(end + 4, end + 4 + length).toString('utf8');
    this.received = this.received.subarray(end + 4 + length);
    // An interim answer (100 Continue) precedes the final one.
    if (status < 200) return this.takeAnswer(isHead);
    if (headers.connection?.[0]?.toLowerCase() === 'close') this.isOver = true;
    return { status, headers, text };
  }
}
