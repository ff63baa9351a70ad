import type { IncomingMessage } from 'node:http';

/** What Node makes of bytes beyond ASCII. */
const BEYOND_ASCII = /[\x80-\xff]/;

/** What stands for bytes that are not UTF-8, in a text that {@link readAsUtf8} has read. */
export const REPLACEMENT = '\ufffd';

/**
 * Reads the headers of a request as UTF-8, once and before anything looks at them: Node gives every byte as a character of its own
 * (ISO 8859-1), and `John’s iPhone` would arrive garbled. Bytes that are not UTF-8 become {@link REPLACEMENT} characters. A request
 * target needs none of this: Node refuses one with bytes beyond ASCII.
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
