import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNode, SERVICE } from '../support/cli.js';

describe('The settings', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-settings-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('stop the service with every mistake at once, exit code 1, no stack trace and no value', async () => {
    const outcome = await runNode(
      [SERVICE],
      { PORT: 'secret-1', DB_DRIVER: 'mysql', DB_MIGRATE: 'secret-2', APP_KEY: 'secret-3' },
      folder,
    );
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    for (const name of ['PORT', 'DB_MIGRATE', 'APP_KEY', 'DB_DATABASE', 'MAIL_DRIVER'])
      expect(outcome.stderr).toContain(`- ${name}: `);
    expect(outcome.stderr).not.toMatch(/ {4}at |secret-\d/);
  });

  it('lead to a plain message where the folder of the database cannot be used', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const outcome = await runNode([SERVICE], { DB_DATABASE: join(file, 'database.sqlite') }, folder);
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('- DB_DATABASE: its folder cannot be used') as string,
    });
    expect(outcome.stderr).not.toContain('    at ');
  });

  it('lead to a plain message where the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const outcome = await runNode([SERVICE], { PORT: String(port) }, folder);
    server.close();
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/) as string,
    });
    expect(outcome.stderr).not.toContain('    at ');
  });
});
