import { assert, constantFrom, integer, property, string } from 'fast-check';
import { parseContact } from './contact-header.js';

const AT = 1_795_472_029;
const value = (parameters: string, after = ';expires=600') => `<sip:user@192.0.2.7:49152;${parameters}>${after}`;

describe('parseContact', () => {
  it('reads a Contact header as Flexisip writes it', () => {
    const text =
      '<sip:user@192.0.2.7:49152;transport=tls;pn-prid=f6y8:APA91bH;callid=Zt3-aBc~d.;expires=3600;cseq=2;updatedAt=1795472029;alias=no' +
      '?accept=application%2Fsdp&user-agent=Linphone%2F5.2%20%28Pixel%203a%29>;+sip.instance="<urn:uuid:1>";q=1.000;expires=600';
    expect(parseContact('"<urn:uuid:1>"', text)).toEqual({
      uniqueId: '"<urn:uuid:1>"',
      updatedAt: new Date(AT * 1000),
      expiresAt: new Date((AT + 600) * 1000),
      userAgent: 'Linphone/5.2 (Pixel 3a)',
    });
  });

  it.each([
    ['sips', `<sips:user@192.0.2.7;updatedAt=${AT}>;expires=600`],
    ['another case', `<SIP:user@192.0.2.7;UPDATEDAT=${AT}>;Expires=600`],
    ['a display name', `"Jo" <sip:user@192.0.2.7;updatedAt=${AT}>;expires=600`],
    ['a display name with brackets', `"Jo <work>" <sip:user@192.0.2.7;updatedAt=${AT}>;expires=600`],
    ['blanks', `<sip:user@192.0.2.7;updatedAt=${AT}> ; expires = 600`],
    ['no user', `<sip:192.0.2.7;updatedAt=${AT}>;expires=600`],
    ['an IPv6 address', `<sip:user@[2001:db8::1]:5060;updatedAt=${AT}>;expires=600`],
    ['a semicolon within quotes', value(`updatedAt=${AT}`, ';+sip.instance="<urn:x;expires=7>";expires=600')],
    ['a semicolon within quotes, at their end', value(`updatedAt=${AT}`, ';description="a;expires=7";expires=600')],
  ])('reads one with %s', (_name, text) => {
    expect(parseContact('x', text)).toEqual({
      uniqueId: 'x',
      updatedAt: new Date(AT * 1000),
      expiresAt: new Date((AT + 600) * 1000),
      userAgent: '',
    });
  });

  it.each([
    ['no brackets', `sip:user@192.0.2.7;updatedAt=${AT};expires=600`],
    ['another scheme', `<tel:+33612345678;updatedAt=${AT}>;expires=600`],
    ['no end', `<sip:user@192.0.2.7;updatedAt=${AT}`],
    ['no update time', value('cseq=2')],
    ['an update time behind the URI', value('cseq=2', `;updatedAt=${AT};expires=600`)],
    ['an expiry within the URI alone', value(`updatedAt=${AT};expires=600`, '')],
    ['a negative number', value(`updatedAt=-${AT}`)],
    ['a fraction', value(`updatedAt=${AT}.5`)],
    ['an exponent', value('updatedAt=1e9')],
    ['a number far too large', value('updatedAt=99999999999')],
    ['an empty number', value('updatedAt=')],
    ['a name that only ends so', value(`xupdatedAt=${AT}`)],
  ])('is null for one with %s', (_name, text) => {
    expect(parseContact('x', text)).toBeNull();
  });

  it('leaves a User-Agent that is not escaped well as it is', () => {
    expect(parseContact('x', value(`updatedAt=${AT}?user-agent=50%`))?.userAgent).toBe('50%');
  });

  it('never throws, and what it reads are dates that can be shown', () => {
    const piece = constantFrom(
      '<sip:',
      '<',
      '>',
      ';',
      '?',
      '&',
      '=',
      '"',
      'updatedAt=',
      ';expires=',
      'user-agent=',
      '9999999999',
      '0',
      '%zz',
      '\n',
    );
    const parts = string({ unit: piece, maxLength: 40 });
    // An invalid date throws here.
    const dates = (text: string) => JSON.stringify(parseContact('x', text));
    expect(() =>
      assert(
        property(parts, (text) => void dates(text)),
        { numRuns: 2_000 },
      ),
    ).not.toThrow();
  });

  it('reads back every User-Agent and every moment', () => {
    expect.hasAssertions();
    assert(
      property(
        string({ unit: 'grapheme' }),
        integer({ min: 0, max: 9_999_999_999 }),
        integer({ min: 0, max: 9_999_999_999 }),
        (agent, at, seconds) => {
          const text = value(
            `updatedAt=${at}?accept=x&user-agent=${encodeURIComponent(agent)}`,
            `;q=1;expires=${seconds}`,
          );
          expect(parseContact('x', text)).toMatchObject({
            userAgent: agent,
            updatedAt: new Date(at * 1000),
            expiresAt: new Date((at + seconds) * 1000),
          });
        },
      ),
    );
  });

  it('takes a long value in its stride', () => {
    const start = performance.now();
    for (const text of [
      '<'.repeat(200_000),
      '<sip:'.repeat(50_000),
      `<sip:${';'.repeat(200_000)}`,
      `<sip:?${'&'.repeat(200_000)}>`,
    ])
      parseContact('x', text);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('reads a long one without any parameter at once, and none that is longer than any proxy takes', () => {
    const contact = (user: string) => `<sip:${user}@192.0.2.7;updatedAt=1795472029>;expires=600`;
    expect(parseContact('one', contact('a'.repeat(15_000)))?.updatedAt).toEqual(new Date(1_795_472_029_000));
    expect(parseContact('one', contact('a'.repeat(20_000)))).toBeNull();
  });
});
