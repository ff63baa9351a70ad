import * as fc from 'fast-check';
import { parseAppleParameters } from './apple-parameters.js';

const ONE = 'a1B2'.repeat(16);
const OTHER = '0f9E'.repeat(16);

describe('parseAppleParameters', () => {
  it.each([
    ['no service', 'ABCD1234.org.linphone.phone', ONE, 'org.linphone.phone', ONE],
    [
      'no service, and a token that says what is meant then',
      'ABCD1234.org.linphone.phone',
      `${ONE}:remote`,
      'org.linphone.phone',
      ONE,
    ],
    ['remote', 'ABCD1234.org.linphone.phone.remote', ONE, 'org.linphone.phone', ONE],
    [
      'remote, named by the token too',
      'ABCD1234.org.linphone.phone.remote',
      `${ONE}:remote`,
      'org.linphone.phone',
      ONE,
    ],
    ['voip', 'ABCD1234.org.linphone.phone.voip', ONE, 'org.linphone.phone.voip', ONE],
    ['voip, named by the token too', 'ABCD1234.org.linphone.phone.voip', `${ONE}:voip`, 'org.linphone.phone.voip', ONE],
    ['both', 'ABCD1234.org.linphone.phone.remote&voip', `${ONE}:remote&${OTHER}:voip`, 'org.linphone.phone', ONE],
    [
      'both, tokens the other way round',
      'ABCD1234.org.linphone.phone.remote&voip',
      `${OTHER}:voip&${ONE}:remote`,
      'org.linphone.phone',
      ONE,
    ],
    [
      'both, services the other way round',
      'ABCD1234.org.linphone.phone.voip&remote',
      `${ONE}:remote&${OTHER}:voip`,
      'org.linphone.phone',
      ONE,
    ],
    [
      'both, all the other way round',
      'ABCD1234.org.linphone.phone.voip&remote',
      `${OTHER}:voip&${ONE}:remote`,
      'org.linphone.phone',
      ONE,
    ],
    ['a bundle of one word', 'ABCD1234.phone.remote', ONE, 'phone', ONE],
    ['a bundle called voip', 'ABCD1234.voip', ONE, 'voip', ONE],
    ['a bundle called remote, with a service', 'ABCD1234.remote.voip', ONE, 'remote.voip', ONE],
    ['a bundle that ends like a service', 'ABCD1234.org.voip.remote', ONE, 'org.voip', ONE],
    ['a bundle that ends nearly like one', 'ABCD1234.org.myvoip', ONE, 'org.myvoip', ONE],
    ['a service in capitals, which is none', 'ABCD1234.org.linphone.VOIP', ONE, 'org.linphone.VOIP', ONE],
    ['hyphens and underscores', 'ABCD1234.org.lin-phone_2.voip', ONE, 'org.lin-phone_2.voip', ONE],
  ])('reads %s', (_name, pnParam, pnPrid, topic, deviceToken) => {
    expect(parseAppleParameters(pnParam, pnPrid)).toEqual({ topic, deviceToken });
  });

  it.each([
    ['a project of Firebase', 'my-project', ONE],
    ['no bundle', 'ABCD1234.', ONE],
    ['no team', '.org.linphone.phone', ONE],
    ['nothing', '', ONE],
    ['no device', 'ABCD1234.org.linphone.phone', ''],
    ['a device of Firebase', 'ABCD1234.org.linphone.phone', 'f6y8_CVdQnY:APA91bHZcGcxaQ'],
    ['a device that leads elsewhere', 'ABCD1234.org.linphone.phone', '../../other'],
    ['a device of dots', 'ABCD1234.org.linphone.phone', '..'],
    ['a service that is none', 'ABCD1234.org.linphone.phone', `${ONE}:message`],
    ['a token for the wrong service', 'ABCD1234.org.linphone.phone.remote', `${ONE}:voip`],
    ['a token for the other wrong service', 'ABCD1234.org.linphone.phone.voip', `${ONE}:remote`],
    ['a voip token where no service is named', 'ABCD1234.org.linphone.phone', `${ONE}:voip`],
    ['two tokens for nothing named', 'ABCD1234.org.linphone.phone.remote&voip', `${ONE}&${OTHER}`],
    ['two tokens of which none is remote', 'ABCD1234.org.linphone.phone.remote&voip', `${ONE}:voip&${OTHER}:voip`],
    ['a separator alone', 'ABCD1234.org.linphone.phone.remote&voip', '&'],
    ['a service alone', 'ABCD1234.org.linphone.phone.remote', ':remote'],
  ])('refuses %s', (_name, pnParam, pnPrid) => {
    expect(parseAppleParameters(pnParam, pnPrid)).toBeNull();
  });

  it('gives nothing that could break out of a path or a header, whatever a device says', () => {
    const parameter = fc.string({
      unit: fc.constantFrom(...'aF09._:&-', 'voip', 'remote', '.voip', '.remote&voip', ':voip', ONE),
      maxLength: 12,
    });
    let taken = 0;
    fc.assert(
      fc.property(parameter, parameter, (pnParam, pnPrid) => {
        const target = parseAppleParameters(pnParam, pnPrid);
        if (target === null) return;
        taken += 1;
        expect(target.deviceToken).toMatch(/^[0-9A-Fa-f]+$/);
        expect(pnPrid).toContain(target.deviceToken);
        expect(pnParam.slice(pnParam.indexOf('.') + 1).startsWith(target.topic)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(0);
  });

  it.each([
    ['dots', 'a.'.repeat(127), ONE],
    ['services', `A.b.${'voip&'.repeat(50)}`, ONE],
    ['devices', 'A.b.remote', `${ONE}&`.repeat(1_000)],
  ])('is done at once with many %s', (_name, pnParam, pnPrid) => {
    const begin = performance.now();
    parseAppleParameters(pnParam, pnPrid);
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});
