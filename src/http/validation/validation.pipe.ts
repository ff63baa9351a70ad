import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { Settings } from '../../config/settings.js';
import { ValidationFailed } from '../../common/errors/app-error.js';
import { rememberSettings } from './validation-settings.js';

type Shape = new () => object;

/**
 * AttemptGate the body or the query of a request into its DTO and checks the shape of every member.
 * Members that the DTO does not declare are dropped. Whether the data agree is for the services to say.
 */
@Injectable()
export class ValidationPipe implements PipeTransform {
  constructor(private readonly settings: Settings) {}

  /** @throws ValidationFailed with every member that is not acceptable. */
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if ((type !== 'body' && type !== 'query') || metatype === undefined || metatype === Object) return value;
    const dto = plainToInstance(metatype as Shape, scalars(value as Record<string, unknown>));
    rememberSettings(dto, this.settings);
    const errors = validateSync(dto, { whitelist: true, stopAtFirstError: true, forbidUnknownValues: false });
    if (errors.length > 0) throw new ValidationFailed(messages(errors));
    return dto;
  }
}

/** No member of this API is a list or an object: one that is keeps only its kind, so that nothing descends into it. */
function scalars(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, typeof value === 'object' ? {} : value]));
}

function messages(errors: ValidationError[]): Record<string, string[]> {
  return Object.fromEntries(errors.map(({ property, constraints }) => [property, Object.values(constraints ?? {})]));
}
