import { createHash } from 'node:crypto';
import type { Api } from '../support/api.js';
import type { Answer, RawRequest } from '../support/http.js';
import { leaked } from '../support/logged.js';
import { confirmationSecretOf } from '../support/mail-routes.js';

/** Members of bodies and parameters of Authorization that are secrets, valid or not. */
const SECRET_MEMBERS = ['password', 'old_password', 'token', 'account_creation_token', 'code'];
const SECRET_PARAMETERS = ['nonce', 'cnonce', 'response'];

/** The columns that hold secrets, with the names of the secrets. */
const STORED: [table: string, column: string][] = [
  ['passwords', 'password'],
  ['api_keys', '`key`'],
  ['accounts', 'confirmation_key'],
  ['phone_change_codes', 'code'],
  ['email_changed', 'hash'],
  ['email_changed', 'code'],
  ['email_changed', 'salt'],
  ['flexisip_api_tokens', 'hash'],
  ['tokens', 'token'],
];

/**
 * Collects every secret that is sent, answered, delivered or stored while a test calls the service, and finds out where
 * they leaked.
 */
export class Harvest {
  readonly secrets = new Set<string>();
  private readonly refusals: string[] = [];

  /** Begins to collect secrets from everything that goes through `api.send()`. */
  constructor(private readonly api: Api) {
    const send = api.send.bind(api);
    api.send = async (request) => {
      this.addSent(request);
      const answer = await send(request);
      await this.addAnswered(answer);
      return answer;
    };
    const { appKey, database } = api.settings;
    this.add(appKey, database.driver === 'mysql' ? database.password : undefined);
  }

  /** Adds secrets by hand. A text of fewer than 4 characters is skipped: it would be found anywhere. */
  add(...secrets: unknown[]): void {
    for (const secret of secrets) if (typeof secret === 'string' && secret.length >= 4) this.secrets.add(secret);
  }

  /** Records an answer that did not go through `api.send()`. */
  note({ status, text }: Answer): void {
    if (status >= 400) this.refusals.push(text);
  }

  /** @throws an Error that names the secrets that leaked into the log, or into an answer that refuses a call. */
  check(): void {
    const found = this.found();
    if (found.length > 0) throw new Error(`Secrets were shown:\n${found.join('\n')}`);
  }

  private found(): string[] {
    const secrets = [...this.secrets];
    // Source positions in stacks are numbers of up to 4 digits, like codes.
    const log = this.api.log.map((line) => line.replaceAll(/:\d+:\d+/g, ':PLACE'));
    const refusals = { log: this.refusals.map((text) => JSON.stringify({ text })) };
    return [
      ...leaked({ log }, ...secrets).map((secret) => `logged: ${secret}`),
      ...leaked(refusals, ...secrets).map((secret) => `answered: ${secret}`),
    ];
  }

  private addSent({ headers = {}, body }: RawRequest): void {
    this.add(headers['x-api-key']);
    const authorization = String(headers.authorization ?? '');
    for (const name of SECRET_PARAMETERS) this.add(new RegExp(`\\b${name}="?([^",]+)`).exec(authorization)?.[1]);
    this.addMembers(parse(body));
  }

  /** Adds the secrets of a body, and the HA1 that its password would be stored as. */
  addMembers(members: Record<string, unknown>): void {
    this.add(...SECRET_MEMBERS.map((member) => members[member]));
    const text = [members.username, 'sip.example.org', members.password].join(':');
    for (const hash of ['md5', 'sha256']) this.add(createHash(hash).update(text).digest('hex'));
  }

  private async addAnswered(answer: Answer): Promise<void> {
    this.note(answer);
    const { api } = this;
    this.add(...api.pushes.delivered.map(({ token }) => token), ...api.messages.delivered.map(({ code }) => code));
    for (const mail of api.mails.delivered) {
      if (mail.kind === 'activation') this.add(mail.code);
      if (mail.kind === 'email-confirmation') this.add(confirmationSecretOf(mail));
    }
    if (answer.status !== 200) return;
    for (const [table, column] of STORED) {
      const rows = await api.sql(`SELECT ${column} AS secret FROM ${table}`);
      this.add(...rows.map(({ secret }: { secret: unknown }) => secret));
    }
  }
}

function parse(body: RawRequest['body']): Record<string, unknown> {
  try {
    const members: unknown = JSON.parse(String(body));
    return typeof members === 'object' && members !== null ? (members as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
