import type { INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { VERSION } from '../common/version.js';
import type { Settings } from '../config/settings.js';
import { FAVICON_PATH } from '../http/favicon.js';
import { applySettings, fillBodies } from './examples.js';
import { serveUiScripts } from './ui-scripts.js';

/** Path of Swagger UI. */
export const DOCS_PATH = '/api/docs';

/** All paths of its page. */
const PAGES: ReadonlySet<string | undefined> = new Set([DOCS_PATH, `${DOCS_PATH}/`, `${DOCS_PATH}/index.html`]);

const description = (publicUrl: string) => `Manages the telephone accounts of a Flexisip SIP proxy.

Everybody may call the routes under **Public**. The routes under **User** need \`From: sip:user@domain\`, an activated account, and either
\`x-api-key\` or \`Authorization: Digest\` (RFC 7616, MD5 or SHA-256). The routes under **Admin** need an account of an administrator.

To try the routes here, press **Authorize**. Enter \`From\`, and either an API key or the password. Administrators generate keys in
[the panel](${publicUrl}/account). This page signs Digest by itself.`;

/** Creates the OpenAPI 3.1 document of the application, with the rules and examples that follow from its settings. */
export function createDocument(app: INestApplication, settings: Settings): OpenAPIObject {
  const { publicUrl } = settings;
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Flexisip API')
    .setDescription(description(publicUrl))
    .setVersion(VERSION)
    .addServer(publicUrl, 'This service')
    .addTag('Public', 'For everybody: create and activate an account.')
    .addTag('User', 'For an authenticated account: read and change itself.')
    .addTag('Admin', 'For administrators: manage all accounts.')
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: 'From',
        description: 'The SIP address of the calling account: `sip:user@domain`.',
      },
      'from',
    )
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'The API key of the account that `From` names.' },
      'apiKey',
    )
    .addSecurity('digest', { type: 'http', scheme: 'digest', description: 'RFC 7616, qop=auth, MD5 or SHA-256.' })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    autoTagControllers: false,
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}_${method}`,
  });
  describeSuccess(document);
  applySettings(document, settings);
  fillBodies(document);
  return document;
}

/** Adds the description of a success, which the Nest plugin leaves empty. */
function describeSuccess(document: OpenAPIObject): void {
  const operations = Object.values(document.paths).flatMap(({ get, post, put, patch, delete: remove }) => [
    get,
    post,
    put,
    patch,
    remove,
  ]);
  for (const success of operations.flatMap((operation) => [operation?.responses['200'], operation?.responses['201']])) {
    if (success && !('$ref' in success)) success.description ||= 'Success.';
  }
}

/** Adds a viewport, which the template of Swagger UI lacks, so that phones show the page in their own width. */
function fitTelephones(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, _reply, payload, done) => {
    const isPage = PAGES.has(request.routeOptions.url) && typeof payload === 'string';
    done(
      null,
      isPage
        ? payload.replace('<head>', '<head>\n  <meta name="viewport" content="width=device-width, initial-scale=1">')
        : payload,
    );
  });
}

declare global {
  /** Set by `ui/plugin.js`, in the page. */
  var flexisipDigest: { plugin(system: unknown): unknown; prepare(request: unknown): unknown };
}

/** Options whose source text goes to the page. They run there and cannot use anything of this module. */
const IN_THE_PAGE = {
  plugins: [(system: unknown) => globalThis.flexisipDigest.plugin(system)],
  requestInterceptor: (request: unknown) => globalThis.flexisipDigest.prepare(request),
};

/** Serves Swagger UI with its own assets under {@link DOCS_PATH}. `/api` redirects there. */
export function serveDocs(app: NestFastifyApplication, settings: Settings): void {
  const fastify = app.getHttpAdapter().getInstance();
  const plugin = serveUiScripts(fastify, `${DOCS_PATH}/digest`);
  fitTelephones(fastify);
  SwaggerModule.setup(DOCS_PATH, app, () => createDocument(app, settings), {
    jsonDocumentUrl: `${DOCS_PATH}/openapi.json`,
    yamlDocumentUrl: `${DOCS_PATH}/openapi.yaml`,
    customSiteTitle: settings.appName,
    customJs: settings.publicPath + plugin,
    customfavIcon: `${settings.publicPath}${FAVICON_PATH}`,
    swaggerOptions: { ...IN_THE_PAGE, tryItOutEnabled: true, displayRequestDuration: true },
  });
  fastify.get('/api', (_request, reply) => reply.redirect(`${settings.publicPath}${DOCS_PATH}`));
}
