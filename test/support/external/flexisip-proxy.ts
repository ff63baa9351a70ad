import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const PROGRAM = join(__dirname, 'flexisip-proxy.py');

/** A contact as the proxy prints it; whatever else it holds goes along. */
export interface ProxyContact {
  'unique-id': string;
  'expires-at': number;
  'update-time': number;
  'user-agent': string;
  [member: string]: unknown;
}

interface Behaviour {
  /** What is answered for an address without contacts, which differs by the proxy's version. */
  unknown?: 'nothing' | 'empty list' | 'error 404' | 'error - 404';
  /** Said to everything instead of what would be right. */
  answer?: string;
  /** Bytes that an answer is cut into, and seconds between such pieces. */
  size?: number;
  pause?: number;
  /** The command that ends the proxy when it has read it. */
  die?: 'REGISTRAR_GET' | 'REGISTRAR_DELETE';
}

interface Report {
  seen: { commands: string[]; silent: number; overlaps: number };
  records: Record<string, ProxyContact[]>;
}

/** The moments of {@link contact}, as the API writes them. */
export const UPDATED_AT = '2021-04-22T10:00:00.000000Z';
export const EXPIRES_AT = '2021-04-22T11:00:00.000000Z';

/** A registration with all the members that a real proxy prints. */
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
 * A Flexisip proxy in a process of its own, with its command socket and pid file in a folder that goes with it. It cannot bear what
 * the real one cannot: a connection without a command wedges it, a command with an empty word or a newline ends it.
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

  /** The settings that lead to it. */
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

  /** Starts it, anew if it was running: with another process id, and knowing nobody. */
  async restart(): Promise<void> {
    await this.end();
    // The words of the environment's language decide what Python takes for text.
    this.child = spawn('python3', [PROGRAM, this.folder], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, PYTHONUTF8: '1' } });
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
    // Flexisip's own is for everybody to read, whatever the umask of the tests.
    chmodSync(this.pidFile, 0o644);
  }

  /** Ends it; its socket stays behind, as after a crash, and the pid file too. */
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

  /** Behaves so from now on, and as usual in all that is not said. */
  async behave(behaviour: Behaviour = {}): Promise<void> {
    await this.order({ behave: behaviour });
  }

  /** From now on it reads commands and answers none. */
  async hold(): Promise<void> {
    await this.order({ hold: true });
  }

  async release(): Promise<void> {
    await this.order({ hold: false });
  }

  /** Stops the whole process: it accepts nobody, and its backlog fills up. */
  freeze(): void {
    this.child.kill('SIGSTOP');
    while (!/^\d+ \(.*\) [TZ] /.test(readFileSync(`/proc/${this.pid}/stat`, 'utf8'))) continue;
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  /** The commands read since this was asked last, byte for byte; throws when the proxy did not survive them. */
  async takeCommands(): Promise<string[]> {
    const { seen } = await this.order({ take: true });
    return seen.commands.map((hex) => Buffer.from(hex, 'hex').toString('utf8'));
  }

  /** Waits until so many commands have been read. */
  async untilCommands(count: number): Promise<void> {
    while ((await this.order({})).seen.commands.length < count) await this.checkUnharmed();
  }

  /** Throws when a connection came without a command: the real proxy would be wedged for good. */
  async checkUnharmed(): Promise<void> {
    const { silent } = (await this.order({})).seen;
    if (silent > 0) throw new Error(`the SIP proxy is wedged by ${silent} connection without a command`);
  }

  /** How often somebody was waiting while another was served. */
  async overlaps(): Promise<number> {
    return (await this.order({})).seen.overlaps;
  }

  /** The unique ids registered for an address. */
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
