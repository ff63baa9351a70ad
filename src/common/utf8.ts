import type { IncomingMessage } from 'node:http';

/** Characters that Node makes of bytes beyond ASCII. */
const BEYOND_ASCII = /[\x80-\xff]/;

/** Replaces bytes that are not UTF-8 in a text that {@link readAsUtf8} has decoded. */
export const REPLACEMENT = '\ufffd';

/**
 * Decodes the headers of a request as UTF-8, once, before other code reads them. Node decodes each byte as one
 * character (ISO 8859-1), so `John’s iPhone` would arrive garbled. Bytes that are not UTF-8 become {@link REPLACEMENT}
 * characters. A request target needs no decoding: Node refuses one with bytes beyond ASCII.
 */
export function readAsUtf8(request: IncomingMessage): void {
  const { rawHeaders } = request;
  if (!rawHeaders.some((text) => BEYOND_ASCII.test(text))) return;
  for (const [index, text] of rawHeaders.entries()) rawHeaders[index] = decode(text);
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string') request.headers[name] = decode(value);
  }
}

function decode(text: string): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
}
