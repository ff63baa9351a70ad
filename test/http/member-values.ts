import { accountKinds, HALF, type Kind, noString, surrounded } from './account-values.js';

export { noString };

const digits = {
  bad: [
    ...surrounded('1234'),
    '',
    '123',
    '12345',
    '12a4',
    '1.23',
    '-123',
    '+123',
    '0x12',
    '1e10',
    '\u0661\u0662\u0663\u0664',
    '\uff11\uff12\uff13\uff14',
    HALF,
  ],
};

const emailCode: Kind = {
  good: ['aZ3kP9sQ1xW7c', '4321', '0000'],
  bad: [
    ...digits.bad,
    ...surrounded('aZ3kP9sQ1xW7c'),
    'aZ3kP9sQ1xW7',
    'aZ3kP9sQ1xW7bb',
    'aZ3kP9sQ1xW7-',
    'aZ3kP9sQ1xW_b',
    'aZ3kP9sQ1xW\u00e9b',
    '\u0430Z3kP9sQ1xW7b',
    'x'.repeat(10_000),
  ],
};

const phoneCode: Kind = { good: ['4321', '0000'], bad: [...digits.bad, 'aZ3kP9sQ1xW7b', '1'.repeat(10_000)] };

const token: Kind = {
  good: [],
  bad: [
    '',
    'unknown',
    'x'.repeat(255),
    'x'.repeat(256),
    'x'.repeat(10_000),
    "' OR '1'='1",
    '%',
    'nul\0',
    '\u{1f511}',
    '\u043a\u043b\u044e\u0447',
    HALF,
    ...surrounded('unknown'),
  ],
};

const provider: Kind = {
  good: ['apns', 'apns.dev', 'fcm'],
  bad: [
    ...surrounded('fcm'),
    ...surrounded('apns.dev'),
    '',
    'FCM',
    'apnsxdev',
    'apns.prod',
    'gcm',
    'fcm,apns',
    '--fcm',
    HALF,
  ],
};

const pushParameter: Kind = {
  good: [
    'a',
    '_',
    '.',
    ':',
    '&',
    'a-b',
    'ABCD1234.org.linphone.phone.remote&voip',
    'f6y8_CVdQnY:APA91bH-x',
    'x'.repeat(255),
  ],
  bad: [
    ...surrounded('project'),
    '',
    '-',
    '-x',
    '--help',
    'x'.repeat(256),
    'x'.repeat(10_000),
    'a b',
    'a/b',
    '../x',
    'a;b',
    'a|b',
    '$(id)',
    '`id`',
    'a\nb',
    "a'b",
    'a"b',
    'a\\b',
    'a=b',
    'a%20b',
    'a+b',
    'a,b',
    'a@b',
    'pr\u00f6ject',
    '\u043f\u0440\u043e\u0435\u043a\u0442',
    '\u{1f4a9}',
    HALF,
  ],
};

const boolean: Kind = {
  good: [true, false, 1, 0, '1', '0', null],
  bad: [
    '',
    'true',
    'false',
    'TRUE',
    'yes',
    'on',
    ' 1',
    '1 ',
    '01',
    '00',
    '2',
    '-1',
    '1.0',
    2,
    -1,
    0.5,
    1e300,
    [],
    {},
    [true],
    [1],
    { value: true },
    HALF,
  ],
};

const date: Kind = {
  good: [
    '2000-01-01 00:00:00',
    '2028-02-29 12:00:00',
    '2037-12-31 23:59:59',
    '2100-06-01 00:00:00',
    '9999-12-31 23:59:59',
  ],
  bad: [
    ...surrounded('2026-12-31 23:59:59'),
    '',
    'tomorrow',
    '2026-12-31',
    '23:59:59',
    '2026-12-31T23:59:59',
    '2026-12-31T23:59:59Z',
    '2026-12-31 23:59',
    '2026-12-31 23:59:59Z',
    '2026-12-31 23:59:59+01:00',
    '2026-12-31 23:59:59.000',
    '2026-13-01 00:00:00',
    '2026-00-01 00:00:00',
    '2026-01-00 00:00:00',
    '2026-02-30 00:00:00',
    '2025-02-29 00:00:00',
    '2026-12-32 00:00:00',
    '2026-12-31 24:00:00',
    '2026-12-31 23:60:00',
    '2026-12-31 23:59:60',
    '0000-00-00 00:00:00',
    '10000-01-01 00:00:00',
    '+12026-12-31 23:59:59',
    '-2026-12-31 23:59:59',
    '2026-1-1 0:0:0',
    '31-12-2026 23:59:59',
    '2026/12/31 23:59:59',
    '1798761599',
    '\u0662\u0660\u0662\u0666-12-31 23:59:59',
    HALF,
  ],
};

const oldPassword: Kind = {
  good: [],
  bad: ['', 'wrong', 'x'.repeat(60_000), HALF, ...surrounded('secret words'), 'Secret words', 'secret  words'],
};

export const kinds = {
  ...accountKinds,
  emailCode,
  phoneCode,
  token,
  provider,
  pushParameter,
  boolean,
  date,
  oldPassword,
} as const satisfies Record<string, Kind>;
