import { connect } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { Limiter } from '../outbound/limiter.js';
import { OutboundCallFailed, reasonOf } from '../outbound/outbound-call-failed.js';
import { openSocket } from '../outbound/open-socket.js';
import { untilAborted } from '../outbound/until-aborted.js';
import type { SmtpSettings } from '../config/outbound-settings.js';

export interface Envelope {
  readonly from: string;
  readonly to: string;
}

/**
 * Milliseconds after which an unused connection is closed. Servers close theirs after minutes (RFC 5321 §4.5.3.2.7).
 */
const MOST_IDLE = 30_000;

/** Milliseconds in which a working connection answers. */
const RESET_LIMIT = 2_000;

/** Milliseconds that the server has to answer QUIT before the connection is closed. */
const QUIT_LIMIT = 2_000;

/** The server closes the connection (421, RFC 5321 §3.8) and has not accepted this mail. */
class ServiceClosed extends OutboundCallFailed {}

/**
 * Connections to a mail server, kept for the next mail. Nodemailer's own pool cannot cancel a mail: a mail that waits
 * for a hanging server would still be sent after its call was answered with 503. Here, the signal of a mail cancels it,
 * both in the queue and while it is sent.
 */
export class SmtpPool {
  private readonly name: string;
  private readonly limiter: Limiter;
  private readonly idle = new Map<SMTPConnection, NodeJS.Timeout>();

  constructor(private readonly settings: SmtpSettings) {
    this.name = `the mail server ${settings.host}:${settings.port}`;
    this.limiter = new Limiter(settings.connections, this.name);
  }

  /**
   * Sends a whole message (RFC 5322).
   *
   * @throws OutboundCallFailed if the server did not accept the message.
   */
  async send(envelope: Envelope, message: Buffer, signal: AbortSignal): Promise<void> {
    await this.limiter.run(async () => {
      const kept = await this.reuse(signal);
      try {
        await this.sendBy(kept ?? (await this.open(signal)), envelope, message, signal);
      } catch (error) {
        // A server may limit the mails of a connection, and report this only with the next mail.
        if (!kept || !(error instanceof ServiceClosed)) throw error;
        await this.sendBy(await this.open(signal), envelope, message, signal);
      }
    }, signal);
  }

  /**
   * Connects and logs in, as for a mail, then closes the connection.
   *
   * @throws OutboundCallFailed.
   */
  async verify(signal: AbortSignal): Promise<void> {
    const connection = await this.open(signal);
    connection.close();
  }

  close(): void {
    for (const connection of this.idle.keys()) {
      this.forget(connection);
      connection.close();
    }
  }

  private async sendBy(
    connection: SMTPConnection,
    envelope: Envelope,
    message: Buffer,
    signal: AbortSignal,
  ): Promise<void> {
    await this.step(connection, signal, (done) => connection.send({ ...envelope, use8BitMime: true }, message, done));
    this.keep(connection);
  }

  /**
   * Returns the last used connection if it still answers. If not, the other idle connections are closed without a test:
   * they have been idle for longer.
   */
  private async reuse(signal: AbortSignal): Promise<SMTPConnection | null> {
    const connection = [...this.idle.keys()].at(-1);
    if (!connection) return null;
    this.forget(connection);
    const soon = AbortSignal.any([signal, AbortSignal.timeout(RESET_LIMIT)]);
    try {
      await this.step(connection, soon, (done) => connection.reset(done));
      return connection;
    } catch {
      this.close();
      return null;
    }
  }

  private async open(signal: AbortSignal): Promise<SMTPConnection> {
    const { host, port, encryption, credentials, tls, ehloName } = this.settings;
    // Nodemailer would resolve the host itself, choose among its addresses by its own rules, and cache them for
    // minutes.
    const socket = await openSocket(this.name, () => connect({ host, port }), 'connect', signal);
    const connection = new SMTPConnection({
      connection: socket,
      host,
      port,
      name: ehloName,
      secure: encryption === 'tls',
      requireTLS: encryption === 'starttls',
      ignoreTLS: encryption === 'none',
      tls: { rejectUnauthorized: tls.verify, ...(tls.ca === null ? {} : { ca: tls.ca }) },
      // `close` closes at once. The signal limits the whole call.
      socketCloseTimeout: 0,
    });
    // The current user of a connection handles its errors. Without this listener, an error of an unused connection
    // would end the process.
    connection.on('error', () => this.forget(connection));
    connection.on('end', () => this.forget(connection));
    await this.step(connection, signal, (done) => connection.connect(done));
    if (credentials) await this.logIn(connection, credentials, signal);
    return connection;
  }

  private async logIn(
    connection: SMTPConnection,
    credentials: { user: string; pass: string },
    signal: AbortSignal,
  ): Promise<void> {
    if (!connection.allowsAuth) {
      connection.close();
      // The server offers no authentication. Sent anyway, the password might go out in clear text (RFC 4954 §4).
      throw new OutboundCallFailed(this.name, 'offers no authentication');
    }
    await this.step(connection, signal, (done) => connection.login({ credentials: { ...credentials } }, done));
  }

  private keep(connection: SMTPConnection): void {
    if (connection.destroyed) return;
    const timer = setTimeout(() => {
      this.idle.delete(connection);
      connection.quit();
      setTimeout(() => connection.close(), QUIT_LIMIT).unref();
    }, MOST_IDLE);
    timer.unref();
    this.idle.set(connection, timer);
  }

  private forget(connection: SMTPConnection): void {
    clearTimeout(this.idle.get(connection));
    this.idle.delete(connection);
  }

  private failure(error: Error): OutboundCallFailed {
    const { responseCode } = error as { responseCode?: number };
    return responseCode === 421
      ? new ServiceClosed(this.name, reasonOfSmtp(error))
      : new OutboundCallFailed(this.name, reasonOfSmtp(error));
  }

  /** Performs one exchange with the server. Any failure closes the connection. */
  private step(
    connection: SMTPConnection,
    signal: AbortSignal,
    start: (done: (error?: Error | null) => void) => void,
  ): Promise<void> {
    const exchange = () =>
      new Promise<void>((resolve, reject) => {
        const settle = (error?: Error | null) => {
          connection.off('error', settle).off('end', ended);
          if (!error) return resolve();
          connection.close();
          reject(error instanceof OutboundCallFailed ? error : this.failure(error));
        };
        // Nodemailer closes first and tells why afterwards.
        const ended = () => setImmediate(settle, new OutboundCallFailed(this.name, 'closed the connection'));
        connection.once('error', settle).once('end', ended);
        start(settle);
      });
    return untilAborted(signal, this.name, () => connection.close(), exchange);
  }
}

/**
 * Describes a failure by the code of the error, the status of the answer and the command. The answer itself may quote
 * the mail, so it is never included.
 */
function reasonOfSmtp(error: Error): string {
  const { code, responseCode, command } = error as { code?: string; responseCode?: number; command?: string };
  const [verb] = (command ?? '').split(' ', 1);
  if (responseCode !== undefined) return `answered ${responseCode}${verb ? ` to ${verb}` : ''} (${code ?? 'no code'})`;
  // Messages of protocol errors quote the server, so only the messages of these codes are used.
  return code === 'ESOCKET' || code === 'EDNS' || code === 'ETLS' ? `${code}, ${error.message}` : reasonOf(error);
}
