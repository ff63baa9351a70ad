import { examine } from './examine.js';
import { type Check, type Finding, ok } from './finding.js';

describe('An examination', () => {
  const never = () => new Promise<never>(() => {});

  it('tells in order what was found, whatever throws or hangs', async () => {
    let signal: AbortSignal | undefined;
    const checks: Check[] = [
      { name: 'hanging', run: (given) => ((signal = given), never()) },
      { name: 'throwing', run: () => Promise.reject(Object.assign(new Error('what it says'), { code: 'ECODE' })) },
      { name: 'well', run: () => [ok('one'), ok('other')] },
    ];
    const told: Finding[] = [];
    const findings = await examine(checks, 0.05, (finding) => told.push(finding));
    expect(findings.map(({ check, level, message }) => [check, level, message])).toEqual([
      ['hanging', 'error', 'no answer within 0.05 s'],
      ['throwing', 'error', 'could not be checked: ECODE'],
      ['well', 'ok', 'one'],
      ['well', 'ok', 'other'],
    ]);
    expect(told).toEqual(findings);
    expect(signal?.aborted).toBe(true);
  });
});
