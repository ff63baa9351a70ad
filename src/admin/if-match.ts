import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type PipeTransform,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { type AccountCondition, inAnyState } from '../accounts/account-condition.js';
import { accountTag } from '../accounts/account-tag.js';
import { Settings } from '../config/settings.js';
import { PreconditionFailed } from './admin.errors.js';
import { AccountDto } from '../accounts/dto/account.dto.js';

/** An entity tag in a list (RFC 9110 §8.8.3), weak or strong. */
const TAG = /(W\/)?("[!#-~\u0080-\uffff]*")/g;

/**
 * Reads the entity tags that `If-Match` compares. Weak ones never match (RFC 9110 §13.1.1), nor does a list that is
 * malformed.
 *
 * @returns null for `*`, which every account matches.
 */
export function readIfMatch(header: string): ReadonlySet<string> | null {
  if (header.trim() === '*') return null;
  if (/[^\s,]/.test(header.replace(TAG, ''))) return new Set();
  return new Set([...header.matchAll(TAG)].flatMap(([, weak, tag = '']) => (weak === undefined ? [tag] : [])));
}

/** Turns `If-Match` into the condition that it sets for a change of an account. */
@Injectable()
export class IfMatchPipe implements PipeTransform<string | undefined, AccountCondition> {
  constructor(private readonly settings: Settings) {}

  transform(header?: string): AccountCondition {
    const accepted = header === undefined ? null : readIfMatch(header);
    if (accepted === null) return inAnyState;
    return (account) => {
      if (!accepted.has(accountTag(AccountDto.from(account, this.settings.realm)))) throw new PreconditionFailed();
    };
  }
}

const IfMatchHeader = createParamDecorator((_data: unknown, context: ExecutionContext): string | undefined => {
  return context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'];
});

/** Parameter decorator: the condition of `If-Match`. Without the header, any state of the account is accepted. */
export const IfMatch = () => IfMatchHeader(IfMatchPipe);

/** Documents that a route accepts `If-Match`. */
export const ApiIfMatch = () =>
  applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'Entity tags of the account, or `*`. If none is current, nothing changes and the answer is 412.',
      // There is no example: Swagger UI would send it.
      schema: { type: 'string' },
    }),
  );
