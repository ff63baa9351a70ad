import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { CommandSocket } from '../../src/devices/command-socket.js';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { contact, FlexisipProxy } from '../support/external/flexisip-proxy.js';
import { range } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

const PATH = '/api/accounts/me/devices';
/** Milliseconds within which a call is over whose external service has one second. */
const SOON = 5_000;

describe('The command socket of a SIP proxy in trouble', () => {
  let api: Api;
  let proxy: FlexisipProxy;
  let account: GivenAccount;

  beforeAll(async () => {
    proxy = await FlexisipProxy.start();
    api = await Api.start({
      environment: { RATE_LIMITS: 'off', NEIGHBOUR_TIMEOUT: '1', ...proxy.environment },
      real: ['devices'],
    });
  });
  afterAll(async () => {
    await api?.stop();
    await proxy.stop();
  });
  beforeEach(async () => {
    await proxy.restart();
    account = await api.given.account();
    await proxy.register(account, contact('one'));
  });
  afterEach(async () => {
    proxy.thaw();
    await proxy.release();
    await proxy.checkUnharmed();
    const { status } = await list();
    if (status !== 200) throw new Error(`the SIP proxy serves nobody any more: ${status}`);
  });

  const list = () => api.withKey(account).get(PATH);

  /** Takes every place in the backlog, as other tools on the machine do; they too say what they want at once. */
  async function fillBacklog(): Promise<Socket[]> {
    const others: Socket[] = [];
    for (;;) {
      const socket = connect({ path: proxy.socketPath });
      socket.write('REGISTRAR_GET sip:somebody@sip.example.org');
      const isIn = await new Promise((resolve) =>
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
      );
      if (!isIn) return others;
      others.push(socket.on('error', () => {}).resume());
    }
  }

  /** Sees every socket that is opened in this process, before it is connected. */
  function onSocket(see: (socket: Socket) => void): () => void {
    const seen = (message: unknown) => see((message as { socket: Socket }).socket);
    subscribe('net.client.socket', seen);
    return () => void unsubscribe('net.client.socket', seen);
  }

  describe('the pid file', () => {
    const write = (text: string) => writeFileSync(proxy.pidFile, text);
    afterEach(async () => {
      rmSync(proxy.pidFile, { recursive: true, force: true });
      await proxy.restart();
    });

    it.each([
      ['a newline', (pid: number) => `${pid}\n`],
      ['no newline', (pid: number) => `${pid}`],
      ['blanks around', (pid: number) => `  ${pid} \r\n\n`],
    ])('is understood with %s', async (_name, text) => {
      write(text(proxy.pid));
      expect((await list()).status).toBe(200);
    });

    it.each(['', '\n', '0', '-1', '12x', '1 2', '../../etc/passwd', '99999999999', '\u0000'])(
      'that holds %j is 503, and the log says that it is the pid file',
      async (text) => {
        write(text);
        api.log.length = 0;
        expect(refusal(await list())).toBe('503 devices_unavailable');
        expect(api.log.join('')).toMatch(
          /the SIP proxy's command socket: not found, since the pid file holds no process id/,
        );
        expect(await proxy.takeCommands()).toEqual([]);
      },
    );

    it('that is missing is 503, and another written later is used', async () => {
      rmSync(proxy.pidFile);
      api.log.length = 0;
      expect(refusal(await list())).toBe('503 devices_unavailable');
      expect(api.log.join('')).toMatch(/the pid file cannot be read \(.*ENOENT/);
      write(`${proxy.pid}\n`);
      expect((await list()).status).toBe(200);
    });

    it('is read for every command, so that a proxy that was started anew is found', async () => {
      expect(Object.keys((await list()).json)).toEqual(['one']);
      await proxy.restart();
      expect((await list()).text).toBe('{}');
      await proxy.register(account, contact('two'));
      expect(Object.keys((await list()).json)).toEqual(['two']);
    });

    it('of a proxy that has gone is 503, whether its socket is still there or not', async () => {
      await proxy.end();
      api.log.length = 0;
      expect(refusal(await list())).toBe('503 devices_unavailable');
      rmSync(proxy.socketPath);
      expect(refusal(await list())).toBe('503 devices_unavailable');
      expect(api.log.join('')).toMatch(/ECONNREFUSED.*ENOENT/s);
      await proxy.restart();
    });
  });

  describe('one at a time', () => {
    it('serves twenty calls at once, each when the one before is over', async () => {
      const answers = await Promise.all(range(20).map(list));
      expect(tally(answers)).toEqual({ '200': 20 });
      expect(await proxy.overlaps()).toBe(0);
      expect(await proxy.takeCommands()).toHaveLength(20);
    });

    it('lets the next one come only when the connection is over, not when an answer looks complete', async () => {
      await proxy.behave({ size: 64, pause: 0.02 });
      expect(tally(await Promise.all(range(3).map(list)))).toEqual({ '200': 3 });
      expect(await proxy.overlaps()).toBe(0);
    });

    it('waits with patience while others fill the backlog', async () => {
      proxy.freeze();
      const others = await fillBacklog();
      let stop = () => {};
      const refused = new Promise((resolve) => {
        stop = onSocket((socket) => void socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)));
      });
      const answer = list();
      expect(await refused).toBe('EAGAIN');
      stop();
      proxy.thaw();
      expect((await answer).status).toBe(200);
      others.forEach((socket) => socket.destroy());
    });

    it('is 503 in time while others fill the backlog and nobody is served', async () => {
      proxy.freeze();
      const others = await fillBacklog();
      const begin = performance.now();
      expect(tally(await Promise.all(range(20).map(list)))).toEqual({ '503 devices_unavailable': 20 });
      expect(performance.now() - begin).toBeLessThan(SOON);
      others.forEach((socket) => socket.destroy());
    });
  });

  describe('never leaves a connection on which nothing was sent', () => {
    it.each([
      ['frozen, before it accepts', () => proxy.freeze()],
      ['silent, after it has read', () => proxy.hold()],
    ])(
      'to a proxy that is %s: each call is 503 in time, and the next is served when it is back',
      async (_name, begin) => {
        await begin();
        const start = performance.now();
        expect(tally(await Promise.all(range(20).map(list)))).toEqual({ '503 devices_unavailable': 20 });
        expect(refusal(await list())).toBe('503 devices_unavailable');
        expect(performance.now() - start).toBeLessThan(SOON);
      },
    );

    it.each([
      ['at once', () => (end: () => void) => end()],
      ['in the next turn', () => (end: () => void) => void setImmediate(end)],
    ])('when the time is over %s after a call began', async (_name, after) => {
      const socket = new CommandSocket(proxy.pidFile, proxy.environment.APP_FLEXISIP_SOCKET_DIR ?? '');
      const attempt = new AbortController();
      const call = socket.send(['REGISTRAR_GET', `sip:${account.sip}`], attempt.signal);
      after()(() => attempt.abort());
      await expect(call).rejects.toThrow(/the SIP proxy's command socket: /);
    });

    it.each([
      ['before it is connected', (_socket: Socket, end: () => void) => process.nextTick(end)],
      ['when it is connected', (socket: Socket, end: () => void) => void socket.once('ready', end)],
      [
        'after it was connected',
        (socket: Socket, end: () => void) => void socket.once('ready', () => setImmediate(end)),
      ],
    ])('when the time is over %s', async (_name, when) => {
      await proxy.hold();
      const commands = new CommandSocket(proxy.pidFile, proxy.environment.APP_FLEXISIP_SOCKET_DIR ?? '');
      const attempt = new AbortController();
      const closed = new Promise<void>((resolve) => {
        const stop = onSocket((socket) => {
          stop();
          socket.once('close', () => resolve());
          when(socket, () => attempt.abort());
        });
      });
      await expect(commands.send(['REGISTRAR_GET', `sip:${account.sip}`], attempt.signal)).rejects.toThrow(
        'did not answer in time',
      );
      await proxy.untilCommands(1);
      expect(await proxy.takeCommands()).toEqual([`REGISTRAR_GET sip:${account.sip}`]);
      await closed;
    });
  });

  it('is 503 when the proxy ends in the middle of an answer, and served when it is back', async () => {
    await proxy.register(account, ...range(50).map((index) => contact(`more-${index}`)));
    await proxy.behave({ size: 100, pause: 0.01 });
    const answer = list();
    await proxy.untilCommands(1);
    await proxy.end();
    expect(refusal(await answer)).toBe('503 devices_unavailable');
    await proxy.restart();
  });

  it('is 503 when the proxy ends without a word after it was told to remove a registration', async () => {
    await proxy.behave({ die: 'REGISTRAR_DELETE' });
    const answer = await api.withKey(account).delete(`${PATH}/one`);
    await proxy.restart();
    expect(refusal(answer)).toBe('503 devices_unavailable');
  });

  it('is 503 for an answer that never ends, and reads no more of it', async () => {
    await proxy.behave({ answer: ' '.repeat(9 * 1024 * 1024) });
    api.log.length = 0;
    expect(refusal(await list())).toBe('503 devices_unavailable');
    expect(api.log.join('')).toMatch(/answers more than 8 MiB/);
    await proxy.behave();
  });
});
