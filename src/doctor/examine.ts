import { reasonOf } from '../outbound/outbound-call-failed.js';
import { type Check, error, type Finding, type Verdict } from './finding.js';

/**
 * Runs checks at once, and tells what they found in their order, each as soon as those before it are told. One that
 * throws or hangs is an error, and keeps nobody else from being told.
 *
 * @param seconds after which a check that has not ended is cut.
 */
export async function examine(checks: readonly Check[], seconds: number, tell: (finding: Finding) => void): Promise<Finding[]> {
  const runs = checks.map((check) => ({ check, verdicts: within(check, seconds) }));
  const findings: Finding[] = [];
  for (const { check, verdicts } of runs) {
    for (const verdict of await verdicts) {
      const finding = { check: check.name, ...verdict };
      findings.push(finding);
      tell(finding);
    }
  }
  return findings;
}

async function within(check: Check, seconds: number): Promise<readonly Verdict[]> {
  const attempt = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Verdict[]>((resolve) => {
    timer = setTimeout(() => resolve([error(`no answer within ${seconds} s`, 'See whether what it asks hangs.')]), seconds * 1000);
  });
  try {
    return await Promise.race([check.run(attempt.signal), late]);
  } catch (reason) {
    return [error(`could not find out: ${reasonOf(reason)}`)];
  } finally {
    clearTimeout(timer);
    attempt.abort();
  }
}
