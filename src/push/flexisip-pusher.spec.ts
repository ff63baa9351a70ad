import * as fc from 'fast-check';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import { pusherWords, refusalOfPusher } from './flexisip-pusher.js';

const push = { pnProvider: 'fcm', pnParam: 'my-project', pnPrid: 'device', token: 'aZ3kP9sQ1xW7b' } as const;
const bare = { prefix: null, firebaseKey: null };

/**
 * Parses a command line as the program does. An option takes the next word, whatever it is. `--pn-prid` takes all words
 * up to one that begins with `--`.
 */
function readAsPusher(words: readonly string[]): Map<string, string[]> {
  const options = new Map<string, string[]>();
  for (let index = 0; index < words.length; index++) {
    const option = words[index] ?? '';
    if (!option.startsWith('--')) throw new Error(`? arg${index} ${option}`);
    const values: string[] = [];
    if (option === '--pn-prid')
      while (index + 1 < words.length && !words[index + 1]?.startsWith('--')) values.push(words[++index] ?? '');
    else values.push(words[++index] ?? '');
    options.set(option, values);
  }
  return options;
}

describe('pusherWords', () => {
  it('leaves out what is not set', () => {
    expect(pusherWords(push, bare)).toEqual(
      [
        ['--pn-provider', 'fcm', '--pn-param', 'my-project', '--pn-prid', 'device'],
        ['--apple-push-type', 'Background', '--customPayload', '{"token":"aZ3kP9sQ1xW7b"}'],
      ].flat(),
    );
  });

  it.each(['-', '--', '--help', '-h', '--key', '-x', ''])(
    'refuses %j as a push parameter, which could be taken for an option',
    (value) => {
      expect(() => pusherWords({ ...push, pnParam: value }, bare)).toThrow(OutboundCallFailed);
      expect(() => pusherWords({ ...push, pnPrid: value }, bare)).toThrow(OutboundCallFailed);
    },
  );

  it('is understood by the program as it is meant, whatever the values', () => {
    const value = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.startsWith('-'));
    const provider = fc.constantFrom('apns' as const, 'apns.dev' as const, 'fcm' as const);
    const optional = fc.option(value);
    fc.assert(
      fc.property(provider, value, value, optional, optional, (pnProvider, pnParam, pnPrid, prefix, firebaseKey) => {
        const options = readAsPusher(pusherWords({ ...push, pnProvider, pnParam, pnPrid }, { prefix, firebaseKey }));
        const expected = {
          ...(prefix === null ? {} : { '--prefix': [prefix] }),
          ...(firebaseKey === null || pnProvider !== 'fcm' ? {} : { '--key': [firebaseKey] }),
          '--pn-provider': [pnProvider],
          '--pn-param': [pnParam],
          '--pn-prid': [pnPrid],
          '--apple-push-type': ['Background'],
          '--customPayload': ['{"token":"aZ3kP9sQ1xW7b"}'],
        };
        expect(Object.fromEntries(options)).toEqual(expected);
      }),
    );
  });
});

describe('refusalOfPusher', () => {
  const old = (sent: number, successful: number, failed: number) =>
    `${sent} push notification(s) sent, ${successful} successfully and ${failed} failed.`;
  const modern = (sent: number, successful: number, failed: number) =>
    `Summary: ${sent} push notification(s) sent [successful = ${successful}, failed = ${failed}]`;

  it('finds no fault where the exit code is 0 and some succeeded and none failed, and else it does', () => {
    const count = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(
        fc.constantFrom(old, modern),
        count,
        count,
        count,
        fc.option(count),
        (write, sent, successful, failed, code) => {
          const isDelivered = code === 0 && successful > 0 && failed === 0;
          expect(refusalOfPusher({ code, output: write(sent, successful, failed) }) === null).toBe(isDelivered);
        },
      ),
      // Without these examples, the code is 0 only once in 300 runs.
      {
        examples: [0, 1, 2].flatMap((n) =>
          [0, 1].map((m) => [modern, n + m, n, m, 0] as [typeof old, number, number, number, number]),
        ),
      },
    );
  });

  it('finds the summary in any noise that is no summary itself', () => {
    const noise = fc.array(
      fc.oneof(
        fc.string(),
        fc.constantFrom(
          '\n',
          '1 push',
          ' notification(s) sent',
          ', 0 successfully',
          '[successful = 1',
          '\u001b[0m',
          '\0',
        ),
      ),
    );
    const lines = noise.map((parts) => parts.join('')).filter((text) => !/successfully and|failed = /.test(text));
    fc.assert(
      fc.property(lines, lines, fc.constantFrom(old, modern), (before, after, write) => {
        expect(refusalOfPusher({ code: 0, output: `${before}\n${write(1, 1, 0)}\n${after}` })).toBeNull();
        expect(refusalOfPusher({ code: 0, output: `${before}\n${write(1, 0, 1)}\n${after}` })).toMatch(/1 failed/);
        expect(refusalOfPusher({ code: 0, output: `${before}\n${after}` })).toBe(
          'does not say what became of the push',
        );
      }),
    );
  });

  it('never quotes what the program wrote but its numbers', () => {
    expect(refusalOfPusher({ code: 0, output: `secret ${old(2, 1, 1)} secret` })).toBe(
      'says that of 2 pushes 1 succeeded and 1 failed',
    );
    expect(refusalOfPusher({ code: 1, output: 'secret' })).toBe('ended with exit code 1');
    expect(refusalOfPusher({ code: null, output: 'secret' })).toBe('was ended by a signal');
  });

  it.each([
    ['digits', '1'.repeat(65_536)],
    ['numbers', '1 '.repeat(32_768)],
    ['beginnings of a summary', '1 push notification(s) sent, '.repeat(2_000)],
  ])('is done at once with 64 KiB of %s', (_name, output) => {
    const begin = performance.now();
    expect(refusalOfPusher({ code: 0, output })).toBe('does not say what became of the push');
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});
