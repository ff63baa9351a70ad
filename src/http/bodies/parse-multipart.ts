import type { Readable } from 'node:stream';
import { Busboy, type BusboyConfig } from '@fastify/busboy';
import type { AppError } from '../../common/errors/app-error.js';
import { BadRequest, BodyTooLarge, BodyTypeUnsupported } from '../http.errors.js';

const MEDIA_TYPE = 'multipart/form-data';

/** Maximum number of parts of a body. A form has few parts; more are an attack on the parser. */
const MOST_PARTS = 32;

/** A file of a `multipart/form-data` body. Name and media type are claims of the sender. */
export class UploadedFile {
  constructor(
    /** File name from the sender, without a path. */
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
 * @param limit maximum size of the body, and of each of its files, in bytes.
 * @returns texts and files by the names of their fields.
 * @throws BodyTypeUnsupported, BodyTooLarge, BadRequest for a body that cannot be parsed, ends early or repeats a
 * field.
 */
export function parseMultipart(
  body: Readable,
  contentType: string | undefined,
  limit: number,
): Promise<Record<string, string | UploadedFile>> {
  const parser = parserFor(contentType, limit);
  const fields = new Map<string, string | UploadedFile>();
  return new Promise((resolve, reject) => {
    let size = 0;
    const refuse = (error: AppError) => {
      body.unpipe(parser);
      reject(error);
    };
    const add = (name: string, value: string | UploadedFile) => {
      if (fields.has(name)) refuse(new BadRequest());
      fields.set(name, value);
    };
    body.on('data', ({ length }: Buffer) => (size += length) > limit && refuse(new BodyTooLarge(limit)));
    body.once('close', () => body.readableEnded || refuse(new BadRequest()));
    parser.on('field', (name, value, _nameTruncated, valueTruncated) => {
      if (valueTruncated) refuse(new BodyTooLarge(limit));
      else add(name, value);
    });
    parser.on('file', (name, stream, filename, _encoding, mediaType) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('end', () => add(name, new UploadedFile(filename, mediaType, Buffer.concat(chunks))));
      stream.once('error', () => refuse(new BadRequest()));
    });
    for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
      parser.once(event, () => refuse(new BadRequest()));
    parser.once('error', () => refuse(new BadRequest()));
    parser.once('finish', () => resolve(Object.fromEntries(fields)));
    body.pipe(parser);
  });
}

function parserFor(contentType: string | undefined, limit: number): InstanceType<typeof Busboy> {
  if (contentType?.split(';', 1)[0]?.trim().toLowerCase() !== MEDIA_TYPE) throw new BodyTypeUnsupported([MEDIA_TYPE]);
  const limits: BusboyConfig['limits'] = {
    fieldSize: limit,
    fileSize: limit,
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
