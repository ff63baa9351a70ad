import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sendRequest } from '../support/http.js';
import { freePort } from '../support/private-mariadb.js';
import { Service } from '../support/service.js';

const run = promisify(execFile);

describe('The first start in an empty folder', () => {
  let folder: string;
  let service: Service;
  let origin: string;
  let port: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-first-'));
    port = String(await freePort());
    origin = `http://127.0.0.1:${port}`;
    service = await Service.start({ PORT: port }, folder);
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  const secret = (name: string) => new RegExp(`${name} +(\\S+)`).exec(service.stdout)?.[1] ?? '';

  it('creates an administrator and prints its address, password, key and the addresses of the panel and Swagger UI', async () => {
    const [sip, password, key] = ['SIP address', 'Password', 'API key'].map(secret);
    expect(sip).toBe('sip:administrator@sip.example.org');
    expect(secret('Panel')).toBe(`${origin}/account`);
    expect(secret('Swagger UI')).toBe(`${origin}/api/docs`);
    const from = String(sip);
    const byKey = await sendRequest(origin, { path: '/api/accounts', headers: { from, 'x-api-key': String(key) } });
    expect(byKey).toMatchObject({ status: 200, json: { total: 1 } });
    const { stdout } = await run('curl', [
      '-s',
      '--digest',
      '-u',
      `administrator:${password}`,
      '-H',
      `From: ${from}`,
      `${origin}/api/accounts/me`,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ username: 'administrator', admin: true, activated: true });
  });

  it('makes the database and its key under var/, the key for its owner only', () => {
    expect(readdirSync(join(folder, 'var'))).toEqual(
      expect.arrayContaining(['flexisip-api.sqlite', 'flexisip-api.sqlite.key']),
    );
    expect(statSync(join(folder, 'var/flexisip-api.sqlite.key')).mode & 0o777).toBe(0o600);
  });

  it('serves Swagger UI with its own assets, and /api leads there', async () => {
    expect(await sendRequest(origin, { path: '/api' })).toMatchObject({
      status: 302,
      headers: { location: '/api/docs' },
    });
    const page = await sendRequest(origin, { path: '/api/docs' });
    expect(page.status).toBe(200);
    const assets = [...page.text.matchAll(/(?:src|href)="(\.[^"]+)"/g)].map(
      ([, path]) => new URL(String(path), `${origin}/api/docs`).pathname,
    );
    expect(assets.length).toBeGreaterThan(3);
    for (const path of assets) {
      const { status } = await sendRequest(origin, { path });
      expect({ path, status }).toEqual({ path, status: 200 });
    }
  });

  it('prints on the console what would have been pushed, mailed and sent', async () => {
    const headers = {
      from: 'sip:administrator@sip.example.org',
      'x-api-key': secret('API key'),
      'content-type': 'application/json',
    };
    const post = async (path: string, body: object) => {
      const answer = await sendRequest(origin, {
        method: 'POST',
        path: `/api/${path}`,
        headers,
        body: JSON.stringify(body),
      });
      expect(answer.status).toBe(200);
      return answer;
    };
    await post('tokens', { pn_provider: 'fcm', pn_param: 'project', pn_prid: 'device' });
    await service.until(/^\[push\] to fcm device: token \w{13}$/m);
    await post('accounts/me/email/request', { email: 'new@example.org' });
    await service.until(
      /^\[mail\] to new@example\.org: confirm this address for sip:administrator@sip\.example\.org at http\S+, or with the code \d{4}$/m,
    );
    await post('accounts/me/phone/request', { phone: '+33612345678' });
    await service.until(/^\[sms\] to \+33612345678: phone-confirmation code \d{4}$/m);

    const page = /^\[mail\].* at (http[^\s,]+),/m.exec(service.stdout)?.[1] ?? '';
    const { pathname } = new URL(page);
    expect((await sendRequest(origin, { method: 'POST', path: pathname })).text).toContain('new@example.org');
    const code = /phone-confirmation code (\d{4})/.exec(service.stdout)?.[1];
    expect((await post('accounts/me/phone', { code })).json).toMatchObject({
      phone: '+33612345678',
      email: 'new@example.org',
    });
    expect(
      service.stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .join(),
    ).not.toContain(pathname.split('/').at(-1));
  });

  it('prints no secret again at the next start, and keeps its data', async () => {
    const key = secret('API key');
    await service.stop();
    service = await Service.start({ PORT: port }, folder);
    expect(service.stdout).not.toContain('administrator');
    const answer = await sendRequest(origin, {
      path: '/api/accounts/me',
      headers: { from: 'sip:administrator@sip.example.org', 'x-api-key': key },
    });
    expect(answer.status).toBe(200);
  });
});
