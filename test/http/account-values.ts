/** What a member may hold, and what it may not; each kind of member of the contract once. */
export interface Kind {
  /** Strings (or other values) that are refused with 422, naming the member. */
  bad: unknown[];
  /** Values that are accepted. */
  good: unknown[];
}

export const HALF = 'half\ud800half';
const OTHER_HALF = 'half\udc00half';

/** JSON that is no string at all; the text of a good value inside is no excuse. */
export const noString = (good: unknown): unknown[] => [
  0,
  1,
  -1.5,
  1234,
  true,
  false,
  [],
  {},
  [good],
  [[good]],
  { value: good },
  { 0: good, length: 1 },
  { toString: good },
  [null],
];

/** What surrounds a good value and makes another one of it: nothing is trimmed (protocol §1). */
export const surrounded = (good: string): string[] => [
  ` ${good}`,
  `${good} `,
  `\t${good}`,
  `${good}\n`,
  `${good}\r\n`,
  `${good}\0`,
  `\0${good}`,
  `${good}\u00a0`,
  `\u200b${good}`,
  `\ufeff${good}`,
  `${good}\u2028`,
  `${good}\ud800`,
];

const username: Kind = {
  good: ['abcdef', 'a.b_c+d-e', '123456', '+33611111111', 'x'.repeat(64)],
  bad: [
    ...surrounded('johndoe'),
    '',
    'abcde',
    'x'.repeat(65),
    'x'.repeat(10_000),
    'JohnDoe',
    'john doe',
    'john\tdoe',
    'john\0doe',
    'j\u00fcrgen',
    'jo\u0301hndoe',
    '\u043f\u043e\u043b\u044c\u0437\u043e\u0432\u0430\u0442\u0435\u043b\u044c',
    '\u7528\u6237\u540d\u7528\u6237\u540d',
    '\u0661\u0662\u0663\u0664\u0665\u0666',
    '\uff4a\uff4f\uff48\uff4e\uff44\uff4f\uff45',
    '\u{1f4a9}\u{1f4a9}\u{1f4a9}\u{1f4a9}\u{1f4a9}\u{1f4a9}',
    'john@doe',
    'john/doe',
    'john;doe',
    'john%20doe',
    "john'doe",
    'john"doe',
    'john\\doe',
    'john*doe',
    HALF,
  ],
};

const password: Kind = {
  good: [
    '123456',
    'x'.repeat(256),
    '      ',
    '  around  ',
    'tab\tand\nline',
    'nul\0nul',
    '\u043f\u0430\u0440\u043e\u043b\u044c',
    '\u{1f511}'.repeat(256),
    'a:b:c:d',
    '"quoted"',
  ],
  bad: [
    '',
    '12345',
    ' 1234',
    'x'.repeat(257),
    '\u{1f511}'.repeat(5),
    '\u{1f511}'.repeat(257),
    'x'.repeat(10_000),
    HALF,
    OTHER_HALF,
  ],
};

const algorithm: Kind = {
  good: ['MD5', 'SHA-256'],
  bad: [
    ...surrounded('MD5'),
    ...surrounded('SHA-256'),
    '',
    'md5',
    'sha-256',
    'SHA256',
    'SHA-512-256',
    'MD5-sess',
    'CLRTXT',
    'MD5,SHA-256',
    'SHA\u2010256',
  ],
};

const registrationDomain: Kind = {
  good: ['sip.example.org'],
  bad: [
    ...surrounded('sip.example.org'),
    '',
    'example.org',
    'SIP.example.org',
    'sip.example.org.',
    'a.sip.example.org',
    's\u0456p.example.org',
    '192.0.2.1',
  ],
};

