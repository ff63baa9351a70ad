import { lstatSync, readFileSync } from 'node:fs';

/** The text of a file, or why it cannot be read. The reason completes a sentence that begins with the file. */
export type TextFile = { readonly text: string } | { readonly problem: string };

const REASONS: Record<string, string> = {
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read by the user that this process runs as',
  EPERM: 'may not be read by the user that this process runs as',
  ELOOP: 'is a link to itself',
};

/**
 * Reads a text file in UTF-8. A byte order mark is not part of the text. Other encodings are rejected: a file in UTF-16
 * or Latin-1 would give a different text.
 */
export function readTextFile(path: string): TextFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      return { problem: isLink(path) ? 'is a link to a file that does not exist' : 'does not exist' };
    return { problem: REASONS[code] ?? `cannot be read (${code})` };
  }
  if (isUtf16(bytes)) return { problem: 'is in UTF-16: save it as UTF-8' };
  if (bytes.includes(0)) return { problem: 'is not a text file: it holds NUL bytes' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'is not in UTF-8: save it as UTF-8' };
  }
}

/**
 * Whether a path exists in any form, including a broken link or a folder. It is `hidden` if the user of this process
 * may not search its folder.
 */
export function presenceOf(path: string): 'present' | 'absent' | 'hidden' {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined ? 'absent' : 'present';
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // Any other error occurs again when the file is read, and is reported there.
    return code === 'EACCES' || code === 'EPERM' ? 'hidden' : 'present';
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** Detects UTF-16 by its byte order mark, or by ASCII characters with a NUL byte before or after each. */
function isUtf16(bytes: Buffer): boolean {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  const start = bytes.subarray(0, 64);
  const nulsAt = (parity: number) => start.filter((byte, index) => index % 2 === parity && byte === 0).length;
  return (
    start.length >= 4 &&
    [0, 1].some((parity) => nulsAt(parity) >= Math.floor(start.length / 2) * 0.8 && nulsAt(1 - parity) === 0)
  );
}
