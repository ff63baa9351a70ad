import { type RawAnswer, flawsOf } from '../../support/raw-http.js';
import { type Who, whoMayCall } from '../../support/access.js';
import { checkAgainstDocument } from '../../support/published-document.js';
import { parseChallenge } from '../../support/digest-client.js';
import type { Caller, Input } from './inputs.js';
import { INJECTED, SCRIPT } from './values.js';

/** The allowed statuses (protocol §1). All dependencies are available, so there is no 5xx, and no limit is on. */
const STATUSES = [200, 201, 302, 400, 401, 403, 404, 405, 412, 413, 415, 422];

/** JSON, ping, Swagger UI, and the pages with their style sheet and scripts. */
const SUCCESS_TYPES =
  /^(application\/json|text\/plain|text\/html|text\/html; charset=utf-8|text\/(css|javascript); charset=utf-8|image\/svg\+xml)$/;

const SIGN_IN = '/flexiapi/account/sign-in';

const PAGE_TYPE = 'text/html; charset=utf-8';

const decodesTo = (target: string, part: string): boolean =>
  target
    .replace(/%[2-7][0-9a-f]/gi, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)))
    .includes(part);

/** A request and its answer. */
export interface Exchange {
  readonly number: number;
  readonly input: Input;
  readonly answer: RawAnswer;
}

/** Describes everything that is wrong with an answer, whatever the request was. */
export function flawsOfAnswer({ input, answer }: Exchange, secrets: readonly string[]): string[] {
  const { status, headers, text } = answer;
  const flaws: string[] = [];
  const isHead = input.method === 'HEAD';
  const isOfPanel = decodesTo(input.target, '/account');
  const hasPages = isOfPanel || decodesTo(input.target, '/creation_token');
  // A visitor without a session is redirected to the sign-in page. No other redirect is allowed without a session.
  const leadsToSignIn = status === 303 && isOfPanel && headers.location?.join() === SIGN_IN;
  if (!STATUSES.includes(status) && !leadsToSignIn) flaws.push(`status ${status}`);
  if (INJECTED.toLowerCase() in headers) flaws.push('a header of the request’s own making');
  for (const secret of secrets)
    if (text.includes(secret) || JSON.stringify(headers).includes(secret)) flaws.push(`shows ${secret}`);
  const isPage = status >= 400 && headers['content-type']?.join() === PAGE_TYPE;
  if (status >= 400 && !isHead && !isPage) flaws.push(...flawsOf(answer, STATUSES));
  if (isPage && !hasPages) flaws.push('a page where there is none');
  if (status < 300 || isPage) flaws.push(...flawsOfSuccess(answer, isHead));
  return [...flaws, ...flawsOfChallenges(input, answer)];
}

function flawsOfSuccess({ headers, text }: RawAnswer, isHead: boolean): string[] {
  const flaws: string[] = [];
  const type = headers['content-type']?.join(' | ') ?? '';
  if (!SUCCESS_TYPES.test(type)) flaws.push(`content type "${type}"`);
  if (!isHead && text === '') flaws.push('a success without a body');
  if (text.includes(SCRIPT) && type !== 'application/json') flaws.push('a script in a page');
  return flaws;
}

function flawsOfChallenges({ headers: sent }: Input, { status, headers }: RawAnswer): string[] {
  const challenges = headers['www-authenticate'] ?? [];
  const isByKey = sent.some(([name]) => name.toLowerCase() === 'x-api-key');
  const isByDigest = sent.some(([name]) => name === 'Authorization') && !isByKey;
  if (status === 401 && challenges.length === 0) return ['a 401 without a challenge'];
  if (challenges.length > 0 && status !== 401 && !([200, 201].includes(status) && isByDigest))
    return [`challenges with ${status}`];
  try {
    challenges.forEach(parseChallenge);
  } catch (error) {
    return [(error as Error).message];
  }
  return [];
}

/** Differences from the published document, if the target is exactly that of a route. */
export function differencesToDocument({ input, answer }: Exchange): string[] {
  const { method, target, route } = input;
  const pattern = route.slice(route.indexOf(' ') + 1).replace(/:\w+/g, '[^/?#%\\\\\\s]+');
  const isDocumented = !/ (\/|\/favicon\.ico|\/api|\/api\/docs|\/(account|creation_token)(\/.*)?)$/.test(route);
  const isUnderstood = answer.status !== 400 && method !== 'HEAD';
  if (!isDocumented || !isUnderstood || !new RegExp(`^${pattern}$`).test(target)) return [];
  // Ping and a new API key are plain texts.
  const isText = answer.headers['content-type']?.join() === 'text/plain';
  const json = () => (isText ? undefined : (JSON.parse(answer.text) as unknown));
  try {
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, values]) => [name, values.join(', ')]),
    );
    checkAgainstDocument(method, target, {
      status: answer.status,
      headers,
      challenges: [],
      text: answer.text,
      json: json(),
    });
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** A request in the log of the service. */
export interface Served {
  readonly requestId: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
}

const RIGHT_CALLERS: Record<Who, (caller: Caller) => boolean> = {
  anybody: () => true,
  nobody: () => false,
  user: (caller) => ['user', 'another', 'admin'].includes(caller),
  admin: (caller) => caller === 'admin',
};

/** Routes that answered a caller without the right to call them. */
export function trespasses(served: readonly Served[], callers: ReadonlyMap<string, readonly Caller[]>): string[] {
  return served.flatMap(({ requestId, method, route, status }) => {
    if (status >= 300) return [];
    const who = whoMayCall(method, route);
    if (who === undefined) return [`${method} ${route} answered ${status}, which is no route`];
    // Callers that chose the same request id cannot be told apart.
    const possible = callers.get(requestId) ?? [];
    return possible.some((caller) => RIGHT_CALLERS[who](caller))
      ? []
      : [`${method} ${route} answered ${status} to ${possible.join(' or ')}`];
  });
}
