import { PassThrough } from 'node:stream';
import type { Logger } from 'pino';
import { createLogger, NestLogger } from './logger.js';

/** Text that a caller may send: a line break, escape sequences in ASCII and beyond, and text that runs backwards. */
const HOSTILE = 'alice\r\n[10:00:00.000] INFO: all is well\u001b[2J\u009b31m\u0000\u007f\u0085\u2028\u2029\u202eecila';

/** All characters that affect a terminal or end a line. */
const EFFECTIVE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

describe.each(['json', 'pretty'] as const)('The log as %s', (logFormat) => {
  /** Returns the lines that `write` logs. */
  async function linesOf(write: (logger: Logger) => void): Promise<string[]> {
    const stream = new PassThrough();
    const logger = createLogger({ logLevel: 'trace', logFormat }, stream);
    write(logger);
    logger.info('the end of the test');
    let text = '';
    for await (const chunk of stream) {
      text += String(chunk);
      if (text.includes('the end of the test')) break;
    }
    return text.split('\n').filter((line) => line !== '' && !line.includes('the end of the test'));
  }

  it.each<[string, (logger: Logger) => void]>([
    ['a message', (logger) => logger.warn(HOSTILE)],
    ['a field', (logger) => logger.warn({ ip: HOSTILE, request: { route: [HOSTILE] } }, 'request')],
    ['an error', (logger) => logger.error(new Error(HOSTILE))],
    ['an error in a field', (logger) => logger.error({ error: new Error(HOSTILE), err: new Error(HOSTILE) }, 'failed')],
    ['an error of Nest', (logger) => new NestLogger(logger).error(new Error(HOSTILE), 'Test')],
    ['a warning of Nest', (logger) => new NestLogger(logger).warn(HOSTILE, 'Test')],
  ])('shows control characters in %s without their effect', async (_name, write) => {
    const lines = await linesOf(write);
    expect(lines.filter((line) => EFFECTIVE.test(line))).toEqual([]);
    expect(lines.filter((line) => line.trimStart().startsWith('[10:00:00.000]'))).toEqual([]);
    expect(lines.join('\n')).toMatch(/alice\\(r|u000d)/);
  });

  it('leaves every other text as it is', async () => {
    const [line = ''] = await linesOf((logger) => logger.info('jérôme “日本” 😀 C:\\new +33612345678'));
    expect(line).toContain(
      logFormat === 'json' ? 'jérôme “日本” 😀 C:\\\\new +33612345678' : 'jérôme “日本” 😀 C:\\new +33612345678',
    );
  });

  it.each([
    'password',
    'old_password',
    'oldPassword',
    'ha1',
    'hash',
    'token',
    'code',
    'confirmation_key',
    'confirmationKey',
    'key',
    'apiKey',
    'appKey',
    'secret',
    'link',
    'cnonce',
    'response',
    'authorization',
    'Authorization',
    'x-api-key',
    'cookie',
    'parameters',
  ])('censors a field that is called %s, wherever it is', async (field) => {
    const lines = await linesOf((logger) => {
      logger.info({ [field]: 'Secret-0' });
      logger.info({ body: { [field]: 'Secret-1', username: 'alice' } });
      logger.info({ request: { headers: { [field]: 'Secret-2' } } });
      logger.info({ list: [{ deep: { deeper: { [field]: ['Secret-3'] } } }] });
      logger.error(Object.assign(new Error('failed'), { [field]: 'Secret-4' }));
    });
    expect(lines.join('\n').match(/Secret-\d/g)).toBeNull();
    expect(lines.join('\n').match(/\[Redacted\]/g)).toHaveLength(4);
    expect(lines.join('\n')).toContain('alice');
  });
});

describe('An object in a circle', () => {
  it('is logged all the same', () => {
    const lines: string[] = [];
    const circle: Record<string, unknown> = { name: 'alice' };
    circle.self = circle;
    createLogger({ logLevel: 'info', logFormat: 'json' }, { write: (line) => void lines.push(line) }).info(
      { circle },
      'round',
    );
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'round', circle: { name: 'alice' } });
  });
});

describe('An object that was logged', () => {
  it('keeps what was censored in the log', () => {
    const body = { password: 'secret words', headers: { authorization: 'Digest' } };
    createLogger({ logLevel: 'info', logFormat: 'json' }, { write: () => {} }).info({ body });
    expect(body).toEqual({ password: 'secret words', headers: { authorization: 'Digest' } });
  });
});
