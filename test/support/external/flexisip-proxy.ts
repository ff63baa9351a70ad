import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const PROGRAM = join(__dirname, 'flexisip-proxy.py');

/** A contact as the proxy prints it. Further members are printed too. */
export interface ProxyContact {
  'unique-id': string;
  'expires-at': number;
  'update-time': number;
  'user-agent': string;
  [member: string]: unknown;
}

interface Behaviour {
  /** The response for an address without contacts, which depends on the proxy's version. */
  unknown?: 'nothing' | 'empty list' | 'error 404' | 'error - 404';
  /** The response to every command, in place of the correct one. */
  answer?: string;
  /** The size of the pieces of a response in bytes, and the seconds between them. */
  size?: number;
  pause?: number;
  /** A command that makes the proxy end when it reads it. */
  die?: 'REGISTRAR_GET' | 'REGISTRAR_DELETE';
}

interface Report {
  seen: { commands: string[]; silent: number; overlaps: number };
  records: Record<string, ProxyContact[]>;
}

/** The dates of {@link contact} in the format of the API. */
export const UPDATED_AT = '2021-04-22T10:00:00.000000Z';
export const EXPIRES_AT = '2021-04-22T11:00:00.000000Z';

/** A registration with all members that a real proxy prints. */
export function contact(uniqueId: string, members: Partial<ProxyContact> = {}): ProxyContact {
  return {
    contact: 'sip:user@192.0.2.7:49152;transport=tls;pn-provider=fcm',
    path: ['<sip:192.0.2.1:5061;transport=tls;lr>'],
    'expires-at': Date.parse(EXPIRES_AT) / 1000,
    q: 1,
    'unique-id': uniqueId,
    'user-agent': 'LinphoneAndroid/5.2.5',
    'call-id': 'Zt3-aBc~d.',
    cseq: 21,
    'update-time': Date.parse(UPDATED_AT) / 1000,
    'is-fallback': false,
    ...members,
  };
}

/**
 * An emulated Flexisip proxy in its own process. Its folder, with command socket and pid file, is removed with it. It
 * has the weaknesses of the real one: a connection without a command blocks it, and a command with an empty word or a
 * newline ends it.
 */
export class FlexisipProxy {
  private readonly folder = mkdtempSync(join(tmpdir(), 'flexisip-proxy-test-'));
  private child: ChildProcess;
  private reports: Interface;
  private isOver = true;
  private readonly waiting: { resolve: (report: Report) => void; reject: (error: Error) => void }[] = [];

  static async start(): Promise<FlexisipProxy> {
    const proxy = new FlexisipProxy();
    await proxy.restart();
    return proxy;
  }

  /** The settings that select it. */
  get environment(): Record<string, string> {
    return { DEVICES_DRIVER: 'flexisip', APP_FLEXISIP_PROXY_PID: this.pidFile, APP_FLEXISIP_SOCKET_DIR: this.folder };
  }

  get pidFile(): string {
    return join(this.folder, 'flexisip-proxy.pid');
  }

  get pid(): number {
    return Number(this.child.pid);
  }

  get socketPath(): string {
    return join(this.folder, `flexisip-proxy-${this.pid}`);
  }

  /** Starts or restarts it, with a new process id and without registrations. */
  async restart(): Promise<void> {
    await this.end();
    // Without this variable the locale would decide how Python decodes text.
    this.child = spawn('python3', [PROGRAM, this.folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, PYTHONUTF8: '1' },
    });
    this.reports = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    this.reports.on('line', (line) => this.waiting.shift()?.resolve(JSON.parse(line) as Report));
    this.isOver = false;
    this.reports.on('close', () => {
      this.isOver = true;
      this.waiting.splice(0).forEach(({ reject }) => reject(new Error('the SIP proxy crashed')));
    });
    this.child.stdin?.on('error', () => {});
    await this.nextReport();
    writeFileSync(this.pidFile, `${this.pid}\n`);
    // Flexisip's own pid file is readable by all users, so the umask of the tests must not apply.
    chmodSync(this.pidFile, 0o644);
  }

  /** Kills it. Like after a crash, its socket and pid file remain. */
  async end(): Promise<void> {
    if (this.isOver) return;
    const ended = Promise.all([once(this.reports, 'close'), once(this.child, 'exit')]);
    this.child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async register(address: { sip: string }, ...contacts: ProxyContact[]): Promise<void> {
    await this.order({ register: `sip:${address.sip}`, contacts });
  }

  /** Sets its behaviour from now on; absent members have their defaults. */
  async behave(behaviour: Behaviour = {}): Promise<void> {
    await this.order({ behave: behaviour });
  }

  /** Makes it read commands without responding. */
  async hold(): Promise<void> {
    await this.order({ hold: true });
  }

  async release(): Promise<void> {
    await this.order({ hold: false });
  }

  /** Freezes the process: it accepts no connections, and its backlog fills up. */
  freeze(): void {
    this.child.kill('SIGSTOP');
    while (!/^\d+ \(.*\) [TZ] /.test(readFileSync(`/proc/${this.pid}/stat`, 'utf8'))) continue;
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  /** The commands since the last call, byte for byte; throws if the proxy did not survive them. */
  async takeCommands(): Promise<string[]> {
    const { seen } = await this.order({ take: true });
    return seen.commands.map((hex) => Buffer.from(hex, 'hex').toString('utf8'));
  }

  /** Waits until it has read this many commands. */
  async untilCommands(count: number): Promise<void> {
    while ((await this.order({})).seen.commands.length < count) await this.checkUnharmed();
  }

  /** Throws if a connection came without a command, because the real proxy would be blocked permanently. */
  async checkUnharmed(): Promise<void> {
    const { silent } = (await this.order({})).seen;
    if (silent > 0) throw new Error(`the SIP proxy is wedged by ${silent} connection without a command`);
  }

  /** The number of times that a connection waited while another one was served. */
  async overlaps(): Promise<number> {
    return (await this.order({})).seen.overlaps;
  }

  /** The unique ids that are registered for an address. */
  async registered(address: { sip: string }): Promise<string[]> {
    const { records } = await this.order({});
    return (records[`sip:${address.sip}`] ?? []).map((one) => one['unique-id']);
  }

  private async order(order: object): Promise<Report> {
    const report = this.nextReport();
    this.child.stdin?.write(`${JSON.stringify(order)}\n`);
    return report;
  }

  private nextReport(): Promise<Report> {
    if (this.isOver) return Promise.reject(new Error('the SIP proxy crashed'));
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }
}
