import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { Settings } from '../../config/settings.js';
import { ValidationFailed } from '../../common/errors/app-error.js';
import { isStructured } from './member.js';
import { rememberSettings } from './validation-settings.js';

type Shape = new () => object;

/**
 * Turns the body or the query of a request into its DTO and checks the shape of every member. Members that the DTO does
 * not declare are dropped. Services check the members against stored data.
 */
@Injectable()
export class ValidationPipe implements PipeTransform {
  constructor(private readonly settings: Settings) {}

  /** @throws ValidationFailed with every member that is not acceptable. */
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if ((type !== 'body' && type !== 'query') || metatype === undefined || metatype === Object) return value;
    const members = value as Record<string, unknown>;
    const dto = plainToInstance(metatype as Shape, scalars(members)) as Record<string, unknown>;
    for (const name of Object.keys(members)) if (isStructured(dto, name)) dto[name] = members[name];
    rememberSettings(dto, this.settings);
    const errors = validateSync(dto, { whitelist: true, stopAtFirstError: true, forbidUnknownValues: false });
    if (errors.length > 0) throw new ValidationFailed(messages(errors));
    return dto;
  }
}

/** Replaces each list or object by an empty object: class-transformer would descend into it, whatever it holds. */
function scalars(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, typeof value === 'object' && value !== null ? {} : value]),
  );
}

function messages(errors: ValidationError[]): Record<string, string[]> {
  return Object.fromEntries(errors.map(({ property, constraints }) => [property, Object.values(constraints ?? {})]));
}