const domain: Kind = {
  good: [
    'sip.example.org',
    'other.example.org',
    'localhost',
    '192.0.2.1',
    'xn--bcher-kva.example',
    `${'a'.repeat(60)}.org`,
  ],
  bad: [
    ...surrounded('other.example.org'),
    '',
    'Other.example.org',
    'a_b.example.org',
    '-a.example.org',
    'a-.example.org',
    'a..example.org',
    '.example.org',
    'example.org.',
    'a b.org',
    'a@b.org',
    'b\u00fccher.example',
    '\u4f8b\u3048.jp',
    '\u0661\u0669\u0662.0.2.1',
    `${'a'.repeat(61)}.org`,
    `${'a'.repeat(64)}`.concat('.org'),
    'x'.repeat(10_000),
    '[2001:db8::1]',
    '2001:db8::1',
    'example.org:5060',
    'example.org/x',
    '*.example.org',
    "example.org'",
    HALF,
  ],
};

const email: Kind = {
  good: ['new@example.org', 'UPPER.Case@Example.ORG', "o'neil+tag@example.co.uk", `${'a'.repeat(52)}@example.org`],
  bad: [
    ...surrounded('new@example.org'),
    '',
    'plain',
    '@example.org',
    'a@',
    'a@@example.org',
    'a@b@example.org',
    'a b@example.org',
    'A <a@example.org>',
    '<a@example.org>',
    'a@example.org,b@example.org',
    'a@example.org;b@example.org',
    'a@example.org b@example.org',
    'mailto:a@example.org b',
    '.a@example.org',
    'a.@example.org',
    'a..b@example.org',
    'a@example..org',
    'a@-example.org',
    'a@example.org.',
    'a@exa mple.org',
    'a@exa\nmple.org',
    'a\0b@example.org',
    'a\r\nBcc: b@example.org',
    '"a\r\nBcc: b@example.org"@c.org',
    '"a\nb"@example.org',
    '"a\rb"@example.org',
    '"a\tb"@example.org',
    '"a\u0001b"@example.org',
    '"a\u007fb"@example.org',
    '"a\\\u0001b"@example.org',
    `${'a'.repeat(53)}@example.org`,
    `a@${'a'.repeat(60)}.org`,
    `${'a'.repeat(60_000)}@example.org`,
    `${'a.'.repeat(30_000)}@example.org`,
    `"${' '.repeat(30_000)}`,
    `a@${'a-'.repeat(30_000)}`,
    HALF,
    `${HALF}@example.org`,
    '\u202ea@example.org',
  ],
};

const phone: Kind = {
  good: ['+33622222222', '+12025550123'],
  bad: [
    ...surrounded('+33612345678'),
    '',
    '+',
    '++33612345678',
    '0612345678',
    '0033612345678',
    '33612345678',
    '+0123456789',
    '+33 6 12 34 56 78',
    '+33-612345678',
    '+33(6)12345678',
    '+33612345678;ext=1',
    '+33612345678,+33612345679',
    'tel:+33612345678',
    '+3361234567890123',
    `+${'3'.repeat(10_000)}`,
    '+3361234567a',
    '+\u0663\u0663\u0666\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668',
    '+\uff13\uff13\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18',
    '\uff0b33612345678',
    '+33612345\u0000678',
    HALF,
  ],
};

const displayName: Kind = {
  good: [
    'J',
    'John Doe',
    'Jürgen 日本 \u{1f4f1}',
    '  around  ',
    '<b>"John" & \'Doe\'</b>',
    'x'.repeat(255),
    '\u{1f511}'.repeat(255),
  ],
  bad: [
    '',
    'x'.repeat(256),
    '\u{1f511}'.repeat(256),
    'x'.repeat(10_000),
    'a\0b',
    'a\tb',
    'a\nb',
    'a\r\nFrom: b',
    'a\u007fb',
    'a\u0085b',
    'a\u2028b',
    'a\u2029b',
    HALF,
    OTHER_HALF,
  ],
};

const dtmfProtocol: Kind = {
  good: ['sipinfo', 'rfc2833', 'sipmessage'],
  bad: [...surrounded('sipinfo'), '', 'SIPINFO', 'rfc4733', 'sipinfo,rfc2833', HALF],
};

export const accountKinds = {
  username,
  password,
  algorithm,
  registrationDomain,
  domain,
  email,
  phone,
  displayName,
  dtmfProtocol,
};
