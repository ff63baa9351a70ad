import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Api } from './support/api.js';

interface Operation {
  parameters?: { name: string; in: string; schema?: { example?: unknown } }[];
  requestBody?: { content: Record<string, { example?: Record<string, unknown> }> };
  responses: Record<
    string,
    { content: Record<string, { schema: { allOf?: [object, { properties: { code: { enum: string[] } } }] } }> }
  >;
}

interface Document {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties: Record<string, Record<string, unknown>> }> };
}

const RULES = {
  APP_SIP_DOMAIN: 'phones.example.com,sip.example.org',
  USERNAME_MIN_LENGTH: '9',
  USERNAME_PATTERN: '[0-9]+',
  SMS_COUNTRY_PREFIXES: '+49',
};

describe.each<[string, Record<string, string>]>([
  ['the default settings', {}],
  ['settings of its own', RULES],
  ['a rule for usernames that no example fits', { USERNAME_PATTERN: '[A-Z]{9}[!]' }],
])('The served document under %s', (_name, environment) => {
  let api: Api;
  let document: Document;

  beforeAll(async () => {
    api = await Api.start({ environment });
    document = (await api.send({ path: '/api/docs/openapi.json' })).json as unknown as Document;
  });
  afterAll(() => api.stop());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    );

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as { version: string };
    expect(document.info.version).toBe(version);
  });

  it('tells the rules for usernames that hold', async () => {
    for (const name of ['CreateWithTokenDto', 'CreateAccountDto']) {
      expect(document.components.schemas[name]?.properties.username).toMatchObject({
        minLength: Number(environment.USERNAME_MIN_LENGTH ?? 6),
        pattern: `^(?:${environment.USERNAME_PATTERN ?? '[a-z0-9._+-]+'})$`,
      });
    }
  });

  it('has examples that can be sent as they stand, and are never refused for their shape', async () => {
    const admin = await api.given.admin({ password: 'correct horse' });
    const hasExample = environment.USERNAME_PATTERN !== '[A-Z]{9}[!]';
    const sent = operations().filter(({ method }) => method !== 'DELETE');
    expect(sent.length).toBeGreaterThan(15);
    for (const { method, path, operation } of sent) {
      const parameters = operation.parameters ?? [];
      const target = parameters
        .filter((parameter) => parameter.in === 'path')
        .reduce(
          (text, { name, schema }) => text.replace(`{${name}}`, encodeURIComponent(String(schema?.example))),
          path,
        );
      expect(target).not.toContain('undefined');
      const query = new URLSearchParams(
        parameters.flatMap(({ name, in: place, schema }) =>
          place === 'query' && schema?.example !== undefined ? [[name, String(schema.example)]] : [],
        ),
      );
      const body = operation.requestBody?.content['application/json']?.example;
      if (operation.requestBody) expect({ path, body }).toEqual({ path, body: expect.any(Object) as unknown });
      const headers = { from: admin.from, 'x-api-key': admin.apiKey ?? '', 'content-type': 'application/json' };
      const answer = await api.send({
        method,
        path: `${target}?${query}`,
        headers,
        body: body && JSON.stringify(body),
      });
      // The new key ends the one that the next calls would send.
      if (path === '/api/accounts/me/api_key') admin.apiKey = answer.text;
      if (answer.headers['content-type'] === 'text/plain') continue;
      const problems = answer.json?.code === 'validation_failed' ? Object.keys(answer.json.errors as object) : [];
      const isPlaceholder = body?.username === '<username>';
      expect({ path, problems }).toEqual({ path, problems: isPlaceholder && !hasExample ? ['username'] : [] });
      expect(isPlaceholder && hasExample).toBe(false);
    }
  });

  it('tells of 400 on every route, as any answers to two headers where one is meant', async () => {
    for (const { method, path, operation } of operations()) {
      const codes = operation.responses['400']?.content['application/json']?.schema.allOf?.[1].properties.code.enum;
      expect({ method, path, codes }).toEqual({
        method,
        path,
        codes: expect.arrayContaining(['bad_request']) as unknown,
      });
    }
  });

  it('is shown in the width of a telephone', async () => {
    for (const path of ['/api/docs', '/api/docs/', '/api/docs/index.html']) {
      expect((await api.send({ path })).text).toContain(
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
      );
    }
  });
});
