import { Clock } from '../../src/common/clock.js';
import { OutboundCallFailed } from '../../src/outbound/outbound-call-failed.js';
import type { SipAddress } from '../../src/common/sip/sip-address.js';
import { type Registration, Registrar } from '../../src/devices/registrar.js';

/** All fake timers of jest except for the date: the service under test is real, and so are its timers. */
const REAL_TIMERS = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

/** A clock that tests can move. It continues from the set time, and libraries that read the date see the same time. */
export class FakeClock extends Clock {
  private isMoved = false;

  /** Moves the time by a number of seconds. */
  advance(seconds: number): void {
    const then = Date.now() + seconds * 1000;
    if (!this.isMoved) jest.useFakeTimers({ advanceTimers: true, doNotFake: [...REAL_TIMERS] });
    this.isMoved = true;
    jest.setSystemTime(then);
  }

  /** Restores the real time. */
  stop(): void {
    if (this.isMoved) jest.useRealTimers();
    this.isMoved = false;
  }
}

/** Records messages instead of sending them, and fails on demand. */
export class FakeSender<Message> {
  /** The delivered messages, oldest first. */
  readonly delivered: Message[] = [];
  /** The number of messages to send, delivered or not. */
  attempts = 0;
  private failure: (() => Error) | null = null;

  async send(message: Message): Promise<void> {
    this.attempts += 1;
    if (this.failure) throw this.failure();
    this.delivered.push(message);
  }

  /** Makes further deliveries fail. */
  fail(): void {
    this.failure = () => new OutboundCallFailed('the fake', 'was told to fail');
  }

  /** Makes the adapter throw an error that no adapter may throw. */
  break(): void {
    this.failure = () => new Error('the fake was told to break');
  }

  /** Makes deliveries succeed again. */
  recover(): void {
    this.failure = null;
  }

  /** The last delivered message. */
  get last(): Message {
    const message = this.delivered.at(-1);
    if (message === undefined) throw new Error('nothing was delivered');
    return message;
  }
}

/** A registrar in memory. */
export class FakeRegistrar extends Registrar {
  private readonly registrations = new Map<string, Registration[]>();
  private isDown = false;

  register({ username, domain }: SipAddress, ...registrations: Registration[]): void {
    const key = `${username}@${domain}`;
    this.registrations.set(key, [...(this.registrations.get(key) ?? []), ...registrations]);
  }

  goDown(): void {
    this.isDown = true;
  }

  comeBack(): void {
    this.isDown = false;
  }

  async list({ username, domain }: SipAddress): Promise<Registration[]> {
    if (this.isDown) throw new OutboundCallFailed('the fake', 'is down');
    return this.registrations.get(`${username}@${domain}`) ?? [];
  }

  async remove(address: SipAddress, uniqueId: string): Promise<void> {
    const left = (await this.list(address)).filter((registration) => registration.uniqueId !== uniqueId);
    this.registrations.set(`${address.username}@${address.domain}`, left);
  }
}
