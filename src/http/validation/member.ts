import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsDefined, IsOptional, ValidateBy, ValidateIf, type ValidationArguments } from 'class-validator';

/** What a check receives besides the value. */
export type CheckContext = { dto: object };

export interface Check {
  /** Name of the check, unique within its member. */
  name: string;
  /** Completes the sentence that starts with the name of the member. */
  message: string | ((context: CheckContext) => string);
  passes: (value: unknown, context: CheckContext) => boolean;
}

export interface MemberOptions {
  required?: boolean;
  /**
   * False for an optional member that a merge patch must not remove: null is refused. By default, an optional member
   * may be null. Only merge patches can send null; on other routes, null counts as absent.
   */
  nullable?: boolean;
  /**
   * True for a member that is an object or a list. Its checks receive the parsed value and must check every part of it.
   */
  structured?: boolean;
  /** How the OpenAPI document shows the member. */
  schema: ApiPropertyOptions;
  /** All checks must pass. The first failure is reported. */
  checks: readonly Check[];
}

/**
 * Declares a member of a request: how it is validated and how the OpenAPI document shows it. Each kind of member (a
 * username, a phone number) is declared once and used in every DTO that has it.
 */
export function Member(options: MemberOptions): PropertyDecorator {
  const { required = true, structured = false, schema, checks } = options;
  return applyDecorators(
    ApiProperty({ ...schema, required } as ApiPropertyOptions),
    presence(options),
    ...checks.map((check) => validateBy(check)),
    ...(structured ? [markStructured] : []),
  );
}

function presence({ required = true, nullable = true }: MemberOptions): PropertyDecorator {
  if (required) return IsDefined({ message: '$property is required' });
  return nullable ? IsOptional() : ValidateIf((_dto, value) => value !== undefined);
}

/**
 * A member that the route refuses, whatever its value. Null counts as absent. With `@ApiHideProperty()` the document does
 * not list it.
 */
export const Refused = (): PropertyDecorator =>
  applyDecorators(IsOptional(), validateBy({ name: 'refused', message: 'must not be sent', passes: () => false }));

const structuredMembers = new WeakMap<object, Set<string | symbol>>();

const markStructured: PropertyDecorator = (prototype, name) => {
  structuredMembers.set(prototype, (structuredMembers.get(prototype) ?? new Set()).add(name));
};

/** Whether the class of a DTO, or a class that it extends, declares a member as an object or a list. */
export function isStructured(dto: object, name: string): boolean {
  const prototype = Object.getPrototypeOf(dto) as object | null;
  if (prototype === null) return false;
  return structuredMembers.get(prototype)?.has(name) === true || isStructured(prototype, name);
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

/** A JSON string that can be written as UTF-8. Numbers are never coerced, and half a surrogate pair is refused. */
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

/** Accepts `true false 1 0 "1" "0"`, as liblinphone and the 2021 server write them. Optional. */
export function BooleanMember(
  schema: ApiPropertyOptions,
  { nullable }: Pick<MemberOptions, 'nullable'> = {},
): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }) => BOOLEANS.get(value) ?? (value as unknown)),
    Member({
      required: false,
      nullable,
      schema: {
        ...schema,
        oneOf: [{ type: 'boolean' }, { type: 'integer', enum: [0, 1] }, { type: 'string', enum: ['0', '1'] }],
      } as ApiPropertyOptions,
      checks: [{ name: 'boolean', message: 'must be true or false', passes: (value) => typeof value === 'boolean' }],
    }),
  );
}
