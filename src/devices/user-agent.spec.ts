import { parseUserAgent } from './user-agent.js';

describe('parseUserAgent()', () => {
  it.each([
    ['LinphoneAndroid/6.0.5 (Galaxy S21) LinphoneSDK/5.4.2', 'LinphoneAndroid', '6.0.5', 'Galaxy S21'],
    ['LinphoneiOS/6.0.0 (John’s iPhone) LinphoneSDK/5.4.0-alpha+12', 'LinphoneiOS', '6.0.0', 'John’s iPhone'],
    ['Linphone-Desktop/6.0.1 (office) Debian/12 LinphoneSDK/5.4', 'Linphone-Desktop', '6.0.1', 'office'],
    ['Linphone Desktop/4.4.0 (office) LinphoneCore/5.1', 'Linphone Desktop', '4.4.0', 'office'],
    ['LinphoneAndroid/5.2.5', 'LinphoneAndroid', '5.2.5', null],
    ['LinphoneAndroid/5.2.5 ()', 'LinphoneAndroid', '5.2.5', null],
    ['LinphoneAndroid/5.2.5 ( )', 'LinphoneAndroid', '5.2.5', null],
    ['LinphoneAndroid/5.2.5 (Jo (work))', 'LinphoneAndroid', '5.2.5', 'Jo (work'],
    ['LinphoneAndroid/5.2.5 (never closed', 'LinphoneAndroid', '5.2.5', null],
    ['App/1.0/2', 'App', '1.0/2', null],
    ['(Galaxy S21) App/1.0', null, null, 'Galaxy S21'],
    ['a telephone', null, null, null],
    ['App/', null, null, null],
    ['App/ 1.0', null, null, null],
    ['/1.0', null, null, null],
    [' /1.0', null, null, null],
    ['', null, null, null],
    [')(', null, null, null],
  ])('takes apart "%s"', (userAgent, app, version, deviceName) => {
    expect(parseUserAgent(userAgent)).toEqual({ app, version, deviceName });
  });

  it.each(['a', ' ', '(', '/', 'a ', 'a/', '()', ' (', '/('])('takes no time for 100000 times "%s"', (part) => {
    const start = performance.now();
    parseUserAgent(part.repeat(100_000));
    expect(performance.now() - start).toBeLessThan(200);
  });
});
