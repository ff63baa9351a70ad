import type { Purpose } from '../../src/verification/purpose.js';
import { Verification } from '../../src/verification/verification.service.js';
import { Api } from '../support/api.js';
import { range } from '../support/public-routes.js';
import { CodeMissing, NotSent, RECOVERY, RecoveryCodes, RecoveryCodesWithoutCount, TABLE } from './recovery-codes.js';

/** Tests the procedure for all kinds of proof with a kind that the service does not have. */
describe('A purpose with three tries', () => {
  let api: Api;
  let verification: Verification;
  const codes = new RecoveryCodes();

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'on' } });
    verification = api.app.get(Verification);
    await api.sql(TABLE);
  });
  afterEach(() => api.mails.recover());
  afterAll(() => api.stop());

  const newAddress = () => `${api.given.unique('owner')}@example.org`;

  async function issue(address: string, purpose: Purpose<'mail'> = RECOVERY): Promise<string> {
    await verification.issueSecret(purpose, {
      countsFor: { target: address },
      message: ({ secret: code, expires }) => ({
        name: 'a recovery code',
        content: { kind: 'activation', to: address, account: 'sip:a@example.org', code, expires },
      }),
      keep: (manager, { stored, expires }) => codes.replace(manager, address, stored, expires),
    });
    return codeIn(api.mails.last);
  }

  const codeIn = (mail: typeof api.mails.last) => (mail.kind === 'activation' ? mail.code : '');

  const redeem = (address: string, guess: string, store: RecoveryCodes | RecoveryCodesWithoutCount = codes) =>
    verification.redeemSecret(RECOVERY, store, {
      countsFor: address,
      key: () => address,
      guess,
      accept: async (_manager, pending) => pending.address,
    });
  /** The name of the error that rejects an attempt, or the result of the attempt. */
  const outcomeOf = (attempt: Promise<string>) => attempt.catch((error: Error) => error.constructor.name);

  it('sends a secret that the database has as a hash only', async () => {
    const address = newAddress();
    const code = await issue(address);
    const [row] = await api.sql('SELECT * FROM recovery_codes WHERE address = ?', [address]);
    expect(api.mails.last).toMatchObject({ to: address, code });
    expect(row).toMatchObject({ code: expect.stringMatching(/^[0-9a-f]{64}$/), failures: 0 });
  });

  it('keeps nothing of a secret that is not delivered', async () => {
    const address = newAddress();
    api.mails.fail();
    await expect(issue(address)).rejects.toThrow(NotSent);
    expect(await outcomeOf(redeem(address, 'any'))).toBe('CodeMissing');
  });

  it('accepts the right secret after two wrong ones, once', async () => {
    const address = newAddress();
    const code = await issue(address);
    expect(await outcomeOf(redeem(address, 'wrong'))).toBe('CodeWrong');
    expect(await outcomeOf(redeem(address, 'wrong'))).toBe('CodeWrong');
    expect(await outcomeOf(redeem(address, code))).toBe(address);
    expect(await outcomeOf(redeem(address, code))).toBe('CodeMissing');
  });

  it('ends the secret with the third wrong one', async () => {
    const address = newAddress();
    const code = await issue(address);
    for (const _ of range(3)) expect(await outcomeOf(redeem(address, 'wrong'))).toBe('CodeWrong');
    expect(await outcomeOf(redeem(address, code))).toBe('CodeMissing');
  });

  it('judges three of twelve guesses at once', async () => {
    const address = newAddress();
    await issue(address);
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => outcomeOf(redeem(address, 'wrong'))));
    expect(outcomes.filter((outcome) => outcome === 'CodeWrong')).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === 'CodeMissing')).toHaveLength(9);
  });

  it('ends the secret with the first wrong one where the store has no place for a count', async () => {
    const address = newAddress();
    const code = await issue(address);
    expect(await outcomeOf(redeem(address, 'wrong', new RecoveryCodesWithoutCount()))).toBe('CodeWrong');
    expect(await outcomeOf(redeem(address, code))).toBe('CodeMissing');
  });

  it('leaves a secret whose effect fails as it was', async () => {
    const address = newAddress();
    const code = await issue(address);
    const attempt = verification.redeemSecret(RECOVERY, codes, {
      countsFor: address,
      key: () => address,
      guess: code,
      accept: () => Promise.reject(new RangeError('the effect fails')),
    });
    await expect(attempt).rejects.toThrow(RangeError);
    expect(await outcomeOf(redeem(address, code))).toBe(address);
  });

  it('ends a secret whose right guess is too late', async () => {
    const address = newAddress();
    const code = await issue(address);
    api.clock.advance(601);
    expect(await outcomeOf(redeem(address, code))).toBe('CodeExpired');
    await expect(redeem(address, code)).rejects.toThrow(CodeMissing);
  });

  it('may send a secret again that was sent a moment ago', async () => {
    const address = newAddress();
    const code = await issue(address);
    expect(await issue(address, { ...RECOVERY, draw: async () => code })).toBe(code);
    expect(await outcomeOf(redeem(address, code))).toBe(address);
  });

  it('limits requests for a target, and failures whatever was sent in between', async () => {
    const address = newAddress();
    for (const _ of range(3)) await issue(address);
    await expect(issue(address)).rejects.toMatchObject({ code: 'too_many_attempts' });
    const other = newAddress();
    for (const turn of range(10)) {
      const target = `${turn}-${other}`;
      await issue(target);
      const guess = () =>
        verification.redeemSecret(RECOVERY, codes, {
          countsFor: other,
          key: () => target,
          guess: 'wrong',
          accept: async () => 'never',
        });
      expect(await outcomeOf(guess())).toBe('CodeWrong');
      expect(await outcomeOf(guess())).toBe('CodeWrong');
    }
    await expect(
      verification.redeemSecret(RECOVERY, codes, {
        countsFor: other,
        key: () => other,
        guess: 'any',
        accept: async () => 'never',
      }),
    ).rejects.toMatchObject({ code: 'too_many_attempts' });
  });

  it('sends nothing where a limit has nobody to count for', async () => {
    const { attempts } = api.mails;
    const request = verification.issueSecret(RECOVERY, {
      message: () => ({
        name: 'never',
        content: { kind: 'password-set', to: 'nobody@example.org', account: 'sip:a@example.org' },
      }),
      keep: async () => undefined,
    });
    await expect(request).rejects.toThrow('nobody is named for the limit emailRequestsPerAddress');
    expect(api.mails.attempts).toBe(attempts);
  });
});
