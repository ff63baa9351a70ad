import { applyDecorators, type Type, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { AccountTagInterceptor } from './account-tag.js';
import type { AccountDto } from './dto/account.dto.js';

/**
 * Declares a route that answers with one account and its `ETag`.
 *
 * @param type the class of the answer.
 */
export const ShowsAccount = (type: Type<AccountDto>) =>
  applyDecorators(
    UseInterceptors(AccountTagInterceptor),
    ApiOkResponse({
      type,
      headers: {
        ETag: {
          description: 'A strong entity tag of the account, for `If-Match` (RFC 9110 §8.8.3).',
          schema: { type: 'string', example: '"kTtCSsZ6Kp1WYoNBbJ2ZnKcVbW1Uo3Qx"' },
        },
      },
    }),
  );
