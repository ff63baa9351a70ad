import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createNetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { freePort } from '../private-mariadb.js';
import { type ConnectionFault, FaultyServer } from './faulty-server.js';

/** A fault of an external service: a fault of every connection, or a rejection of the credentials. */
export type Fault = ConnectionFault | 'forbidding';

export const FAULTS: readonly Fault[] = ['refused', 'hanging', 'slow', 'garbage', 'reset', 'huge', 'forbidding'];

/** An external service that can have any fault, or none. */
export interface ExternalService {
  /** The settings that select it. */
  readonly environment: Record<string, string>;
  fail(fault: Fault): Promise<void>;
  /** Removes its fault. */
  recover(): Promise<void>;
  /** Stops it. */
  stop(): Promise<void>;
}

interface Stoppable {
  stop(): Promise<void>;
}

/** An external service at one address: a faulty server, or a correct one in its place. */
async function behindAddress(
  address: { port: number } | { path: string },
  environment: Record<string, string>,
  beginning: string | Buffer,
  right: { well: () => Promise<Stoppable>; forbidding: () => Promise<Stoppable> },
): Promise<ExternalService> {
  let current: Stoppable | null = null;
  const replace = async (next: () => Promise<Stoppable>) => {
    await current?.stop();
    current = await next();
  };
  return {
    environment,
    fail: (fault) =>
      replace(async () => {
        if (fault === 'forbidding') return right.forbidding();
        const server = new FaultyServer(address, Buffer.from(beginning));
        await server.start(fault);
        return server;
      }),
    recover: () => replace(right.well),
    stop: async () => current?.stop(),
  };
}

interface Listening {
  listen(where: object, done: () => void): unknown;
  close(done: () => void): unknown;
  on(event: 'connection', listener: (socket: Socket) => void): unknown;
}

/** Starts to listen. Stopping it also ends all its connections. */
function listen(server: Listening, address: { port: number } | { path: string }): Promise<Stoppable> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.once('close', () => sockets.delete(socket))));
  const stop = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(resolve);
    });
  const where = 'port' in address ? { ...address, host: '127.0.0.1' } : address;
  return new Promise((resolve) => server.listen(where, () => resolve({ stop })));
}

/** The length is given: without it, the end of the connection would be a valid end of the response. */
const HTTP_BEGINNING = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{"sid": "';

/** An HTTP API that gives every request the same response. */
const httpApi = (port: number, status: number, body: unknown) => () =>
  listen(
    createHttpServer((_request, response) => response.writeHead(status).end(JSON.stringify(body))),
    { port },
  );

/** An HTTP API that accepts every request, or rejects it for lack of permission. */
const httpApis = (port: number, status: number, body: unknown) => ({
  well: httpApi(port, status, body),
  forbidding: httpApi(port, 403, { message: 'not you' }),
});

/** A mail server that accepts the login of every user or of no user. */
function mailServer(letIn: { user: string } | undefined): Listening {
  const options = { disabledCommands: ['STARTTLS'], allowInsecureAuth: true, logger: false } as const;
  const onAuth = (
    _auth: unknown,
    _session: unknown,
    answer: (error: Error | null, response?: { user: string }) => void,
  ) => answer(letIn ? null : new Error('not you'), letIn);
  return new SMTPServer({ ...options, disabledCommands: [...options.disabledCommands], onAuth }).server;
}

export async function smtp(): Promise<ExternalService> {
  const port = await freePort();
  const environment = {
    MAIL_DRIVER: 'smtp',
    MAIL_HOST: '127.0.0.1',
    MAIL_PORT: String(port),
    MAIL_ENCRYPTION: 'none',
    MAIL_USERNAME: 'flexisip',
    MAIL_PASSWORD: 'mail-password',
    MAIL_FROM_ADDRESS: 'noreply@example.org',
  };
  return behindAddress({ port }, environment, '220 mail.example.org ESMTP', {
    well: () => listen(mailServer({ user: 'flexisip' }), { port }),
    forbidding: () => listen(mailServer(undefined), { port }),
  });
}

export async function apns(): Promise<ExternalService> {
  const port = await freePort();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const environment = {
    PUSH_DRIVER: 'direct',
    APNS_KEY: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    APNS_KEY_ID: 'KEY',
    APNS_TEAM_ID: 'TEAM',
    APNS_URL: `http://127.0.0.1:${port}`,
  };
  const answering = (status: number, body: string) => () => {
    const server = createHttp2Server();
    server.on('stream', (stream) => {
      stream.respond({ ':status': status });
      stream.end(body);
    });
    return listen(server, { port });
  };
  // The head of a SETTINGS frame of six bytes (RFC 9113 §6.5).
  const beginning = Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0]);
  return behindAddress({ port }, environment, beginning, {
    well: answering(200, ''),
    forbidding: answering(403, '{"reason":"InvalidProviderToken"}'),
  });
}

