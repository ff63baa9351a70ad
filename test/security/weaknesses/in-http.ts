import type { Weakness } from './weakness.js';

const ADMIN = 'src/admin/admin.controller.ts';

/** Weaknesses in the parsing of requests, and in the work that a request can cause. */
export const IN_HTTP: readonly Weakness[] = [
  {
    name: 'query members complete and replace members of the body',
    edits: [
      {
        file: 'src/http/bodies/body.guard.ts',
        find: '? {} : this.parse(bytes, rule, request);',
        instead: `? {} : this.parse(bytes, rule, request);
    request.body = { ...(request.body as object), ...(request.query as object) };`,
      },
    ],
    caughtBy: {
      file: 'test/http/requests.e2e-spec.ts',
      test: 'no query member completes or replaces a member of the body',
    },
  },
  {
    name: 'a header overrides the method',
    edits: [
      {
        file: 'src/app/app.setup.ts',
        find: "if (request.method === 'PRI') request.method = 'TRACE';",
        instead: "request.method = String(request.headers['x-http-method-override'] ?? request.method);",
      },
    ],
    caughtBy: { file: 'test/http/requests.e2e-spec.ts', test: 'there is none by the header x-http-method-override' },
  },
  {
    name: 'the URLs of a list are built on the Host header',
    edits: [
      {
        file: ADMIN,
        find: 'import { Body, Controller, Delete, Get, HttpCode,',
        instead: 'import { Body, Controller, Delete, Get, Headers, HttpCode,',
      },
      {
        file: ADMIN,
        find: 'async list(@Query() query: PageQueryDto)',
        instead: "async list(@Query() query: PageQueryDto, @Headers('host') host: string)",
      },
      {
        file: ADMIN,
        find: 'const path = `${this.settings.publicUrl}/api/accounts`;',
        instead: 'const path = `https://${host}/api/accounts`;',
      },
    ],
    caughtBy: { file: 'test/admin/list-accounts.e2e-spec.ts', test: 'builds its URLs on the public URL' },
  },
  {
    name: 'whoever forwards a request is believed',
    edits: [
      {
        file: 'src/app/app.setup.ts',
        find: 'trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,',
        instead: 'trustProxy: true,',
      },
    ],
    caughtBy: {
      file: 'test/admin/source-address.e2e-spec.ts',
      test: 'forwarded as "192.0.2.7, 203.0.113.9" by a trusted proxy',
    },
  },
  {
    name: 'the pusher is run by a shell',
    edits: [
      {
        file: 'src/push/run-program.ts',
        find: 'return spawn(path, words, { detached: true,',
        instead: "return spawn([path, ...words].join(' '), { shell: true, detached: true,",
      },
    ],
    caughtBy: { file: 'test/push/flexisip-pusher.outbound-spec.ts', test: 'which no shell sees' },
  },
];
