import { anything, array, assert, integer, json, oneof, property, record, string } from 'fast-check';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import { parseRecord } from './flexisip-registrar.js';

const member = oneof(string(), integer(), json(), anything());
const contactOfSorts = record(
  { 'unique-id': member, 'expires-at': member, 'update-time': member, 'user-agent': member },
  { requiredKeys: [] },
);

/** Returns an empty text for values that JSON cannot express, such as a BigInt. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

/** Whether the answer is read as registrations, or fails with the only error that is allowed. */
function isSound(answer: string): boolean {
  try {
    // An invalid date throws here, with another error than OutboundCallFailed.
    return parseRecord(answer).every(({ uniqueId, userAgent, expiresAt, updatedAt }) => {
      const dates = expiresAt.toISOString() + updatedAt.toISOString();
      return typeof uniqueId === 'string' && typeof userAgent === 'string' && /^\d{4}-.*Z$/.test(dates);
    });
  } catch (error) {
    // The error does not quote the answer, which may hold private data.
    return error instanceof OutboundCallFailed && error.message === 'the SIP proxy: answered what is no record';
  }
}

describe('parseRecord', () => {
  it('throws nothing but OutboundCallFailed, whatever the proxy answers', () => {
    const answers = oneof(string(), json(), string({ unit: 'binary' }));
    expect(() => assert(property(answers, isSound), { numRuns: 1_000 })).not.toThrow();
  });

  it('throws nothing but OutboundCallFailed, whatever is in a record', () => {
    const contacts = array(oneof(contactOfSorts, anything()));
    expect(() =>
      assert(
        property(contacts, (list) => isSound(stringify({ contacts: list }))),
        { numRuns: 1_000 },
      ),
    ).not.toThrow();
  });

  it.each([
    '',
    '\n',
    ' ',
    '{"contacts":[]}',
    '{"contacts":[],"aor":"x"}',
    'Error 404',
    'Error - 404 Not Found: …',
    'Error: 404',
  ])('takes %j for an address without registrations', (answer) => {
    expect(parseRecord(answer)).toEqual([]);
  });

  it.each([
    '404',
    'error 404',
    'Error',
    'Error 40',
    ' Error 404',
    'x\nError 404',
    'Error\n404',
    '{}',
    '[]',
    'null',
    '{"contacts":{}}',
    '{"contacts":null}',
  ])('takes %j for a failure', (answer) => {
    expect(() => parseRecord(answer)).toThrow(OutboundCallFailed);
  });

  it('keeps a unique id as it is, and ignores members it does not know', () => {
    const contact = {
      'unique-id': ' "<urn:uuid:1>" ',
      'expires-at': 1_619_089_200,
      'update-time': 1_619_085_600,
      'user-agent': 'x',
      q: 1,
      path: [],
    };
    expect(parseRecord(JSON.stringify({ contacts: [contact] }))).toEqual([
      {
        uniqueId: ' "<urn:uuid:1>" ',
        expiresAt: new Date('2021-04-22T11:00:00Z'),
        updatedAt: new Date('2021-04-22T10:00:00Z'),
        userAgent: 'x',
      },
    ]);
  });
});
