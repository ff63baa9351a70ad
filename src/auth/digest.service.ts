import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AccountNotFound } from '../directory/account-not-found.js';
import type { ChallengedAccount } from '../directory/account-rows.js';
import type { Account } from '../database/entities/account.entity.js';
import { Clock } from '../common/clock.js';
import { headerValues } from '../http/headers.js';
import { parseRequestTarget } from '../http/request-target.js';
import { deriveKey } from '../common/secrets.js';
import { Settings } from '../config/settings.js';
import { isMissingReference } from '../database/dialect.js';
import { CredentialsInvalid, NonceInvalid, NonceReplayed } from './auth.errors.js';
import { type Challenge, challengeHeaders } from '../digest/challenge.js';
import { type DigestAuthorization, parseDigestAuthorization } from '../digest/digest-authorization.js';
import { isRightResponse } from '../digest/digest-response.js';
import { offeredAlgorithms, storedHa1 } from '../digest/stored-password.js';
import { NonceStore } from './nonces/nonce-store.js';
import { SignedNonces } from './nonces/signed-nonces.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The content of `WWW-Authenticate` if this request gets a 401 or 2xx response. */
    challenge?: Challenge;
  }
}

/**
 * Adds `WWW-Authenticate` to a 401, and to a 2xx that was authenticated by Digest. No other code writes this header.
 */
export function sendChallenges(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const { challenge } = request;
    // Equivalent mutants `<= 300`, `< 301` and `< 299`: no answer has the status 299 or 300.
    if (challenge && (reply.statusCode === 401 || reply.statusCode < 300)) {
      reply.header('www-authenticate', challengeHeaders(challenge));
    }
    done(null, payload);
  });
}

/** Authenticates by Digest (RFC 7616, protocol §2). */
@Injectable()
export class DigestService {
  private readonly nonces: SignedNonces;
  private readonly opaque: string;

  constructor(
    private readonly settings: Settings,
    private readonly store: NonceStore,
    private readonly clock: Clock,
  ) {
    this.nonces = new SignedNonces(settings.appKey, settings.nonceLifetime, settings.nonceStore);
    // Equivalent mutant `appKey, ''`: the text is free, if no other key is derived with it.
    this.opaque = deriveKey(settings.appKey, 'digest opaque').toString('hex').slice(0, 32);
  }

  /**
   * Checks the Digest response in `Authorization`. No nonce is used up and nothing is written before the response is
   * proven correct.
   *
   * @throws CredentialsInvalid, NonceInvalid, NonceReplayed; the request then has a challenge.
   */
  async authenticate(account: Account, request: FastifyRequest): Promise<void> {
    const [header, ...others] = headerValues(request.raw, 'authorization');
    const answer = header === undefined || others.length > 0 ? null : parseDigestAuthorization(header);
    if (!answer) throw this.refuse(account, request, new CredentialsInvalid('malformed'));
    if (!this.isForThisRequest(answer, account, request))
      throw this.refuse(account, request, new CredentialsInvalid('other_request'));

    const verdict = this.nonces.verify(answer.nonce, this.holder(account), this.clock.now());
    if (verdict === 'foreign') throw this.refuse(account, request, new NonceInvalid('foreign_nonce'));
    const isRight = this.isProven(answer, account, request);
    if (verdict === 'expired') throw this.refuse(account, request, new NonceInvalid('expired_nonce'), isRight);
    if (!isRight) throw this.refuse(account, request, new CredentialsInvalid('wrong_response'));
    if (!(await this.spend(answer, account))) throw this.refuse(account, request, new NonceReplayed(), true);
    request.challenge = this.challengeWith(answer.nonce, account);
  }

  /** Prepares the challenge of a 401. */
  challenge(account: ChallengedAccount, request: FastifyRequest, stale = false): void {
    request.challenge = {
      ...this.challengeWith(this.nonces.create(this.holder(account), this.clock.now()), account),
      stale,
    };
  }

  /**
   * Prepares the challenge of a 401 to a caller that names no account. Its nonce is valid for no account: a client that
   * answers it with a `From` gets another one.
   */
  challengeNobody(request: FastifyRequest): void {
    const nobody = { id: 0, username: '', domain: this.settings.sipDomains[0], passwords: [] };
    this.challenge(nobody, request);
  }

  private refuse<E extends Error>(account: ChallengedAccount, request: FastifyRequest, error: E, stale = false): E {
    this.challenge(account, request, stale);
    return error;
  }

  private challengeWith(nonce: string, account: ChallengedAccount): Challenge {
    return {
      realm: this.settings.realmOf(account),
      algorithms: offeredAlgorithms(account.passwords),
      nonce,
      opaque: this.opaque,
    };
  }

  private holder(account: ChallengedAccount): { accountId: number; realm: string } {
    return { accountId: account.id, realm: this.settings.realmOf(account) };
  }

  private isForThisRequest(answer: DigestAuthorization, account: Account, request: FastifyRequest): boolean {
    return (
      answer.username === account.username &&
      answer.realm === this.settings.realmOf(account) &&
      (answer.opaque === undefined || answer.opaque === this.opaque) &&
      this.isTargetOf(answer.uri, request)
    );
  }

  /**
   * Whether a signed `uri` names the resource of the request (RFC 7616 §3.4.6), in origin form or absolute form. The
   * scheme is not compared, because a proxy may terminate TLS.
   */
  private isTargetOf(uri: string, request: FastifyRequest): boolean {
    const [signed, sent] = [uri, request.originalUrl].map(parseRequestTarget);
    if (!signed || !sent) return false;
    const isOtherHost =
      signed.authority !== null && signed.authority !== (sent.authority ?? request.headers.host?.toLowerCase());
    // A proxy may remove the path of the public URL, which the client has signed.
    return !isOtherHost && (signed.path === sent.path || signed.path === this.settings.publicPath + sent.path);
  }

  private isProven(answer: DigestAuthorization, account: Account, request: FastifyRequest): boolean {
    const ha1 = storedHa1(account.passwords, answer.algorithm, account.username, answer.realm);
    return ha1 !== null && isRightResponse(ha1, request.method, answer);
  }

  private async spend({ nonce, nc }: DigestAuthorization, account: Account): Promise<boolean> {
    try {
      const use = { accountId: account.id, nonce, madeAt: SignedNonces.timeOf(nonce), count: Number.parseInt(nc, 16) };
      return await this.store.spend(use, this.clock.now());
    } catch (error) {
      // Another call has deleted the account in the meantime.
      if (isMissingReference(error)) throw new AccountNotFound();
      throw error;
    }
  }
}
