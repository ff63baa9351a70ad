import type { Random } from '../random.js';

/** The name of injected header lines. No answer may have such a header. */
export const INJECTED = 'X-Injected';

/** No page may contain this text unescaped. */
export const SCRIPT = '<script>alert(1)</script>';

/** Texts that have broken parsers, shells, pages, statements or tables. */
const NASTY: readonly string[] = [
  '',
  ' ',
  "' OR '1'='1",
  "'; DROP TABLE accounts;--",
  '" OR 1=1 --',
  "\\'; SELECT SLEEP(5)#",
  '1 UNION SELECT password FROM passwords',
  SCRIPT,
  '"><img src=x onerror=alert(1)>',
  `\r\n${INJECTED}: yes`,
  `\n${INJECTED}: yes\n\n`,
  `%0d%0a${INJECTED}: yes`,
  '%s%n%x%p%d',
  '%',
  '${7*7}',
  '{{7*7}}',
  '$(id)',
  '`id`',
  '; id',
  '| id',
  '../../../etc/passwd',
  '\0',
  'a\0b',
  '\u001b[31m',
  '\u202e',
  '\u200b',
  '\ufeff',
  '\ufb00',
  '\u00e9',
  'e\u0301',
  '\u{1f4a9}',
  '\ud800',
  '\udfff\ud800',
  '\u0661\u0662\u0663\u0664',
  '\uff11\uff12\uff13\uff14',
  ' 1234',
  '1234\n',
  '01234',
  '-1',
  '0x10',
  '1e1',
  'NaN',
  'Infinity',
  'null',
  'undefined',
  'true',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '[object Object]',
  '*',
  '_',
  '%25',
  'CLRTXT',
  'sha-256',
  'apns.dev\0',
  '+',
  '+0',
  '+33',
  'tel:+33612345678',
  'a@b@c.example',
  '"a b"@example.org',
  'a@[127.0.0.1]',
  'a@example.org\r\nBcc: b@example.org',
  'me',
  'with-token',
  'a'.repeat(64),
  'a'.repeat(65),
  'a'.repeat(256),
  'a'.repeat(257),
  'a'.repeat(5_000),
  '\u{1f4a9}'.repeat(300),
];

/** JSON texts of every kind, and some that are nearly invalid. */
const VALUES: readonly string[] = [
  'null',
  'true',
  'false',
  '0',
  '1',
  '-1',
  '-0',
  '1.5',
  '1e308',
  '1e400',
  '-1e400',
  '4294967296',
  '9007199254740993',
  '123456789012345678901234567890',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '["1234"]',
  '{"$gt":""}',
  '{"length":13}',
  '{"__proto__":{"admin":true}}',
  '{"toString":"x"}',
  '{"constructor":{"prototype":{"admin":true}}}',
  String.raw`"\ud800"`,
  String.raw`"\u0000"`,
  String.raw`"\u0041"`,
  '"1"',
  '"0"',
  '"true"',
];

/** A text for a place where another text belongs. */
export function anyText(random: Random): string {
  const kind = random.below(10);
  if (kind < 6) return random.pick(NASTY);
  if (kind < 8) return random.text(random.below(30));
  return random.text(random.below(20), 0, 0x2fff);
}

/** A random JSON value, some levels deep. */
function anyJson(random: Random, depth: number): unknown {
  const kind = random.below(depth > 0 ? 6 : 4);
  if (kind === 0) return anyText(random);
  if (kind === 1) return (random.below(2 ** 31) - 2 ** 30) * random.pick([1, 0.001, 1e300]);
  if (kind < 4) return random.pick([null, true, false, '', 0]);
  const values = Array.from({ length: random.below(5) }, () => anyJson(random, depth - 1));
  return kind === 4 ? values : Object.fromEntries(values.map((value) => [anyText(random), value]));
}

/** The JSON text of a value, often of the wrong type. */
export function anyValue(random: Random): string {
  const kind = random.below(14);
  if (kind < 5) return random.pick(VALUES);
  if (kind < 11) return JSON.stringify(anyText(random));
  if (kind < 13) return JSON.stringify(anyJson(random, 3));
  const depth = random.pick([2, 50, 1_000, 20_000]);
  return random.chance(0.5) ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

/** Characters that no header can carry. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
export const CONTROLS = /[\0-\x08\x0a-\x1f\x7f]/g;

/** Text that usually can be carried in a header. */
export function anyHeaderText(random: Random): string {
  const text = anyText(random);
  const isCarried = random.chance(0.95);
  return Buffer.from(isCarried ? text.replaceAll(CONTROLS, '') : text, 'utf8').toString('latin1');
}
