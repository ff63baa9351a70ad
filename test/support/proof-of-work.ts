import { type Challenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/scrypt';

/** The challenge on a page. */
export function challengeOn(page: string): Challenge {
  const [, text = ''] = /data-challenge="([^"]*)"/.exec(page) ?? [];
  return JSON.parse(text.replaceAll('&quot;', '"').replaceAll('&amp;', '&')) as Challenge;
}

/** The fields of a form whose challenge is solved, as the script of the page sends them. */
export async function solved(challenge: Challenge): Promise<{ altcha: string }> {
  const solution = await solveChallenge({ challenge, deriveKey });
  return { altcha: JSON.stringify({ challenge, solution }) };
}
