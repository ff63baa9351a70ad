import { EventEmitter, once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Certificate } from './certificate.js';

/** A received e-mail. */
export interface ReceivedMail extends ParsedMail {
  /** The addresses of MAIL FROM and RCPT TO, without angle brackets. */
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** All bytes between DATA and the dot. */
  readonly raw: string;
  readonly isEncrypted: boolean;
  /** The user that had logged in. */
  readonly user: string | undefined;
}

interface Options {
  /** The encryption that the server offers. Default none. */
  readonly encryption?: 'none' | 'starttls' | 'tls';
  readonly certificate?: Certificate;
  /** The user that must log in first, even without TLS; by default nobody can log in. */
  readonly login?: { readonly user: string; readonly password: string };
  /** The most e-mails over one connection; the next one gets 421. */
  readonly mailsPerConnection?: number;
  /** Default: any free port. */
  readonly port?: number;
  /**
   * Rejects EHLO and HELO with a name that other machines cannot resolve: one without a dot, or the loopback address.
   */
  readonly isStrict?: boolean;
}

/** The method of the server that handles a line of a client; its types do not declare it. */
type CommandHandler = (command: Buffer | string, done: () => void) => void;
interface Conversation {
  handler_EHLO: CommandHandler;
  handler_HELO: CommandHandler;
  send(code: number, text: string, context: false): void;
}

type Refusable = 'CONNECT' | 'MAIL' | 'RCPT' | 'DATA';
type Done = (error?: Error | null) => void;

/** A mail server in this process. It speaks SMTP over TCP, parses and keeps e-mails, and responds as the test sets. */
export class MailServer {
  /** The received e-mails, oldest first. */
  readonly received: ReceivedMail[] = [];
  /** The commands of all clients in order, by their first words. */
  readonly commands: string[] = [];
  /** The EHLO names that clients sent to a strict server, in order. */
  readonly names: string[] = [];
  /** The number of connections so far, and the most at the same time. */
  opened = 0;
  mostAtOnce = 0;
  private readonly sockets = new Set<Socket>();
  private readonly refusals = new Map<Refusable, { code: number; text: string }>();
  private readonly changes = new EventEmitter();
  private readonly waiting: (() => void)[] = [];
  private readonly conversations = new WeakSet<Conversation>();
  private held: 'CONNECT' | 'DATA' | null = null;
  private readonly server: SMTPServer;

  private constructor(private readonly options: Options) {
    this.server = new SMTPServer(this.serverOptions(options));
    // Clients that give up are part of the tests, so errors are ignored.
    this.server.on('error', () => {});
    this.server.server.on('connection', (socket: Socket) => this.register(socket));
  }

