import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { EntityManager } from 'typeorm';
import { AppModule } from '../../src/app/app.module.js';
import { configureApp, createAdapter } from '../../src/app/app.setup.js';
import { Clock } from '../../src/common/clock.js';
import type { RouteTable } from '../../src/http/methods.js';
import { loadSettings } from '../../src/config/load-settings.js';
import type { Settings } from '../../src/config/settings.js';
import { WRITER } from '../../src/database/transactions.js';
import { Registrar } from '../../src/devices/registrar.js';
import type { Job } from '../../src/jobs/job.js';
import { createLogger, NestLogger } from '../../src/logging/logger.js';
import { type Mail, Mailer } from '../../src/mail/mailer.js';
import { PushSender, type TokenPush } from '../../src/push/push-sender.js';
import { type CodeSms, SmsSender } from '../../src/sms/sms-sender.js';
import { type GivenAccount, Factories } from './factories.js';
import { FakeClock, FakeRegistrar, FakeSender } from './fakes.js';
import { type Answer, type RawRequest, closeConnections, sendRequest } from './http.js';
import { type DigestAlgorithm, DigestClient } from './digest-client.js';
import { checkAgainstDocument } from './published-document.js';
import { APP_KEY } from './settings.js';
import { createDatabase, type TestDatabase } from './test-database.js';

/** The public URL of the service under test. */
export const PUBLIC_URL = 'https://api.example.org/flexiapi';

interface Options {
  /** Settings besides those of the database, by variable name. */
  environment?: Record<string, string>;
  /** An existing database, which is not removed afterwards. */
  database?: TestDatabase;
  /** Ports that use the real adapter of the settings instead of a fake. */
  real?: readonly Border[];
  /**
   * Additional controllers for features that no route of the application uses yet. They are not in the published
   * document.
   */
  controllers?: readonly Type[];
  /** Jobs besides those of the application. */
  jobs?: readonly Type<Job>[];
}

type Border = 'push' | 'mail' | 'sms' | 'devices';

/**
 * The whole application on its own database, listening, with fakes in place of external services. Every response is
 * checked against the published document and against the rules of the protocol for all responses.
 */
export class Api {
  readonly clock = new FakeClock();
  readonly pushes = new FakeSender<TokenPush>();
  readonly mails = new FakeSender<Mail>();
  readonly messages = new FakeSender<CodeSms>();
  readonly registrar = new FakeRegistrar();
  /** The log, one JSON line per entry. */
  readonly log: string[] = [];
  private origins: string[] = [];
  private turn = 0;
  private others: NestFastifyApplication[] = [];
  routes: RouteTable = new Map();
  /** Creates rows for the state that a test needs. */
  given: Factories;

  private constructor(
    readonly app: NestFastifyApplication,
    readonly settings: Settings,
  ) {}

  /** Starts it; on a cluster once for each of two nodes, with the same fakes. */
  static async start({
    environment = {},
    database,
    real = [],
    controllers = [],
    jobs = [],
  }: Options = {}): Promise<Api> {
    const own = database ?? (await createDatabase());
    const settingsFor = (ofDatabase: Record<string, string>) =>
      loadSettings({
        APP_URL: PUBLIC_URL,
        APP_KEY,
        // All requests of the tests come from one address.
        RATE_LIMITS: 'off',
        ...ofDatabase,
        ...environment,
      });
    const settings = settingsFor(own.environment);
    const doubles = {
      log: [] as string[],
      clock: new FakeClock(),
      pushes: new FakeSender<TokenPush>(),
      mails: new FakeSender<Mail>(),
      messages: new FakeSender<CodeSms>(),
      registrar: new FakeRegistrar(),
    };
    const { app, routes } = await startApplication(settings, doubles, real, { controllers, jobs });
    const api = Object.assign(new Api(app, settings), { ...doubles, routes });
    if (own.elsewhere)
      api.others.push((await startApplication(settingsFor(own.elsewhere), doubles, real, { controllers, jobs })).app);
    for (const one of [app, ...api.others]) api.origins.push(await one.getUrl());
    api.given = new Factories(api.manager, settings, doubles.clock);
    api.removeDatabase = database ? async () => {} : () => own.remove();
    return api;
  }

  /**
   * The URL that the application listens on. On a cluster the instances alternate, so that one node is asked for what
   * another one was told.
   */
  get origin(): string {
    return this.origins[this.turn++ % this.origins.length] ?? '';
  }

  private removeDatabase: () => Promise<void>;

  async stop(): Promise<void> {
    closeConnections();
    this.clock.stop();
    for (const app of [this.app, ...this.others]) await app.close();
    await this.removeDatabase();
  }

  /** Accesses the database without the application. */
  get manager(): EntityManager {
    return this.app.get<{ manager: EntityManager }>(WRITER).manager;
  }

