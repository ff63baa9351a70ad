import type { LoggerService } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { type DestinationStream, type Logger, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { Output, standardOutput } from '../common/output.js';
import { sourceAddress } from '../common/source-address.js';
import type { Settings } from '../config/settings.js';
import { printable, printableJson } from './printable.js';
import { withoutSecrets } from './redaction.js';
import { contextFields } from '../common/request-context.js';

/**
 * Creates the log of the process: JSON lines, or readable lines for a terminal. Text from callers, such as a name or an
 * address, cannot begin a line of its own and has no effect on a terminal. Fields named like a secret are censored.
 *
 * @param destination where lines go. After an output had to drop lines, the log reports their number as soon as it can.
 */
export function createLogger(
  { logLevel, logFormat }: Pick<Settings, 'logLevel' | 'logFormat'>,
  destination: DestinationStream = standardOutput,
): Logger {
  const options = {
    level: logLevel,
    base: undefined,
    timestamp,
    mixin: contextFields,
    formatters: { log: withoutSecrets },
    hooks: { streamWrite: printableJson },
  };
  const logger = pino(options, logFormat === 'pretty' ? readable(destination) : destination);
  if (destination instanceof Output) {
    destination.whenResumed = ({ lines, reason }) => {
      logger.error(
        { lines, reason },
        `${lines} lines of output were dropped: ${REASONS[reason] ?? 'they could not be written'}`,
      );
    };
  }
  return logger;
}

/** Lines for people. pino-pretty quotes fields as JSON, but leaves messages unchanged. */
function readable(destination: DestinationStream): DestinationStream {
  const prettify = prettyFactory({
    ignore: 'context',
    messageFormat: (log, messageKey) => printable(String(log[messageKey] ?? '')),
  });
  return { write: (line) => destination.write(prettify(line)) };
}

/** Reasons for dropped lines, by the code of the failure. */
const REASONS: Readonly<Record<string, string>> = {
  EAGAIN: 'their reader had stopped',
  EPIPE: 'their reader was gone',
  ENOSPC: 'the disk was full',
};

/** The time of a line, in UTC. The text is made once for all lines of a millisecond. */
function timestamp(): string {
  const now = Date.now();
  if (now !== lastMoment.time) lastMoment = { time: now, field: `,"time":"${new Date(now).toISOString()}"` };
  return lastMoment.field;
}

let lastMoment = { time: 0, field: '' };

/**
 * Logs one line for each request when it is over. The path is the pattern of the route, so that no secret of a URL is
 * logged.
 */
export function logRequests(fastify: FastifyInstance, logger: Logger): void {
  // None of these fields is a secret, so they are not checked one by one on every request.
  const lines = logger.child({}, { formatters: { log: (fields) => fields } });
  fastify.addHook('onResponse', (request, reply, done) => {
    lines.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ip: sourceAddress(request),
      },
      'request',
    );
    done();
  });
}

/** Sends the log lines of Nest, and of every `new Logger(…)` of ours, to the same log. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  /** @param message a text, or an object with the fields of a line for programs. Such a line has no text of its own. */
  log(message: unknown, context?: string): void {
    if (typeof message === 'object') return this.logger.info({ ...message }, context);
    // Messages of Nest about its own start help only to debug it.
    const level = context && NEST_INTERNALS.has(context) ? 'debug' : 'info';
    this.logger[level]({ context }, String(message));
  }

  error(error: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    // The error itself is not logged: a failed statement carries its parameters, which may be secrets.
    if (error instanceof Error) this.logger.error({ context, stack: error.stack }, error.message);
    else this.logger.error({ context }, String(error));
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }

  debug(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: string): void {
    this.logger.trace({ context }, String(message));
  }
}

const NEST_INTERNALS = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);
