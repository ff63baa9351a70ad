import type { Readable } from 'node:stream';
import { Busboy, type BusboyConfig } from '@fastify/busboy';
import type { AppError } from '../../common/errors/app-error.js';
import { BadRequest, BodyTooLarge } from '../http.errors.js';

/** Maximum number of parts of a body. A form has few parts; more are an attack on the parser. */
const MOST_PARTS = 32;

/** A file of a `multipart/form-data` body. Name and media type are claims of the sender. */
export class UploadedFile {
  constructor(
    /** File name from the sender, without a path. Empty if the sender gives none. */
    readonly name: string,
    /** Media type from the sender. */
    readonly mediaType: string,
    readonly bytes: Buffer,
  ) {}
}

/**
 * Reads and parses a `multipart/form-data` body (RFC 7578).
 *
 * @param contentType the header as sent, with its boundary.
 * @param limit maximum size of the body in bytes.
 * @returns texts and files by the names of their fields.
 * @throws BodyTooLarge, or BadRequest for a body that cannot be parsed, ends early, repeats a field or has one without
 * a name.
 */
export async function parseMultipart(
  body: Readable,
  contentType: string,
  limit: number,
): Promise<Record<string, string | UploadedFile>> {
  // A caller that has hung up sends no events any more.
  if (body.destroyed) throw new BadRequest();
  const parser = parserFor(contentType, limit);
  const fields = new Map<string, string | UploadedFile>();
  return new Promise((resolve, reject) => {
    let size = 0;
    const refuse = (error: AppError) => {
      // The rest is read and discarded: a connection that is closed while bytes arrive loses the answer.
      body.unpipe(parser).resume();
      reject(error);
    };
    const add = (name: string | undefined, value: string | UploadedFile) => {
      if (name === undefined || fields.has(name)) return refuse(new BadRequest());
      fields.set(name, value);
    };
    body.on('data', ({ length }: Buffer) => (size += length) > limit && refuse(new BodyTooLarge(limit)));
    body.once('close', () => body.readableEnded || refuse(new BadRequest()));
    parser.on('field', add);
    // The types of the parser claim that there is always a name and a file name.
    parser.on('file', (name: string | undefined, stream, filename: string | undefined, _encoding, mediaType) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('end', () => add(name, new UploadedFile(filename ?? '', mediaType, Buffer.concat(chunks))));
      stream.once('error', () => refuse(new BadRequest()));
    });
    parser.once('partsLimit', () => refuse(new BadRequest()));
    parser.once('error', () => refuse(new BadRequest()));
    parser.once('finish', () => resolve(Object.fromEntries(fields)));
    body.pipe(parser);
  });
}

function parserFor(contentType: string, limit: number): InstanceType<typeof Busboy> {
  const limits: BusboyConfig['limits'] = {
    // The parser's own limit is 1 MiB. The size of the whole body is checked.
    fieldSize: limit,
    parts: MOST_PARTS,
    headerPairs: 16,
    headerSize: 4_096,
  };
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits });
  } catch {
    // Without a boundary, no part can be found.
    throw new BadRequest();
  }
}
