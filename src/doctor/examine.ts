import { reasonOf } from '../outbound/outbound-call-failed.js';
import { type Check, error, type Finding, type Verdict } from './finding.js';

/**
 * Runs all checks at the same time. Reports their findings in order, each as soon as the previous ones are reported. A
 * check that throws or hangs counts as an error and does not stop the others.
 *
 * @param seconds after which an unfinished check is cancelled.
 */
export async function examine(
  checks: readonly Check[],
  seconds: number,
  tell: (finding: Finding) => void,
): Promise<Finding[]> {
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
    timer = setTimeout(
      () => resolve([error(`no answer within ${seconds} s`, 'Check whether the service it asks hangs.')]),
      seconds * 1000,
    );
  });
  try {
    return await Promise.race([check.run(attempt.signal), late]);
  } catch (reason) {
    return [error(`could not be checked: ${reasonOf(reason)}`)];
  } finally {
    clearTimeout(timer);
    attempt.abort();
  }
}