  static async start(options: Options = {}): Promise<MailServer> {
    const mailServer = new MailServer(options);
    await once(mailServer.server.listen(options.port ?? 0, '127.0.0.1'), 'listening');
    return mailServer;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  /** The settings that select it. */
  get environment(): Record<string, string> {
    return {
      MAIL_DRIVER: 'smtp',
      MAIL_HOST: '127.0.0.1',
      MAIL_PORT: String(this.port),
      MAIL_ENCRYPTION: this.options.encryption ?? 'none',
      MAIL_FROM_ADDRESS: 'accounts@example.org',
    };
  }

  /** The last e-mail. */
  get last(): ReceivedMail {
    const mail = this.received.at(-1);
    if (!mail) throw new Error('no mail arrived');
    return mail;
  }

  /** Responds to a command with an error from now on; for CONNECT the greeting is an error. */
  refuse(command: Refusable, code: number, text = 'refused by the test'): void {
    this.refusals.set(command, { code, text });
  }

  /** Rejects nothing from now on. */
  accept(): void {
    this.refusals.clear();
  }

  /** From now on, complete e-mails wait for their response until {@link release}, or clients wait for the greeting. */
  hold(step: 'CONNECT' | 'DATA' = 'DATA'): void {
    this.held = step;
  }

  release(): void {
    this.held = null;
    for (const answer of this.waiting.splice(0)) answer();
  }

  /** Waits until this many are held. */
  async untilHeld(count: number): Promise<void> {
    while (this.waiting.length < count) await once(this.changes, 'change');
  }

  /** Waits until no client is connected. */
  async untilAlone(): Promise<void> {
    while (this.sockets.size > 0) await once(this.changes, 'change');
  }

  /** Ends all connections in an orderly way, and waits until the clients have closed them. */
  async hangUp(): Promise<void> {
    await Promise.all([...this.sockets].map((socket) => Promise.all([once(socket, 'close'), socket.end()])));
  }

  /** Cuts all connections without notice. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.release();
    const closed = new Promise<void>((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private register(socket: Socket): void {
    this.opened += 1;
    this.sockets.add(socket);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.sockets.size);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.changes.emit('change');
    });
  }

  private serverOptions({
    encryption = 'none',
    certificate,
    login,
    mailsPerConnection = Infinity,
    isStrict = false,
  }: Options): SMTPServerOptions {
    const mailsOf = new Map<string, number>();
    return {
      ...certificate,
      secure: encryption === 'tls',
      disabledCommands: [...(encryption === 'starttls' ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
      allowInsecureAuth: true,
      disableReverseLookup: true,
      logger: this.commandRecorder(),
      onConnect: (_session, done) => {
        if (isStrict) for (const one of this.server.connections) this.askForNames(one as Conversation);
        this.answer('CONNECT', done);
      },
      onAuth: ({ username, password }, _session, done) => {
        const isRight = username === login?.user && password === login?.password;
        if (isRight) done(null, { user: username });
        // A careless server may quote a password like this.
        else done(refusalOf(535, `5.7.8 not with ${username}:${password}`));
      },
      onMailFrom: (_address, { id }, done) => {
        const mails = (mailsOf.get(id) ?? 0) + 1;
        mailsOf.set(id, mails);
        if (mails > mailsPerConnection) done(refusalOf(421, 'too many mails for one connection'));
        else this.answer('MAIL', done);
      },
      onRcptTo: (_address, _session, done) => this.answer('RCPT', done),
      onData: (stream, session, done) => {
        const { envelope, secure, user } = session;
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        const to = envelope.rcptTo.map(({ address }) => address);
        void buffer(stream).then(
          (raw) => this.take(raw, { envelope: { from, to }, isEncrypted: secure, user }, done),
          done,
        );
      },
    };
  }

  private askForNames(conversation: Conversation): void {
    if (this.conversations.has(conversation)) return;
    this.conversations.add(conversation);
    for (const verb of ['EHLO', 'HELO'] as const) {
      const handle = conversation[`handler_${verb}`].bind(conversation);
      conversation[`handler_${verb}`] = (command, done) => {
        const name = command.toString().trim().split(' ')[1] ?? '';
        this.names.push(name);
        if (/^\[(?!127\.)|\.[a-z]/i.test(name)) return handle(command, done);
        conversation.send(504, `5.5.2 <${name}>: need a fully-qualified host name`, false);
        done();
      };
    }
  }

  private async take(
    raw: Buffer,
    circumstances: Pick<ReceivedMail, 'envelope' | 'isEncrypted' | 'user'>,
    done: Done,
  ): Promise<void> {
    const mail = await simpleParser(raw);
    const refusal = this.refusals.get('DATA');
    // A real server may quote its input, including secrets.
    if (refusal) return done(refusalOf(refusal.code, `${refusal.text}: ${mail.text?.replaceAll(/\s+/g, ' ')}`));
    this.received.push({ ...mail, ...circumstances, raw: raw.toString('utf8') });
    this.answer('DATA', done);
  }

  private answer(command: Refusable, done: Done): void {
    const refusal = this.refusals.get(command);
    const say = () => done(refusal ? refusalOf(refusal.code, refusal.text) : null);
    if (this.held !== command) return say();
    this.waiting.push(say);
    this.changes.emit('change');
  }

  /** The server reports commands only in its log. */
  private commandRecorder(): NonNullable<SMTPServerOptions['logger']> {
    const record = (entry: { tnx?: string; command?: string }) => {
      if (entry.tnx === 'command' && entry.command) this.commands.push(entry.command);
    };
    return { trace: record, debug: record, info: record, warn: record, error: record, fatal: record };
  }
}

function refusalOf(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
