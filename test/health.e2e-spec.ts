import { Api } from './support/api.js';

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

  it('takes a trailing slash and HEAD', async () => {
    expect((await api.anonymous().get('/api/ping/')).status).toBe(200);
    expect(await api.send({ method: 'HEAD', path: '/api/ping' })).toMatchObject({ status: 200, text: '' });
  });
});
