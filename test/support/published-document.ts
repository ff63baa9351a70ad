import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answer } from './http.js';

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

interface PublishedDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { unevaluatedProperties?: boolean }> };
}

const document = JSON.parse(readFileSync(join(__dirname, '../../openapi.json'), 'utf8')) as PublishedDocument;

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
/**
 * A member that the schema does not name is a difference, in lists and nested objects too. `validate` does the same for
 * errors.
 */
for (const [name, schema] of Object.entries(document.components.schemas)) {
  if (!name.endsWith('ErrorBody') && name !== 'ErrorBody') schema.unevaluatedProperties = false;
}
ajv.addSchema({ $id: 'published', components: document.components });

/** Static segments come before parameters: `/accounts/me` is not `/accounts/{id}`. */
const templates = Object.keys(document.paths)
  .toSorted((one, other) => one.split('{').length - other.split('{').length)
  .map((template) => ({
    template,
    form: new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`),
  }));

const validators = new Map<string, ValidateFunction>();

/**
 * Checks that the published document describes a response: its status, its body, and every member of it.
 *
 * @throws an Error that describes the difference.
 */
export function checkAgainstDocument(method: string, path: string, answer: Answer): void {
  const pathname = path.split('?')[0] ?? '';
  const known = templates.find(
    ({ form, template }) => form.test(pathname) && document.paths[template]?.[method.toLowerCase()],
  );
  if (!known || answer.status === 405) return checkUndocumented(method, path, answer);
  const { template } = known;
  const content = document.paths[template]?.[method.toLowerCase()]?.responses[String(answer.status)]?.content;
  if (!content)
    throw new Error(
      `${method} ${template} answered ${answer.status}, which the document does not tell of: ${answer.text}`,
    );
  const type = String(answer.headers['content-type']);
  const schema = content[type]?.schema;
  if (!schema)
    throw new Error(`${method} ${template} answered ${answer.status} as ${type}, which the document does not tell of`);
  if (type === 'application/json') validate(`${method} ${template} ${answer.status}`, schema, answer);
}

/** A response of no route has the common error body as well. */
function checkUndocumented(method: string, path: string, answer: Answer): void {
  if (answer.status < 400 || method === 'HEAD' || !path.startsWith('/api')) return;
  validate('error', { $ref: '#/components/schemas/ErrorBody' }, answer);
}

function validate(name: string, schema: object, answer: Answer): void {
  const isValid = validators.get(name) ?? ajv.compile({ allOf: [resolveIn(schema)], unevaluatedProperties: false });
  validators.set(name, isValid);
  if (!isValid(answer.json))
    throw new Error(`${name} differs from the document: ${ajv.errorsText(isValid.errors)} in ${answer.text}`);
}

function resolveIn(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"published#/components/')) as object;
}
