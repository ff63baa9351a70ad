import { text } from 'node:stream/consumers';

/** Reads a password from standard input, so that `ps` does not show it. A line break at the end is removed. */
export async function passwordFromStdin(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, '');
}
