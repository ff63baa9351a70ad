import * as fc from 'fast-check';
import { bodySyntax, contentType, fillTemplate, findPlaceholders, type Syntax } from './http-template.js';

const phone = '+33612345678';
const fill = (template: string, message: string, syntax: Syntax) => fillTemplate(template, { phone, message }, syntax);

/** Any text that Node can write as UTF-8. Special characters occur more often than by chance. */
const special = fc.constantFrom(...'"\'\\&<>%+={}?#/;,\n\r\0é€😀', '{phone}', '{message}', ']]>', '$&', "$'", '\u2028');
const message = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(special).map((parts) => parts.join('')),
);

const unescapeXml = (text: string) =>
  text.replace(/&#(\d+);/g, (_entity, code: string) => String.fromCodePoint(Number(code)));

describe('A template of a request', () => {
  it('has the number with its plus and without, and the message, as often as they are asked for', () => {
    expect(fill('{phone} 00{phone_digits} {message}{message}', 'hi', 'text')).toBe('+33612345678 0033612345678 hihi');
  });

  it('keeps what looks like a placeholder and is none', () => {
    const template = '{Phone} {{code}} { phone } {phone {digits} {}';
    expect(fill(template, 'hi', 'text')).toBe(template);
  });

  it('never fills in what a value holds', () => {
    expect(fill('{message}|{phone}', '{phone} {message} $& $1', 'text')).toBe(`{phone} {message} $& $1|${phone}`);
  });

  it('names what it asks for', () => {
    expect(findPlaceholders('a{message}b{phone_digits}{phone}{other}{message}')).toEqual([
      'message',
      'phone_digits',
      'phone',
      'message',
    ]);
  });

  it('called again, begins from the start', () => {
    expect([fill('{message}', 'one', 'text'), fill('{message}', 'two', 'text')]).toEqual(['one', 'two']);
    expect([findPlaceholders('{message}'), findPlaceholders('{message}')]).toEqual([['message'], ['message']]);
  });

  describe('whatever the message holds', () => {
    it('gives a query its members and no others', () => {
      fc.assert(
        fc.property(message, (text) => {
          const url = new URL(fill('https://sms.example.org/{message}/?to={phone}&text={message}&end=1', text, 'url'));
          expect([...url.searchParams]).toEqual([
            ['to', phone],
            ['text', text],
            ['end', '1'],
          ]);
          expect([url.host, url.hash, url.username]).toEqual(['sms.example.org', '', '']);
        }),
      );
    });

    it('gives a form its members and no others', () => {
      fc.assert(
        fc.property(message, (text) => {
          expect([...new URLSearchParams(fill('to={phone}&text={message}&end=1', text, 'form'))]).toEqual([
            ['to', phone],
            ['text', text],
            ['end', '1'],
          ]);
        }),
      );
    });

    it('gives JSON its members and no others', () => {
      fc.assert(
        fc.property(message, (text) => {
          const body = fill('{"to": ["{phone}"], "text": "<{message}>", "n": {phone_digits}}', text, 'json');
          expect(JSON.parse(body)).toEqual({ to: [phone], text: `<${text}>`, n: 33_612_345_678 });
        }),
      );
    });

    it('leaves no mark-up of its own in XML, neither as text nor in an attribute', () => {
      fc.assert(
        fc.property(message, (text) => {
          const [, attribute = '', element = ''] =
            /^<m a="([^"<>]*)">([^<>]*)<\/m>$/.exec(fill('<m a="{message}">{message}</m>', text, 'xml')) ?? [];
          expect([attribute, element].map(unescapeXml)).toEqual([text, text]);
          expect(attribute.replace(/&#\d+;/g, '')).not.toMatch(/[&'"]/);
        }),
      );
    });

    it('gives a header that holds printable ASCII alone', () => {
      fc.assert(
        fc.property(message, (text) => expect(fill('text {message}', text, 'header')).toMatch(/^[\x20-\x7e]+$/)),
      );
    });
  });
});

describe('The syntax of a body', () => {
  it.each<[string, string, Syntax]>([
    ['application/json', '', 'json'],
    ['application/json; charset=utf-8', '', 'json'],
    ['APPLICATION/JSON', '', 'json'],
    ['application/vnd.api+json', '', 'json'],
    ['application/xml', '', 'xml'],
    ['text/xml;charset=UTF-8', '', 'xml'],
    ['application/soap+xml', '', 'xml'],
    ['application/x-www-form-urlencoded', '{"a":1}', 'form'],
    ['text/plain', '{"a":1}', 'text'],
  ])('by the content type %s, whatever it looks like', (type, body, syntax) => {
    expect(bodySyntax({ 'Content-TYPE': type }, body)).toBe(syntax);
  });

  it.each<[string, Syntax]>([
    ['{"text": "{message}"}', 'json'],
    ['\n [{"text": "{message}"}]', 'json'],
    ['to={phone}&text={message}', 'form'],
    ['<sms to="{phone}">{message}</sms>', 'xml'],
    ['<?xml version="1.0"?><sms to="{phone}">{message}</sms>', 'xml'],
  ])('by its look, where no content type is given: %s', (body, syntax) => {
    expect(bodySyntax({ 'X-Content-Type': 'text/plain' }, body)).toBe(syntax);
  });

  it('knows a content type whatever the case of its name', () => {
    expect(contentType({ accept: 'a', 'CONTENT-type': 'b' })).toBe('b');
    expect(contentType({ accept: 'a' })).toBeUndefined();
  });
});
