import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { SERVICE } from './cli.js';

/** The built service in its own process. */
export class Service {
  stdout = '';
  stderr = '';

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
  }

  /** Starts the service without waiting. */
  static spawn(environment: Record<string, string>, cwd: string): Service {
    const env = { PATH: process.env.PATH, ...environment };
    return new Service(spawn(process.execPath, [SERVICE], { env, cwd }));
  }

  /** Starts the service and waits until it listens. */
  static async start(environment: Record<string, string>, cwd: string): Promise<Service> {
    const service = Service.spawn(environment, cwd);
    await service.until(/Listening on/);
    return service;
  }

  /** Waits until standard output contains a text. */
  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (pattern.test(this.stdout)) resolve();
      };
      this.child.stdout?.on('data', check);
      this.child.once('exit', (code) => reject(new Error(`the service ended with exit code ${code}: ${this.stderr}`)));
      check();
    });
  }

  /** Ends the service with SIGTERM, like an operator. */
  async stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<void> {
    await this.end(signal);
  }

  /** Sends a signal without waiting. */
  signal(signal: 'SIGTERM' | 'SIGINT'): void {
    this.child.kill(signal);
  }

  /** Kills the service, like a crash. */
  async crash(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Waits until the service ends by itself, and returns its exit code. */
  async exitCode(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  /** The processes that it started. */
  children(): number[] {
    const { pid } = this.child;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  }

  private async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<void> {
    const ended = this.exitCode();
    this.child.kill(signal);
    await ended;
  }
}
