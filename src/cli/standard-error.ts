import { standardError } from '../common/output.js';
import { printable } from '../logging/printable.js';

/** Whether the command was called by a program, by `--json`: also where it never came to read its options. */
const isForPrograms = process.argv.includes('--json');

/**
 * Says something beside the outcome, on standard error: in a line for people, or as a JSON object in a line for programs.
 *
 * @param more lines that explain it, or members of the object.
 */
export function say(kind: 'error' | 'warning' | 'progress', message: string, more: Readonly<Record<string, readonly string[]>> = {}): void {
  const details = Object.entries(more);
  const text = isForPrograms
    ? JSON.stringify({ [kind]: { message, ...(details.length > 0 ? { errors: more } : {}) } })
    : [message, ...details.flatMap(([, messages]) => messages).filter((line) => line !== message)].join('\n  - ');
  standardError.write(`${text}\n`);
}

/** The same, of text that others chose. */
export function sayPrintable(kind: 'error' | 'warning' | 'progress', message: string): void {
  say(kind, printable(message));
}
