import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsDefined, IsOptional, ValidateBy, type ValidationArguments } from 'class-validator';

/** What a check sees besides the value. */
export type CheckContext = { dto: object };

export interface Check {
  /** Name of the check, unique within its member. */
  name: string;
  /** Completes the sentence that starts with the member's name. */
  message: string | ((context: CheckContext) => string);
  passes: (value: unknown, context: CheckContext) => boolean;
}

export interface MemberOptions {
  required?: boolean;
  /** How the published document shows the member. */
  schema: ApiPropertyOptions;
  /** All must pass; the first that does not is reported. */
  checks: readonly Check[];
}

/**
 * A member of a request, checked at the door and shown in the published document. Each kind of member (a username,
 * a phone number) is defined once, by this, and used in every DTO that has it.
 */
export function Member({ required = true, schema, checks }: MemberOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ ...schema, required } as ApiPropertyOptions),
    required ? IsDefined({ message: '$property is required' }) : IsOptional(),
    ...checks.map((check) => validateBy(check)),
  );
}

function validateBy({ name, message, passes }: Check): PropertyDecorator {
  const context = (args?: ValidationArguments): CheckContext => ({ dto: args?.object ?? {} });
  return ValidateBy({
    name,
    validator: {
      validate: (value, args) => passes(value, context(args)),
      defaultMessage: (args) => `${args?.property} ${typeof message === 'string' ? message : message(context(args))}`,
    },
  });
}

/** A JSON string that can be written as UTF-8: numbers are never coerced, and half a surrogate pair is no text. */
export const text: Check = {
  name: 'text',
  message: 'must be a string',
  passes: (value) => typeof value === 'string' && value.isWellFormed(),
};

export const pattern = (regexp: RegExp, message: string): Check => ({
  name: 'pattern',
  message,
  passes: (value) => typeof value === 'string' && regexp.test(value),
});

/** Counts characters as people do: one for each code point. */
export const length = (min: number, max: number): Check => ({
  name: 'length',
  message: `must have ${min} to ${max} characters`,
  passes: (value) => {
    const count = [...String(value)].length;
    return count >= min && count <= max;
  },
});

const BOOLEANS = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  ['1', true],
  [false, false],
  [0, false],
  ['0', false],
]);

/** `true false 1 0 "1" "0"`, as liblinphone and the 2021 server write them. Optional. */
export function BooleanMember(schema: ApiPropertyOptions): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }) => BOOLEANS.get(value) ?? (value as unknown)),
    Member({
      required: false,
      schema: {
        ...schema,
        oneOf: [{ type: 'boolean' }, { type: 'integer', enum: [0, 1] }, { type: 'string', enum: ['0', '1'] }],
      } as ApiPropertyOptions,
      checks: [{ name: 'boolean', message: 'must be true or false', passes: (value) => typeof value === 'boolean' }],
    }),
  );
}