export async function fcm(): Promise<ExternalService> {
  const [port, tokenPort] = [await freePort(), await freePort()];
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const account = {
    project_id: 'my-project',
    client_email: 'push@my-project.example.org',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: `http://127.0.0.1:${tokenPort}/token`,
  };
  const environment = {
    PUSH_DRIVER: 'direct',
    FCM_SERVICE_ACCOUNT: JSON.stringify(account),
    FCM_URL: `http://127.0.0.1:${port}`,
  };
  const tokens = await httpApi(tokenPort, 200, { access_token: 'access', expires_in: 3600 })();
  const messages = await behindAddress(
    { port },
    environment,
    HTTP_BEGINNING,
    httpApis(port, 200, { name: 'projects/p/messages/1' }),
  );
  return {
    ...messages,
    stop: async () => {
      await messages.stop();
      await tokens.stop();
    },
  };
}

export async function ovh(): Promise<ExternalService> {
  const port = await freePort();
  const environment = {
    SMS_DRIVER: 'ovh',
    OVH_APP_ENDPOINT: `http://127.0.0.1:${port}/1.0`,
    OVH_APP_KEY: 'ovh-key',
    OVH_APP_SECRET: 'ovh-secret',
    OVH_APP_CONSUMER_KEY: 'ovh-consumer',
    OVH_APP_SENDER: 'Flexisip',
    OVH_APP_SERVICE: 'sms-ab1234-1',
  };
  const answering = (status: number, job: object) => () =>
    listen(
      createHttpServer((request, response) => {
        const isTime = request.url === '/1.0/auth/time';
        response.writeHead(isTime ? 200 : status).end(JSON.stringify(isTime ? Date.now() / 1000 : job));
      }),
      { port },
    );
  return behindAddress({ port }, environment, HTTP_BEGINNING, {
    well: answering(200, { validReceivers: ['+33'], invalidReceivers: [] }),
    forbidding: answering(403, { errorCode: 'NOT_GRANTED_CALL' }),
  });
}

export async function twilio(): Promise<ExternalService> {
  const port = await freePort();
  const environment = {
    SMS_DRIVER: 'twilio',
    TWILIO_URL: `http://127.0.0.1:${port}`,
    TWILIO_ACCOUNT_SID: 'AC0123456789',
    TWILIO_AUTH_TOKEN: 'twilio-token',
    TWILIO_FROM: '+33600000000',
  };
  return behindAddress(
    { port },
    environment,
    HTTP_BEGINNING.replace('200 OK', '201 Created'),
    httpApis(port, 201, { sid: 'SM1' }),
  );
}

export async function httpGateway(): Promise<ExternalService> {
  const port = await freePort();
  const environment = {
    SMS_DRIVER: 'http',
    SMS_HTTP_URL: `http://127.0.0.1:${port}/send?key=gateway-key&to={phone}&text={message}`,
  };
  return behindAddress({ port }, environment, HTTP_BEGINNING, httpApis(port, 200, {}));
}

