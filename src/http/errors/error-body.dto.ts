import { ApiProperty } from '@nestjs/swagger';
import type { AppError, FieldErrors } from '../../common/errors/app-error.js';
import { apiErrorCodes, type ErrorCode } from '../../common/errors/error-codes.js';

/** The body of every error (protocol §1). */
export class ErrorBody {
  /** What went wrong, short and readable; free of internals. */
  @ApiProperty({ example: 'This account does not exist.' })
  message: string;

  /** What went wrong, for programs; stable across versions. */
  @ApiProperty({ enum: apiErrorCodes, example: 'account_not_found' })
  code: ErrorCode;

  /** Returns the body of an error, with `errors` only if the error has any. */
  static from({ message, code, errors }: AppError): ErrorBody | ValidationErrorBody {
    return errors ? { message, code, errors } : { message, code };
  }
}

/** The body of a 422: the members of the request that are not acceptable, and the reasons. */
export class ValidationErrorBody extends ErrorBody {
  /** Messages by member; never empty. */
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' }, minItems: 1 },
    minProperties: 1,
    example: { username: ['username must have at least 6 characters'] },
  })
  errors: FieldErrors;
}
