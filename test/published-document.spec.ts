import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from './support/cli.js';

interface Operation {
  summary?: string;
  tags?: string[];
  security?: unknown[];
  responses: Record<string, { content?: object }>;
}

describe('The published document', () => {
  const text = readFileSync(join(__dirname, '../openapi.json'), 'utf8');
  const document = JSON.parse(text) as { openapi: string; paths: Record<string, Record<string, Operation>> };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );

  it('is what the code says', async () => {
    const { stdout } = await runCli({}, 'openapi');
    expect(stdout === text).toBe(true);
  });

  it('is OpenAPI 3.1', () => {
    expect(document.openapi).toBe('3.1.0');
  });

  it.each(operations)('$name has a summary, a group, security, and a body for every status', ({ operation }) => {
    expect(operation).toMatchObject({
      summary: expect.stringMatching(/.{5}/) as string,
      tags: [expect.any(String)] as unknown,
      security: expect.any(Array) as unknown,
    });
    for (const [status, response] of Object.entries(operation.responses))
      expect({ status, ...response }).toHaveProperty('content');
  });
});
