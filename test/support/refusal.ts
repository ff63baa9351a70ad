import type { Answer } from './http.js';

/**
 * The machine-readable part of an error in one line: status, code, and for a 422 the rejected members. An example is
 * `422 validation_failed password,username`.
 *
 * @throws an Error if the body is not exactly the common error body of the protocol (§1).
 */
export function refusal(answer: Answer): string {
  const { status, text } = answer;
  const problem = (what: string) => new Error(`${status} is no error body: ${what} in ${text}`);
  if (status < 400) throw problem('a success');
  const { message, code, errors, ...others } = answer.json;
  if (Object.keys(others).length > 0) throw problem('unknown members');
  if (typeof message !== 'string' || message === '') throw problem('no message');
  if (typeof code !== 'string' || !/^[a-z]+(_[a-z]+)*$/.test(code)) throw problem('no code in snake case');
  if ((status === 422) !== (errors !== undefined)) throw problem('errors without 422, or 422 without errors');
  if (errors === undefined) return `${status} ${code}`;
  for (const messages of Object.values(errors)) {
    const isListOfTexts =
      Array.isArray(messages) && messages.length > 0 && messages.every((one) => typeof one === 'string' && one !== '');
    if (!isListOfTexts) throw problem('errors that are no lists of texts');
  }
  return `${status} ${code} ${Object.keys(errors).toSorted().join(',')}`;
}

/** The number of responses of each kind: `200`, or the error. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const kind = answer.status < 400 ? String(answer.status) : refusal(answer);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
