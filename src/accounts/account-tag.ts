import { createHash } from 'node:crypto';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Observable, tap } from 'rxjs';
import type { AccountDto } from './dto/account.dto.js';

type Shown = AccountDto & { readonly confirmation_key?: string | null; readonly call_forwardings?: readonly never[] };

/**
 * The entity tag of an account (RFC 9110 §8.8.3): a hash of its members, so it changes with each of them. It is the same
 * for every route that shows the account.
 */
export function accountTag({ confirmation_key: _key, call_forwardings: _forwardings, ...members }: Shown): string {
  const text = JSON.stringify(members);
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 32)}"`;
}

/** Adds `ETag` to an answer that shows one account. */
@Injectable()
export class AccountTagInterceptor implements NestInterceptor<Shown, Shown> {
  intercept(context: ExecutionContext, next: CallHandler<Shown>): Observable<Shown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(tap((shown) => void reply.header('etag', accountTag(shown))));
  }
}
