import { standardError } from '../common/output.js';
import { printable } from '../logging/printable.js';

/**
 * Whether `--json` asks for output for programs. It is read here, because a command may fail before it parses its
 * options.
 */
const isForPrograms = process.argv.includes('--json');

/**
 * Writes a message to standard error: a line for people, or a JSON object in a line for programs.
 *
 * @param more lines that explain the message, or members of the object.
 */
export function say(
  kind: 'error' | 'warning' | 'progress',
  message: string,
  more: Readonly<Record<string, readonly string[]>> = {},
): void {
  const details = Object.entries(more);
  const text = isForPrograms
    ? JSON.stringify({ [kind]: { message, ...(details.length > 0 ? { errors: more } : {}) } })
    : [message, ...details.flatMap(([, messages]) => messages).filter((line) => line !== message)].join('\n  - ');
  standardError.write(`${text}\n`);
}

/** Writes a message that contains text from outside: control characters are escaped. */
export function sayPrintable(kind: 'error' | 'warning' | 'progress', message: string): void {
  say(kind, printable(message));
}
