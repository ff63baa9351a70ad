import { PassThrough, Readable } from 'node:stream';
import { BadRequest, BodyTooLarge } from '../http.errors.js';
import { parseMultipart } from './parse-multipart.js';

describe('parseMultipart', () => {
  const TYPE = 'multipart/form-data; boundary=b';
  const part = (...head: string[]) => `--b\r\n${head.join('\r\n')}\r\n\r\ncontent\r\n`;
  const parse = (text: string, limit = 10_000) => parseMultipart(Readable.from([Buffer.from(text)]), TYPE, limit);

  it('returns texts and files by their names', async () => {
    const named = part('Content-Disposition: form-data; name="text"');
    const file = part('Content-Disposition: form-data; name="file"; filename="a.wav"', 'Content-Type: audio/wav');
    expect(await parse(`${named}${file}--b--`)).toEqual({
      text: 'content',
      file: { name: 'a.wav', mediaType: 'audio/wav', bytes: Buffer.from('content') },
    });
  });

  it('gives a file without a file name an empty one', async () => {
    const file = part('Content-Disposition: form-data; name="file"', 'Content-Type: application/octet-stream');
    expect(await parse(`${file}--b--`)).toMatchObject({ file: { name: '', mediaType: 'application/octet-stream' } });
  });

  it.each(['form-data', 'form-data; filename="a.wav"'])('refuses a part without a name: %s', async (disposition) => {
    await expect(parse(`${part(`Content-Disposition: ${disposition}`)}--b--`)).rejects.toBeInstanceOf(BadRequest);
  });

  it('refuses a text that is longer than the limit', async () => {
    const long = parse(`${part('Content-Disposition: form-data; name="text"')}--b--`, 50);
    await expect(long).rejects.toBeInstanceOf(BodyTooLarge);
  });

  it('refuses a body whose sender has hung up', async () => {
    const body = new PassThrough();
    const parsed = parseMultipart(body, TYPE, 10_000);
    body.write(part('Content-Disposition: form-data; name="text"'));
    body.destroy();
    await expect(parsed).rejects.toBeInstanceOf(BadRequest);
  });

  it('refuses a body whose sender hung up before it is read', async () => {
    await expect(parseMultipart(new PassThrough().destroy(), TYPE, 10_000)).rejects.toBeInstanceOf(BadRequest);
  });
});
