import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { freePort } from '../private-mariadb.js';

interface Options {
  /** Lines of its configuration, in addition to the common ones. */
  lines?: readonly string[];
  /** Whether it accepts only TLS. */
  isTls?: boolean;
  isSentinel?: boolean;
}

/** The password of the user with all rights. */
const PASSWORD = 'password-of-the-tests';

/** A private Redis or Sentinel on a free port. Its folder is removed with it. */
export class PrivateRedis {
  private readonly folder = mkdtempSync(join(tmpdir(), 'flexisip-api-redis-'));
  private child: ChildProcess | null = null;
  private admin: Redis;
  private readonly others: Redis[] = [];

  private constructor(
    readonly port: number,
    private readonly options: Options,
  ) {}

  static async start(options: Options = {}): Promise<PrivateRedis> {
    const redis = new PrivateRedis(await freePort(), options);
    if (options.isTls) makeCertificate(redis.folder);
    const { lines = [], isTls = false } = options;
    const listen = isTls
      ? ['port 0', `tls-port ${redis.port}`, 'tls-replication yes', ...redis.tlsLines]
      : [`port ${redis.port}`];
    const rights = options.isSentinel
      ? []
      : ['save ""', 'appendonly no', `user tester on >${PASSWORD} allkeys allchannels allcommands`];
    const own = ['bind 127.0.0.1', `dir ${redis.folder}`, 'logfile ""', 'daemonize no', ...listen, ...rights];
    writeFileSync(redis.configuration, [...own, ...lines].map((line) => `${line}\n`).join(''));
    await redis.comeBack();
    return redis;
  }

  /** The CA certificate, if it uses TLS. */
  get ca(): string {
    return readFileSync(join(this.folder, 'cert.pem'), 'utf8');
  }

  /** The TLS configuration, also for a Sentinel that watches it. */
  get tlsLines(): string[] {
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(this.folder, name));
    return [`tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${cert}`, 'tls-auth-clients no'];
  }

  get url(): string {
    return `${this.options.isTls ? 'rediss' : 'redis'}://127.0.0.1:${this.port}`;
  }

  /** A client with all rights, separate from the application. */
  get client(): Redis {
    return this.admin;
  }

  /** Creates another client with all rights, such as one that subscribes. It is closed with the server. */
  anotherClient(): Redis {
    const client = this.admin.duplicate().on('error', () => {});
    this.others.push(client);
    return client;
  }

  /** Restarts it on the same port, without data. */
  async comeBack(): Promise<void> {
    const mode = this.options.isSentinel ? ['--sentinel'] : [];
    this.child = spawn('redis-server', [this.configuration, ...mode], { stdio: 'ignore' });
    const credentials: RedisOptions = this.options.isSentinel ? {} : { username: 'tester', password: PASSWORD };
    const tls = this.options.isTls ? { tls: { ca: this.ca } } : {};
    this.admin = new Redis({
      host: '127.0.0.1',
      port: this.port,
      ...credentials,
      ...tls,
      retryStrategy: () => 50,
      maxRetriesPerRequest: 200,
    });
    this.admin.on('error', () => {});
    await this.admin.ping();
  }

  /** Kills it, like a crash. */
  async crash(): Promise<void> {
    for (const client of [this.admin, ...this.others.splice(0)]) client.disconnect();
    if (this.child === null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
    this.child = null;
  }

  /** Stops it from responding, while its connections stay open. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
    while (!/^\d+ \(.*\) [TZ] /.test(readFileSync(`/proc/${this.child?.pid}/stat`, 'utf8'))) continue;
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.crash();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get configuration(): string {
    return join(this.folder, 'redis.conf');
  }
}

/** A self-signed certificate for 127.0.0.1. */
function makeCertificate(folder: string): void {
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  const names = ['-subj', '/CN=redis of the tests', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...key, ...files, ...names], { stdio: 'ignore' });
}
