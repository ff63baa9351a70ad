import { type ConstantStatement, constantStatement } from './constant-statement.js';

const TABLE = 'accounts';
const placesFor = (count: number): string => Array.from({ length: count }, () => '?').join(', ');

describe('A constant statement', () => {
  it('is a literal, or literals put together', () => {
    expect(constantStatement('SELECT 1').text).toBe('SELECT 1');
    expect(constantStatement(`SELECT id FROM ${TABLE} WHERE id = ?`).text).toBe('SELECT id FROM accounts WHERE id = ?');
  });

  // `npm run types` fails if one of these lines compiles, because the directive above it is then unused.
  it('is no text that is put together at run time', () => {
    const id: number = 1;
    // @ts-expect-error a text of unknown length
    const list = constantStatement(`SELECT id FROM accounts WHERE id IN (${placesFor(3)})`);
    // @ts-expect-error any text at all
    const any = constantStatement(placesFor(3));
    // @ts-expect-error a value in the text
    const value = constantStatement(`SELECT id FROM accounts WHERE id = ${id}`);
    // @ts-expect-error an object of the same shape
    const shape: ConstantStatement = { text: placesFor(3) };
    expect([list, any, value, shape]).toHaveLength(4);
  });
});
