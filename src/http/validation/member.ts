import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsDefined, IsOptional, ValidateBy, ValidateIf, type ValidationArguments } from 'class-validator';

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
  /**
   * False for an optional member that a merge patch must not remove: null is refused. By default an optional member may be null,
   * which only merge patches can say; everywhere else null counts as absent.
   */
  nullable?: boolean;
  /** True for a member that is an object or a list. Its checks get it as it was parsed, and must look at every part of it. */
  structured?: boolean;
  /** How the published document shows the member. */
  schema: ApiPropertyOptions;
  /** All must pass; the first that does not is reported. */
  checks: readonly Check[];
}

/**
 * A member of a request, checked at the door and shown in the published document. Each kind of member (a username,
 * a phone number) is defined once, by this, and used in every DTO that has it.
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

const structuredMembers = new WeakMap<object, Set<string | symbol>>();

const markStructured: PropertyDecorator = (prototype, name) => {
  structuredMembers.set(prototype, (structuredMembers.get(prototype) ?? new Set()).add(name));
};

/** Whether a member of a DTO is declared as an object or a list, by its class or one that it extends. */
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
