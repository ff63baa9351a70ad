import Tokens, { type TokensUserinfo } from '@fastify/csrf';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../common/errors/app-error.js';
import { deriveKey } from '../common/secrets.js';
import { Settings } from '../config/settings.js';

/** The form does not come from a current page of the panel in this browser. */
export class FormExpired extends AppError {
  readonly code = 'form_expired';

  constructor() {
    super('This form has expired.');
  }
}

/** The field of a form that holds its token. */
export const TOKEN_FIELD = '_token';
const COOKIE = 'flexisip_form';

/**
 * Prevents other sites from submitting forms of the panel (CSRF). Each form has a token that is derived from a secret
 * in a cookie and from the session. A token from before sign-in, or of another session, is not accepted.
 */
@Injectable()
export class FormTokens {
  private readonly tokens: TokensUserinfo;

  constructor(private readonly settings: Settings) {
    this.tokens = new Tokens({ userInfo: true, hmacKey: deriveKey(settings.appKey, 'panel forms').toString('hex') });
  }

  /** Creates a token for the forms of one page, and sets its cookie if the browser has none. */
  issue(request: FastifyRequest, reply: FastifyReply): string {
    const { publicPath, publicUrl } = this.settings;
    let secret = request.cookies[COOKIE];
    if (!secret) {
      secret = this.tokens.secretSync();
      const options = {
        path: `${publicPath}/account`,
        httpOnly: true,
        sameSite: 'lax',
        secure: publicUrl.startsWith('https:'),
      } as const;
      void reply.setCookie(COOKIE, secret, options);
    }
    return this.tokens.create(secret, holderOf(request));
  }

  /**
   * Checks the token of a submitted form.
   *
   * @throws FormExpired.
   */
  check(request: FastifyRequest): void {
    const { [TOKEN_FIELD]: token } = request.body as Record<string, unknown>;
    const secret = request.cookies[COOKIE];
    const isRight = typeof token === 'string' && secret && this.tokens.verify(secret, token, holderOf(request));
    if (!isRight) throw new FormExpired();
  }
}

/**
 * The value that a token is bound to: the session id after sign-in, one fixed text before it. After sign-out there is
 * no session.
 */
function holderOf({ session }: { session: FastifyRequest['session'] | null }): string {
  return session?.accountId === undefined ? 'a stranger' : session.sessionId;
}
