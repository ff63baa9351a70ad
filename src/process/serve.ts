import cluster from 'node:cluster';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AdministratorsService } from '../admin/administrators.service.js';
import { AppModule } from '../app/app.module.js';
import { configureApp, createAdapter } from '../app/app.setup.js';
import { standardOutput } from '../common/output.js';
import { displaySip } from '../common/sip/sip-address.js';
import type { Settings } from '../config/settings.js';
import { DatabaseStart } from '../database/database-start.js';
import { ReadinessService } from '../health/readiness.service.js';
import { JobRunner } from '../jobs/job-runner.service.js';
import { NestLogger } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.service.js';
import { serveOperators } from './operators-port.js';
import { answerSupervisor, type SelfReport } from './questions.js';
import { reportsOf } from './reports.js';
import { CannotListen } from './startup-errors.js';
import { stopOnSignals } from './stop-on-signals.js';

/** Serves requests in this process, until a signal ends it. */
export async function serve(settings: Settings, logger: Logger): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(settings), createAdapter(settings), {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  stopOnSignals(app, settings.drainDelay, logger);
  await configureApp(app, settings, logger);
  await reportToOperators(app, settings, logger);
  const database = app.get(DatabaseStart);
  const isReadyAtOnce = database.isReady;
  if (isReadyAtOnce) await announceFirstAdministrator(app, settings);
  await listen(app, settings);
  logger.info(`Listening on http://${settings.host}:${settings.port}, Swagger UI at ${settings.publicUrl}/api/docs`);
  if (!isReadyAtOnce) {
    await database.untilReady();
    if (!database.isReady) return;
    await announceFirstAdministrator(app, settings);
  }
  app.get(JobRunner).start();
}

/** With several processes, the supervisor has the only operators' port. */
async function reportToOperators(app: NestFastifyApplication, settings: Settings, logger: Logger): Promise<void> {
  const self: SelfReport = {
    metrics: () => app.get(Metrics).snapshot(),
    health: () => app.get(ReadinessService).details(),
  };
  if (cluster.isWorker) answerSupervisor(self);
  else if (settings.metrics) await serveOperators(settings.metrics, reportsOf(self), logger);
}

async function listen(app: NestFastifyApplication, { host, port }: Settings): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    throw new CannotListen(host, port, error);
  }
}

/** Shows generated secrets on the console. They are not shown again. */
async function announceFirstAdministrator(app: NestFastifyApplication, settings: Settings): Promise<void> {
  const administrator = await app.get(AdministratorsService).createFirst();
  if (!administrator) return;
  const secrets = 'apiKey' in administrator;
  standardOutput.write(
    [
      '',
      `A first administrator was created. ${secrets ? 'Keep this: it is not shown again.' : 'Its password is that of FIRST_ADMIN_PASSWORD.'}`,
      `  SIP address  ${displaySip(administrator.address)}`,
      ...(secrets ? [`  Password     ${administrator.password}`, `  API key      ${administrator.apiKey}`] : []),
      `  Panel        ${settings.publicUrl}/account`,
      `  Swagger UI   ${settings.publicUrl}/api/docs`,
      '',
      '',
    ].join('\n'),
  );
}
