import { text } from 'node:stream/consumers';

/** Reads a password from standard input, where `ps` shows it to nobody; the end of its line is none of it. */
export async function passwordFromStdin(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, '');
}
