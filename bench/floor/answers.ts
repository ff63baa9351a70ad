import type { FastifyReply } from 'fastify';

type Headers = Readonly<Record<string, string>>;

/** An error of the API: its status and its body. */
export interface Refusal {
  readonly status: number;
  readonly body: Buffer;
}

const refusal = (status: number, code: string, message: string): Refusal => ({
  status,
  body: Buffer.from(JSON.stringify({ message, code })),
});

/** The errors that measured calls may get. Other errors get only a status. */
export const refusals = {
  authenticationRequired: refusal(401, 'authentication_required', 'Authentication is required.'),
  credentialsInvalid: refusal(401, 'credentials_invalid', 'The credentials are not valid.'),
  nonceInvalid: refusal(401, 'nonce_invalid', 'Nonce invalid. Please authenticate again.'),
  nonceReplayed: refusal(401, 'nonce_replayed', 'Nonce replayed. Please authenticate again.'),
  notActivated: refusal(403, 'account_not_activated', 'This account is not activated.'),
  adminRequired: refusal(403, 'admin_required', 'Only administrators can do this.'),
  accountNotFound: refusal(404, 'account_not_found', 'This account does not exist.'),
};

/** Sends responses with the headers of the service, each with one call of Fastify's reply. */
export class Answers {
  private readonly text: Headers;
  private readonly json: Headers;

  /** @param publicUrl decides whether browsers are told to require HTTPS. */
  constructor(publicUrl: string) {
    const common = securityHeaders(publicUrl.startsWith('https:'));
    this.text = { ...common, 'content-type': 'text/plain' };
    this.json = { ...common, 'content-type': 'application/json', 'cache-control': 'no-store' };
  }

  /** Sends a 200 with plain text that a cache may store. */
  sendText(reply: FastifyReply, text: string): FastifyReply {
    return reply.headers(this.text).header('x-request-id', reply.request.id).send(text);
  }

  /** Sends a 200 with an object. */
  sendJson(reply: FastifyReply, body: object): FastifyReply {
    return this.sendBytes(reply, Buffer.from(JSON.stringify(body)));
  }

  /** Sends an error. Only a 401 has a challenge. */
  refuse(reply: FastifyReply, { status, body }: Refusal): FastifyReply {
    if (status !== 401) reply.removeHeader('www-authenticate');
    return this.sendBytes(reply.code(status), body);
  }

  /** Sends a status without a body, for input that no measured call has. */
  refuseBarely(reply: FastifyReply, status: number): FastifyReply {
    return reply.removeHeader('www-authenticate').code(status).send();
  }

  /** The body is sent as bytes, because Fastify appends a charset to the type of anything else. */
  private sendBytes(reply: FastifyReply, bytes: Buffer): FastifyReply {
    return reply.headers(this.json).header('x-request-id', reply.request.id).send(bytes);
  }
}

function securityHeaders(isSecure: boolean): Headers {
  return {
    'content-security-policy': "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    ...(isSecure && { 'cross-origin-opener-policy': 'same-origin' }),
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'referrer-policy': 'no-referrer',
    ...(isSecure && { 'strict-transport-security': 'max-age=31536000' }),
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'x-download-options': 'noopen',
    'x-frame-options': 'DENY',
    'x-permitted-cross-domain-policies': 'none',
    'x-xss-protection': '0',
  };
}
