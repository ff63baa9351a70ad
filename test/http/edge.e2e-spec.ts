import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Body, Controller, Get, HttpCode, Param, Patch, Post, Put } from '@nestjs/common';
import { RouteConstraints } from '@nestjs/platform-fastify';
import { Access } from '../../src/auth/decorators/access.decorator.js';
import { AccountNotFound } from '../../src/directory/account-not-found.js';
import { UploadedFile } from '../../src/http/bodies/parse-multipart.js';
import { Email, Phone } from '../../src/http/validation/account-members.js';
import { length, Member, text } from '../../src/http/validation/member.js';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { type Answer, sendRequest } from '../support/http.js';
import { until } from '../support/until.js';

const LIMIT = 200_000;
const PING = 'GET /api/ping HTTP/1.1\r\nhost: api.example.org\r\nconnection: close\r\n\r\n';

/** An error that means something else to the callers of one route. */
class AccountGone extends AccountNotFound {
  override get status(): number {
    return 410;
  }
}

const Dictionary = () =>
  Member({
    required: false,
    structured: true,
    schema: { type: 'object', additionalProperties: { type: 'string' } },
    checks: [
      {
        name: 'dictionary',
        message: 'must be an object of texts',
        passes: (value) =>
          typeof value === 'object' &&
          value !== null &&
          !Array.isArray(value) &&
          Object.values(value).every((one) => typeof one === 'string'),
      },
    ],
  });

const Numbers = () =>
  Member({
    required: false,
    structured: true,
    schema: { type: 'array', items: { type: 'integer' } },
    checks: [
      {
        name: 'numbers',
        message: 'must be a list of whole numbers',
        passes: (value) => Array.isArray(value) && value.every(Number.isInteger),
      },
    ],
  });

const Name = () =>
  Member({ required: false, nullable: false, schema: { type: 'string' }, checks: [text, length(1, 10)] });

class PatchDto {
  @Email({ required: false })
  email?: string | null;

  @Phone()
  phone?: string | null;

  @Name()
  name?: string;

  @Dictionary()
  dictionary?: Record<string, string> | null;

  @Numbers()
  numbers?: number[];
}

class UploadDto {
  @Name()
  name?: string;

  @Member({
    structured: true,
    schema: { type: 'string', format: 'binary' },
    checks: [{ name: 'file', message: 'must be a file', passes: (value) => value instanceof UploadedFile }],
  })
  file: UploadedFile;
}

/** Routes of the kinds that the application is ready for. */
@Controller('api/edge')
class EdgeController {
  @Patch(':id')
  @Access('admin', { body: 'merge-patch', parameters: true })
  patch(@Param('id') id: string, @Body() body: PatchDto): object {
    return { id, body };
  }

  @Put(':name')
  @Access('user', { body: 'json', parameters: true })
  put(@Param('name') name: string, @Body() body: PatchDto): object {
    return { name, body };
  }

  @Post('upload')
  @HttpCode(201)
  @Access('user', { body: { multipart: LIMIT } })
  upload(@Body() { name, file }: UploadDto): object {
    return {
      name,
      file: {
        name: file.name,
        mediaType: file.mediaType,
        size: file.bytes.length,
        sum: file.bytes.reduce((a, b) => a + b, 0),
      },
    };
  }

  @Get('variant')
  @RouteConstraints({ host: 'one.example.org' })
  @Access('anybody')
  one(): object {
    return { variant: 'one' };
  }

  @Get('variant')
  @RouteConstraints({ host: 'two.example.org' })
  @Access('anybody')
  two(): object {
    return { variant: 'two' };
  }

  @Get('gone')
  @Access('anybody')
  gone(): never {
    throw new AccountGone();
  }
}

