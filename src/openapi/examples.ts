import type { OpenAPIObject } from '@nestjs/swagger';
import type { Settings } from '../config/settings.js';

/** The part of a schema that this module reads or changes. */
interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  not?: { required: readonly string[]; properties: Record<string, object> };
  enum?: readonly string[];
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  example?: unknown;
}

/** Members of which a body may have only one. */
const ALTERNATIVES: Readonly<Record<string, readonly string[]>> = { CreateWithTokenDto: ['email', 'phone'] };

/** Candidates for the example of a username: first the most readable, last those for unusual rules. */
const USERNAMES = [
  'johndoe',
  'john.doe',
  'john_doe',
  'john-doe',
  'JohnDoe',
  'john',
  '33612345678',
  '+33612345678',
  '1001',
  'johndoe1',
];

/** The example if no candidate fits. */
const PLACEHOLDER = '<username>';

/** Replaces rules and examples that depend on settings: usernames, domains, and phone numbers that receive SMS. */
export function applySettings(document: OpenAPIObject, settings: Settings): void {
  const schemas = schemasOf(document);
  const username = exampleOfUsername(settings);
  for (const { properties = {} } of Object.values(schemas)) {
    if (properties.username?.pattern !== undefined) {
      const rules = {
        minLength: settings.usernameMinLength,
        pattern: settings.usernamePattern.source,
        example: username,
      };
      Object.assign(properties.username, rules);
    }
    if (properties.domain?.example !== undefined) properties.domain.example = settings.sipDomains[0];
    if (properties.phone?.pattern !== undefined) properties.phone.example = exampleOfPhone(settings);
  }
  const { CreateWithTokenDto: { properties: { domain } = {} } = {} } = schemas;
  if (domain) domain.enum = settings.sipDomains;
}

/**
 * Gives every request body an example that can be sent unchanged. Otherwise, Swagger UI fills in all members at once.
 */
export function fillBodies(document: OpenAPIObject): void {
  const schemas = schemasOf(document);
  for (const [name, members] of Object.entries(ALTERNATIVES)) {
    const properties = Object.fromEntries(members.map((member) => [member, {}]));
    Object.assign(schemas[name] ?? {}, { not: { required: members, properties } });
  }
  for (const operation of Object.values(document.paths).flatMap(({ post, put, patch }) => [post, put, patch])) {
    const body = operation?.requestBody;
    if (!body || '$ref' in body) continue;
    const content = body.content['application/json'];
    const name = (content?.schema as Schema | undefined)?.$ref?.split('/').at(-1);
    const schema = name === undefined ? undefined : schemas[name];
    if (content && name !== undefined && schema)
      content.example = exampleOf(schema, ALTERNATIVES[name]?.slice(1) ?? []);
  }
}

function exampleOf({ properties = {} }: Schema, without: readonly string[]): Record<string, unknown> {
  const members = Object.entries(properties).filter(
    ([name, { example }]) => example !== undefined && !without.includes(name),
  );
  return Object.fromEntries(members.map(([name, { example }]) => [name, example]));
}

function exampleOfUsername({ usernameMinLength, usernamePattern }: Settings): string {
  const padded = USERNAMES.map((name) => name.padEnd(usernameMinLength, name.at(-1)));
  return padded.find((name) => name.length <= 64 && usernamePattern.test(name)) ?? PLACEHOLDER;
}

function exampleOfPhone({ smsCountryPrefixes }: Settings): string {
  const [prefix = '+33'] = smsCountryPrefixes;
  return `${prefix}612345678`.slice(0, 16);
}

function schemasOf(document: OpenAPIObject): Record<string, Schema> {
  return (document.components?.schemas ?? {}) as Record<string, Schema>;
}