  /** Runs a statement without the application and returns its rows. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came back
  async sql(statement: string, parameters: unknown[] = []): Promise<any[]> {
    return this.manager.query(statement, parameters);
  }

  /** The number of rows of a table that meet a condition; by default all. */
  async count(table: string, condition = '1 = 1', parameters: unknown[] = []): Promise<number> {
    const [{ n }] = await this.sql(`SELECT COUNT(*) AS n FROM ${table} WHERE ${condition}`, parameters);
    return Number(n);
  }

  /** Sends a request and checks that the protocol allows its response. */
  async send(request: RawRequest): Promise<Answer> {
    const answer = await sendRequest(this.origin, request);
    checkAnswer(request, answer);
    return answer;
  }

  anonymous(): Client {
    return new Client(this, async () => ({}));
  }

  /** Calls with the account's API key. */
  withKey(account: GivenAccount): Client {
    return new Client(this, async () => ({ from: account.from, 'x-api-key': account.apiKey ?? '' }));
  }

  /** Calls by Digest and gets a new nonce for each call. */
  withDigest(
    account: GivenAccount,
    algorithm: DigestAlgorithm = account.algorithms[0] ?? 'SHA-256',
    password = account.password,
  ): Client {
    return new Client(this, async ({ method = 'GET', path }) => {
      const credentials = { ...account, password };
      const client = await DigestClient.start(this, credentials, { algorithm, method, path });
      return { from: account.from, authorization: client.authorize(method, path) };
    });
  }
}

type Doubles = Pick<Api, 'log' | 'clock' | 'pushes' | 'mails' | 'messages' | 'registrar'>;

async function startApplication(
  settings: Settings,
  { log, clock, pushes, mails, messages, registrar }: Doubles,
  real: readonly Border[],
  { controllers, jobs }: Required<Pick<Options, 'controllers' | 'jobs'>>,
): Promise<{ app: NestFastifyApplication; routes: RouteTable }> {
  const logger = createLogger({ logLevel: 'debug', logFormat: 'json' }, { write: (line) => void log.push(line) });
  const builder = Test.createTestingModule({
    imports: [AppModule.forRoot(settings)],
    controllers: [...controllers],
    providers: [...jobs],
  })
    .overrideProvider(Clock)
    .useValue(clock)
    .setLogger(new NestLogger(logger));
  if (!real.includes('push')) builder.overrideProvider(PushSender).useValue(pushes);
  if (!real.includes('mail')) builder.overrideProvider(Mailer).useValue(mails);
  if (!real.includes('sms')) builder.overrideProvider(SmsSender).useValue(messages);
  if (!real.includes('devices')) builder.overrideProvider(Registrar).useValue(registrar);
  const module = await builder.compile();
  const app = module.createNestApplication<NestFastifyApplication>(createAdapter(settings), { bodyParser: false });
  try {
    const routes = await configureApp(app, settings, logger);
    await app.listen(0, '127.0.0.1');
    return { app, routes };
  } catch (error) {
    // Else its connections to the database stay open.
    await app.close();
    throw error;
  }
}

/** Calls the API with the credentials of one identity. */
export class Client {
  constructor(
    private readonly api: Api,
    private readonly credentials: (request: RawRequest) => Promise<Record<string, string>>,
  ) {}

  get(path: string): Promise<Answer> {
    return this.send({ path });
  }

  delete(path: string): Promise<Answer> {
    return this.send({ method: 'DELETE', path });
  }

  /** Posts a JSON body; no body if it is undefined. */
  post(path: string, body?: unknown): Promise<Answer> {
    return body === undefined
      ? this.send({ method: 'POST', path })
      : this.send({
          method: 'POST',
          path,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
  }

  /** Sends any request, with the credentials added to its headers. */
  async send(request: RawRequest): Promise<Answer> {
    const credentials = await this.credentials(request);
    return this.api.send({ ...request, headers: { ...credentials, ...request.headers } });
  }
}

/** Checks the rules of the protocol for every response (§1). */
function checkAnswer({ method = 'GET', path }: RawRequest, answer: Answer): void {
  const { status, headers, text } = answer;
  const problem = (what: string) => new Error(`${method} ${path} answered ${status} ${what}: ${text}`);
  if (!headers['x-request-id']) throw problem('without X-Request-Id');
  if (
    !/\/api\/(ping|docs)|\/account\/(style\.css|favicon\.svg|captcha\/)|^\/favicon\.ico/.test(path) &&
    headers['cache-control'] !== 'no-store'
  ) {
    throw problem('without Cache-Control: no-store');
  }
  if (status >= 500 && status !== 503) throw problem('which is a fault of ours');
  if (answer.challenges.length > 0 && status !== 401 && status >= 300) throw problem('with challenges');
  if (method === 'HEAD') return;
  if (status < 300 && text === '') throw problem('with an empty body');
  const isJson = String(headers['content-type']).startsWith('application/json');
  if (isJson && headers['content-type'] !== 'application/json') throw problem(`as ${headers['content-type']}`);
  checkAgainstDocument(method, path, answer);
}
