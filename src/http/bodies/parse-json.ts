import { parse } from 'secure-json-parse';
import { BodyNotJson, BodyNotObject } from '../http.errors.js';

type Members = Record<string, unknown>;

/** Parses a request body as protocol §1 defines it. Members that are `null` count as absent. */
export function parseJsonBody(bytes: Buffer): Members {
  return withoutNulls(parseMergePatch(bytes));
}

/** Parses a merge patch (RFC 7396). Members that are `null` stay: each removes the member of its name. */
export function parseMergePatch(bytes: Buffer): Members {
  const body = parseJson(bytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new BodyNotObject();
  return body as Members;
}

function withoutNulls(body: Members): Members {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

function parseJson(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return parse(text, { protoAction: 'remove', constructorAction: 'remove' });
  } catch {
    throw new BodyNotJson();
  }
}