describe('A route of a kind that the API of 2021 does not have', () => {
  let api: Api;
  let user: GivenAccount;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({
      controllers: [EdgeController],
      environment: { CORS_ORIGINS: 'https://admin.example.org' },
    });
    user = await api.given.account();
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  const keyOf = ({ from, apiKey = '' }: GivenAccount) => ({ from, 'x-api-key': apiKey });
  const send = (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string | Buffer,
  ): Promise<Answer> => sendRequest(api.origin, { method, path, headers, body });
  const json = (account: GivenAccount, type = 'application/json') => ({ ...keyOf(account), 'content-type': type });

  describe('that takes a merge patch', () => {
    const patch = (body: unknown, type?: string) =>
      send('PATCH', '/api/edge/7', json(admin, type), JSON.stringify(body));

    it('tells null from absent', async () => {
      expect(await patch({ email: null, phone: '+33612345678' })).toMatchObject({
        status: 200,
        json: { id: '7', body: { email: null, phone: '+33612345678' } },
      });
    });

    it('has its own media type, and the one of everything', async () => {
      expect((await patch({ name: 'a' }, 'application/merge-patch+json')).json).toEqual({
        id: '7',
        body: { name: 'a' },
      });
      expect(await patch({ name: 'a' }, 'text/plain')).toMatchObject({
        status: 415,
        json: { code: 'body_type_unsupported' },
      });
    });

    it.each([
      ['null where a value must be', { name: null }, 'name'],
      ['an object of other things', { dictionary: { a: { b: 'c' } } }, 'dictionary'],
      ['a list where an object must be', { dictionary: [] }, 'dictionary'],
      ['a list of other things', { numbers: [1, 'two'] }, 'numbers'],
      ['an object where a text must be', { email: { at: 'example.org' } }, 'email'],
    ])('refuses %s', async (_name, body, member) => {
      expect(await patch(body)).toMatchObject({ status: 422, json: { errors: { [member]: [expect.any(String)] } } });
    });

    it('takes objects and lists as they are', async () => {
      const body = { dictionary: { language: 'fr', empty: '' }, numbers: [3, 1, 2] };
      expect((await patch(body)).json).toEqual({ id: '7', body });
      expect((await patch({ dictionary: null })).json).toEqual({ id: '7', body: { dictionary: null } });
    });

    it('is for those whom it names', async () => {
      expect((await send('PATCH', '/api/edge/7', json(user), '{}')).status).toBe(403);
      expect((await send('PATCH', '/api/edge/7', {}, '{}')).status).toBe(422);
    });
  });

  it('takes null for absent in a PUT', async () => {
    const answer = await send('PUT', '/api/edge/x', json(user), JSON.stringify({ email: null, name: 'a' }));
    expect(answer.json).toEqual({ name: 'x', body: { name: 'a' } });
  });

  it('shares a path with another one whose parameter has another name', async () => {
    const answer = await send('POST', '/api/edge/x', json(user), '{}');
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'PATCH, PUT' } });
  });

  it('may be called by a script of a listed origin', async () => {
    const headers = { origin: 'https://admin.example.org', 'access-control-request-method': 'PATCH' };
    expect((await send('OPTIONS', '/api/edge/7', headers)).headers['access-control-allow-methods']).toContain('PATCH');
  });

  it('is told from one of the same path and method by a constraint', async () => {
    for (const variant of ['one', 'two']) {
      const headers = { host: `${variant}.example.org` };
      expect((await send('GET', '/api/edge/variant', headers)).json).toEqual({ variant });
      expect((await send('HEAD', '/api/edge/variant', headers)).status).toBe(200);
    }
    expect((await send('POST', '/api/edge/variant', { host: 'one.example.org' })).status).toBe(405);
  });

  it('answers an error with a status of its own', async () => {
    expect(await send('GET', '/api/edge/gone', {})).toMatchObject({ status: 410, json: { code: 'account_not_found' } });
  });

  describe('that takes files', () => {
    const BOUNDARY = 'a-boundary';
    const part = (head: string, content: string | Buffer) =>
      Buffer.concat([
        Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
        Buffer.from(content),
        Buffer.from('\r\n'),
      ]);
    const bodyOf = (...parts: Buffer[]) => Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
    const file = (content: Buffer) =>
      part('name="file"; filename="../a voice.wav"\r\nContent-Type: audio/wav', content);
    const headers = (account: GivenAccount) => json(account, `multipart/form-data; boundary=${BOUNDARY}`);
    const upload = (body: Buffer, account = user) => send('POST', '/api/edge/upload', headers(account), body);

    it('gets them byte for byte, beside its texts', async () => {
      const content = Buffer.from(Array.from({ length: 150_000 }, (_item, index) => index % 251));
      const answer = await upload(bodyOf(part('name="name"', 'Zoë'), file(content)));
      expect(answer).toMatchObject({ status: 201 });
      expect(answer.json).toEqual({
        name: 'Zoë',
        file: {
          name: 'a voice.wav',
          mediaType: 'audio/wav',
          size: content.length,
          sum: content.reduce((a, b) => a + b, 0),
        },
      });
    });

    it('takes as many bytes as it says, and no more', async () => {
      const around = bodyOf(file(Buffer.alloc(0))).length;
      expect((await upload(bodyOf(file(Buffer.alloc(LIMIT - around))))).status).toBe(201);
      expect(await upload(bodyOf(file(Buffer.alloc(LIMIT - around + 1))))).toMatchObject({
        status: 413,
        json: { code: 'body_too_large' },
      });
    });

    it('counts the bytes of a body whose length is not said before', async () => {
      const body = bodyOf(file(Buffer.alloc(LIMIT)));
      const answer = await send('POST', '/api/edge/upload', { ...headers(user), 'transfer-encoding': 'chunked' }, body);
      expect(answer).toMatchObject({ status: 413, json: { code: 'body_too_large' } });
    });

    /** Opens a connection, sends the head of an upload, and collects what comes back. */
    async function begin(fields: Record<string, string>): Promise<{ socket: Socket; received: () => string }> {
      const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
      let received = '';
      socket.setEncoding('utf8').on('data', (piece: string) => (received += piece));
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      const lines = Object.entries({ host: 'api.example.org', ...fields }).map(([name, value]) => `${name}: ${value}`);
      socket.write(`${['POST /api/edge/upload HTTP/1.1', ...lines].join('\r\n')}\r\n\r\n`);
      return { socket, received: () => received };
    }

    it('outlives a caller that hangs up in the middle', async () => {
      const { socket } = await begin({ ...headers(user), 'content-length': '1000' });
      socket.write(bodyOf(file(Buffer.alloc(100))).subarray(0, 150));
      socket.end();
      await once(socket, 'close');
      expect(await upload(bodyOf(file(Buffer.alloc(1))))).toMatchObject({ status: 201 });
    });

    it('answers a stranger who has sent no byte of the body, and keeps the connection', async () => {
      const { socket, received } = await begin({ 'content-type': 'multipart/form-data', 'content-length': '1000' });
      await until(() => received().startsWith('HTTP/1.1 422 '));
      socket.write(Buffer.alloc(1_000));
      socket.write(PING);
      await once(socket, 'close');
      expect(received()).toMatch(/HTTP\/1.1 200 OK[^]*pong$/);
    });

    it('answers before the end of a body that is too large, and keeps the connection', async () => {
      const { socket, received } = await begin({ ...headers(user), 'transfer-encoding': 'chunked' });
      const chunk = (bytes: Buffer) =>
        Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
      socket.write(chunk(bodyOf(file(Buffer.alloc(LIMIT))).subarray(0, LIMIT + 1)));
      await until(() => received().startsWith('HTTP/1.1 413 '));
      socket.write(Buffer.concat([chunk(Buffer.alloc(300_000)), Buffer.from('0\r\n\r\n')]));
      socket.write(PING);
      await once(socket, 'close');
      expect(received()).toMatch(/HTTP\/1.1 200 OK[^]*pong$/);
    });

    it.each([
      ['the same field twice', bodyOf(part('name="name"', 'a'), part('name="name"', 'b'), file(Buffer.alloc(1))), 400],
      ['a body that ends early', bodyOf(file(Buffer.alloc(10))).subarray(0, -30), 400],
      ['what is no multipart body', Buffer.from('{}'), 400],
      [
        'more parts than a form has',
        bodyOf(...Array.from({ length: 40 }, (_item, index) => part(`name="n${index}"`, 'a'))),
        400,
      ],
      ['a text where the file must be', bodyOf(part('name="file"', 'a')), 422],
      ['no file', bodyOf(part('name="name"', 'a')), 422],
      ['nothing', Buffer.alloc(0), 400],
    ])('refuses %s', async (_name, body, status) => {
      expect((await upload(body)).status).toBe(status);
    });

    it('refuses another media type, and none', async () => {
      expect((await send('POST', '/api/edge/upload', json(user), '{}')).status).toBe(415);
      expect((await send('POST', '/api/edge/upload', keyOf(user))).status).toBe(415);
      expect((await send('POST', '/api/edge/upload', json(user, 'multipart/form-data'), 'x')).status).toBe(400);
    });
  });
});
