import type { Mail } from '../../src/mail/mailer.js';
import type { Api } from './api.js';
import type { ReceivedMail } from './external/mail-server.js';
import type { GivenAccount } from './factories.js';
import type { Answer } from './http.js';
import { type RegistrationBody, registrationBody, stranger } from './public-routes.js';

type Headers = Record<string, string>;

/** Settings without limits on e-mail requests. */
export const WITHOUT_LIMITS = { RATE_LIMITS: 'off', TRUST_PROXY: '127.0.0.1' };

const CONFIRMATION_PATH = /\/account\/email\/\d+\/[A-Za-z0-9]+/;

interface SignUp {
  readonly body: RegistrationBody;
  readonly answer: Answer;
}

/**
 * The link of a mail that asks for the confirmation of a new e-mail address.
 *
 * @throws Error for any other mail.
 */
export function confirmationLinkOf(mail: Mail): string {
  if (mail.kind !== 'email-confirmation') throw new Error(`a mail of another kind: ${mail.kind}`);
  return mail.link;
}

/**
 * The path of that link, below the public URL.
 *
 * @param mail as the service sends it, or as it arrived.
 * @throws Error if the mail has no such link.
 */
export function confirmationPathOf(mail: Mail | ReceivedMail): string {
  const [path] = CONFIRMATION_PATH.exec('kind' in mail ? confirmationLinkOf(mail) : (mail.text ?? '')) ?? [];
  if (path === undefined) throw new Error('a mail without the link to a confirmation');
  return path;
}

/** The secret at the end of that link. */
export const confirmationSecretOf = (mail: Mail): string => confirmationLinkOf(mail).split('/').at(-1) ?? '';

/** Creates an account with a token; its activation code is sent by e-mail. */
export async function signUp(api: Api, email = 'john@example.org', headers: Headers = {}): Promise<SignUp> {
  const body = await registrationBody(api, { email });
  const answer = await stranger(api).send({
    method: 'POST',
    path: '/api/accounts/with-token',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { body, answer };
}

/** Requests a new e-mail address; a link is sent to it. */
export function requestEmail(api: Api, account: GivenAccount, email: string, headers: Headers = {}): Promise<Answer> {
  const path = '/api/accounts/me/email/request';
  const body = JSON.stringify({ email });
  return api
    .withKey(account)
    .send({ method: 'POST', path, headers: { ...headers, 'content-type': 'application/json' }, body });
}

/** Confirms a new e-mail address, like the button on the page behind the link. The old address gets a notice. */
export function confirmEmail(api: Api, path: string, headers: Headers = {}): Promise<Answer> {
  const type = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0' };
  return api.anonymous().send({ method: 'POST', path, headers: { ...headers, ...type }, body: '' });
}

/** Sets the first password of an account; its e-mail address gets a notice. */
export function setFirstPassword(api: Api, account: GivenAccount, headers: Headers = {}): Promise<Answer> {
  const body = JSON.stringify({ algorithm: 'SHA-256', password: 'a first password' });
  const path = '/api/accounts/me/password';
  return api
    .withKey(account)
    .send({ method: 'POST', path, headers: { ...headers, 'content-type': 'application/json' }, body });
}
