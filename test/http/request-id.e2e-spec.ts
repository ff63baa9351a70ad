import { Api } from '../support/api.js';
import { type RawRequest, sendRequest } from '../support/http.js';

describe('requests', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  describe('X-Request-Id', () => {
    it.each(['a', '0', '.', '_', '-', 'A.b_C-9', 'x'.repeat(64), '3f1c9a52-0c0b-4d5e-8a59-9a1f0f6f1b51'])(
      'is echoed: %s',
      async (id) => {
        const requests: RawRequest[] = [
          { path: '/api/ping' },
          { path: '/api/nothing' },
          { path: '/api/%zz' },
          { path: '/api/accounts/me' },
        ];
        requests.push(
          { method: 'PUT', path: '/api/tokens' },
          { method: 'POST', path: '/api/tokens', body: 'x'.repeat(70_000) },
        );
        for (const request of requests) {
          expect(
            (await sendRequest(api.origin, { ...request, headers: { 'x-request-id': id } })).headers['x-request-id'],
          ).toBe(id);
        }
      },
    );

    it.each([
      [''],
      ['x'.repeat(65)],
      ['a b'],
      ['a/b'],
      ['a,b'],
      ['<script>'],
      ['\u00e9'],
      ['a\tb'],
      ['"a"'],
      ['a;b'],
      [['a', 'b']],
    ])('is replaced by one of ours: %j', async (id) => {
      const answer = await api.send({ path: '/api/accounts/me', headers: { 'x-request-id': id } });
      expect(answer.headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
      expect([id].flat()).not.toContain(answer.headers['x-request-id']);
    });

    it('differs from request to request', async () => {
      const ids = [];
      for (let count = 0; count < 20; count += 1)
        ids.push((await api.send({ path: '/api/ping' })).headers['x-request-id']);
      expect(new Set(ids).size).toBe(20);
    });
  });
});