export async function commandSocket(): Promise<ExternalService> {
  const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-proxy-'));
  const path = join(folder, 'flexisip-proxy-4711');
  writeFileSync(join(folder, 'pid'), '4711\n');
  const environment = {
    DEVICES_DRIVER: 'flexisip',
    APP_FLEXISIP_PROXY_PID: join(folder, 'pid'),
    APP_FLEXISIP_SOCKET_DIR: folder,
  };
  const well = () =>
    listen(
      createNetServer((socket) => socket.once('data', () => socket.end('{"contacts":[]}'))),
      { path },
    );
  const proxy = await behindAddress({ path }, environment, '{"contacts": [', {
    well,
    forbidding: async () => closedToUs(path, await well()),
  });
  return {
    ...proxy,
    stop: async () => {
      await proxy.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * Removes the right of this process to use a socket. The superuser has all rights, so the process switches to another
 * user for a while.
 */
function closedToUs(path: string, server: Stoppable): Stoppable {
  chmodSync(path, 0);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  const stop = async () => {
    if (isRoot) process.seteuid?.(0);
    await server.stop();
  };
  return { stop };
}

const REDIS_ANSWERS: Readonly<Record<string, string>> = {
  info: '$9\r\nloading:0\r\n',
  hlen: ':0\r\n',
  hgetall: '*0\r\n',
};

/**
 * Responds like a Redis without keys to INFO, HLEN, HGETALL and the commands that a client sends about itself. Commands
 * in `others` get another response.
 */
export function answerAsRedis(socket: Socket, others: Readonly<Record<string, string>> = {}): void {
  const answers = { ...REDIS_ANSWERS, ...others };
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    for (const [, command = ''] of bytes.toString().matchAll(/\*\d+\r\n\$\d+\r\n([A-Za-z]+)\r\n/g)) {
      socket.write(answers[command.toLowerCase()] ?? '+OK\r\n');
    }
  });
}

export async function redis(): Promise<ExternalService> {
  const port = await freePort();
  const denied = '-NOPERM this user has no permissions to run this command\r\n';
  const environment = { DEVICES_DRIVER: 'redis', FLEXISIP_REDIS_URL: `redis://:redis-password@127.0.0.1:${port}/0` };
  return behindAddress({ port }, environment, '$9999999\r\n', {
    well: () =>
      listen(
        createNetServer((socket) => answerAsRedis(socket)),
        { port },
      ),
    forbidding: () =>
      listen(
        createNetServer((socket) =>
          answerAsRedis(socket, { auth: denied, info: denied, config: denied, hlen: denied, hgetall: denied }),
        ),
        { port },
      ),
  });
}

/** The fake pusher is a shell script, because a thousand of them are started. */
const PUSHERS: Record<ConnectionFault | 'well', string> = {
  refused: 'echo "1 push notification(s) sent, 0 successfully and 1 failed."; exit 1',
  hanging: 'sleep 3600 & wait',
  slow: 'while :; do printf a; sleep 0.05; done',
  garbage: 'printf "\\001\\377 no summary at all\\n"',
  reset: 'echo "1 push notif"; kill -9 $$',
  huge: 'yes "1 push notification(s) sent, 1 successfully and 0 failed."',
  well: 'echo "1 push notification(s) sent, 1 successfully and 0 failed."',
};

export async function pusher(): Promise<ExternalService> {
  const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-pusher-'));
  const path = join(folder, 'flexisip_pusher');
  const write = async (behaviour: keyof typeof PUSHERS | 'forbidding') => {
    mkdirSync(folder, { recursive: true });
    rmSync(path, { force: true });
    const program = PUSHERS[behaviour === 'forbidding' ? 'well' : behaviour];
    writeFileSync(path, `#!/bin/sh\n${program}\n`);
    chmodSync(path, behaviour === 'forbidding' ? 0o644 : 0o755);
  };
  await write('well');
  return {
    environment: {
      PUSH_DRIVER: 'flexisip_pusher',
      APP_FLEXISIP_PUSHER_PATH: path,
      APP_FLEXISIP_PUSHER_FIREBASE_KEY: 'firebase-key',
    },
    fail: write,
    recover: () => write('well'),
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
