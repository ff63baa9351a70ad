import { Api } from './support/api.js';
import { runCli } from './support/cli.js';
import { APP_KEY } from './support/settings.js';
import { until } from './support/until.js';
import { createDatabase } from './support/test-database.js';

describe('GET /ping', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  it('answers pong, as plain text without quotes', async () => {
    const answer = await api.anonymous().get('/api/ping');
    expect(answer).toMatchObject({ status: 200, text: 'pong' });
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  });

  it.each(['https://example.org/api', 'https://example.org/account', 'https://example.org/a/b'])(
    'answers at its own path with %s as public URL',
    async (url) => {
      const other = await Api.start({ environment: { APP_URL: url } });
      for (const path of ['/api/ping', `${new URL(url).pathname}/api/ping`])
        expect(await other.anonymous().get(path)).toMatchObject({ status: 200, text: 'pong' });
      await other.stop();
    },
  );

  it('takes a trailing slash and HEAD', async () => {
    expect((await api.anonymous().get('/api/ping/')).status).toBe(200);
    expect(await api.send({ method: 'HEAD', path: '/api/ping' })).toMatchObject({ status: 200, text: '' });
  });
});

describe('GET /health', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  it.each(['/health/live', '/health/ready'])('%s tells that all is well, to anybody, and to HEAD too', async (path) => {
    expect(await api.send({ path })).toMatchObject({
      status: 200,
      json: { status: 'ok' },
      headers: { 'content-type': 'application/json' },
    });
    expect((await api.send({ path, headers: { from: 'nonsense', 'x-api-key': 'wrong' } })).status).toBe(200);
    expect(await api.send({ method: 'HEAD', path })).toMatchObject({ status: 200, text: '' });
    expect(await api.send({ method: 'POST', path })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it('is not ready while migrations lack that were taken back meanwhile', async () => {
    const database = await createDatabase();
    const other = await Api.start({ database });
    const environment = { APP_KEY, ...database.environment };
    const status = async () => (await other.send({ path: '/health/ready' })).status;
    expect(await status()).toBe(200);
    expect((await runCli(environment, 'migrate:revert', '--apply')).code).toBe(0);
    await until(async () => (await status()) === 503);
    expect((await other.send({ path: '/health/live' })).status).toBe(200);
    expect((await runCli(environment, 'migrate')).code).toBe(0);
    await until(async () => (await status()) === 200);
    await other.stop();
    await database.remove();
  });

  it('is not found under /api', async () => {
    expect((await api.send({ path: '/api/health/live' })).status).toBe(404);
  });
});
