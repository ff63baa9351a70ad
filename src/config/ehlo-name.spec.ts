import { defaultEhloName, isEhloName } from './ehlo-name.js';

describe('the name for EHLO', () => {
  it.each([
    'api.example.org',
    'API.Example.ORG',
    'localhost',
    'xn--bcher-kva.example',
    'a1.4ab',
    '[192.0.2.1]',
    '[IPv6:2001:db8::1]',
    '[ipv6:::1]',
  ])('may be %s', (name) => {
    expect(isEhloName(name)).toBe(true);
  });

  it.each([
    '',
    ' ',
    'a b',
    'api.example.org.',
    'api..example',
    '-a.example',
    'a-.example',
    'my_host.example',
    'bücher.example',
    '192.0.2.1',
    '2001:db8::1',
    '[2001:db8::1]',
    '[IPv6:192.0.2.1]',
    '[IPv6:fe80::1%eth0]',
    '[192.0.2]',
    '[api.example.org]',
    '[]',
    'api.example.org\r\nRSET',
    'api.example.org\n',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(128)}a`,
  ])('may not be "%s"', (name) => {
    expect(isEhloName(name)).toBe(false);
  });

  it.each([
    ['https://api.example.org/flexiapi', 'sip.example.net', 'api.example.org'],
    ['https://API.example.org.:8443', 'sip.example.net', 'api.example.org'],
    ['https://bücher.example', '', 'xn--bcher-kva.example'],
    ['http://192.0.2.1:3000', 'sip.example.net', '[192.0.2.1]'],
    ['http://[2001:db8::1]', 'sip.example.net', '[IPv6:2001:db8::1]'],
    ['http://127.0.0.1:3000', 'sip.example.net', 'sip.example.net'],
    ['http://[::1]:3000', 'sip.example.net', 'sip.example.net'],
    ['http://localhost:3000', 'sip.example.net', 'sip.example.net'],
    ['http://my_host.example', 'sip.example.net', 'sip.example.net'],
    ['http://127.0.0.1:3000', '4f1c2b', '[127.0.0.1]'],
    ['http://[::1]:3000', 'my_host.example', '[IPv6:::1]'],
    ['http://api', '4f1c2b', 'api'],
    ['http://my_host.example', '4f1c2b', '[127.0.0.1]'],
  ])('is by default, with the URL %s on the host "%s", %s', (url, system, name) => {
    expect(defaultEhloName(url, system)).toBe(name);
    expect(isEhloName(name)).toBe(true);
  });
});
