import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { range } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';
import { answerFrom, challengeFor, from, LIMITED, newAddress, retryAfter, TOO_MANY } from './callers.js';

const WRONG = '401 credentials_invalid';
const RIGHT = '200';

describe('Wrong credentials', () => {
  let api: Api;
  let alice: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: LIMITED });
  });
  beforeEach(async () => {
    alice = await api.given.account();
  });
  afterAll(() => api.stop());

  const guess = (address: string, account = alice) => from(api, address, account, 'wrong').get(ME);
  const fail = async (address: string, times: number, account = alice) => {
    for (const _ of range(times)) expect(refusal(await guess(address, account))).toBe(WRONG);
  };

  describe('from one address', () => {
    it('are judged 30 times in a minute; then right ones are refused too', async () => {
      const address = newAddress();
      await fail(address, 30);
      const refused = await from(api, address, alice).get(ME);
      expect(refusal(refused)).toBe(TOO_MANY);
      expect(retryAfter(refused)).toBeGreaterThan(0);
      expect(retryAfter(refused)).toBeLessThanOrEqual(60);
      expect(refused.challenges).toEqual([]);
      api.clock.advance(60);
      expect((await from(api, address, alice).get(ME)).status).toBe(200);
    });

    it('count together, by key and by Digest, for all accounts and for none', async () => {
      const address = newAddress();
      const bob = await api.given.account();
      const challenge = await challengeFor(api, alice, address);
      await fail(address, 8);
      await fail(address, 7, bob);
      for (const nc of range(8))
        expect(refusal(await answerFrom(api, alice, address, challenge, nc + 1, 'wrong'))).toBe(WRONG);
      const nobody = { ...alice, from: 'sip:nobody@sip.example.org' };
      for (const _ of range(7)) expect(refusal(await guess(address, nobody))).toBe('404 account_not_found');
      expect(refusal(await guess(address))).toBe(TOO_MANY);
      expect(refusal(await answerFrom(api, alice, address, challenge, 9, alice.password))).toBe(TOO_MANY);
    });

    it('do not include calls without credentials, nor a right answer that is late or a copy', async () => {
      const address = newAddress();
      for (const _ of range(40)) await challengeFor(api, alice, address);
      const old = await challengeFor(api, alice, address);
      api.clock.advance(300);
      for (const nc of range(20)) {
        expect(refusal(await answerFrom(api, alice, address, old, nc + 1, alice.password))).toBe('401 nonce_invalid');
      }
      const fresh = await challengeFor(api, alice, address);
      expect((await answerFrom(api, alice, address, fresh, 1, alice.password)).status).toBe(200);
      for (const _ of range(20)) {
        expect(refusal(await answerFrom(api, alice, address, fresh, 1, alice.password))).toBe('401 nonce_replayed');
      }
      expect((await answerFrom(api, alice, address, fresh, 2, alice.password)).status).toBe(200);
    });

    it('count also where the nonce is forged or late', async () => {
      const address = newAddress();
      const old = await challengeFor(api, alice, address);
      const forged = { ...old, nonce: 'ab'.repeat(35) };
      for (const nc of range(15))
        expect(refusal(await answerFrom(api, alice, address, forged, nc + 1, 'wrong'))).toBe('401 nonce_invalid');
      api.clock.advance(300);
      for (const nc of range(30))
        expect(refusal(await answerFrom(api, alice, address, old, nc + 1, 'wrong'))).toBe('401 nonce_invalid');
      expect(refusal(await guess(address))).toBe(TOO_MANY);
    });

    it('are judged 30 times of 100 that come at once', async () => {
      const address = newAddress();
      const answers = await Promise.all(range(100).map(() => guess(address)));
      expect(tally(answers)).toEqual({ [WRONG]: 30, [TOO_MANY]: 70 });
    });

    it('do not get right ones refused that come at the same moment, however many', async () => {
      const address = newAddress();
      expect(tally(await Promise.all(range(150).map(() => from(api, address, alice).get(ME))))).toEqual({
        [RIGHT]: 150,
      });
      const other = newAddress();
      await fail(other, 29);
      expect(tally(await Promise.all(range(20).map(() => from(api, other, alice).get(ME))))).toEqual({ [RIGHT]: 20 });
    });

    it('of one caller do not shut out another who has called from the same address before', async () => {
      const address = newAddress();
      const bob = await api.given.account();
      expect((await from(api, address, alice).get(ME)).status).toBe(200);
      await fail(address, 30, bob);
      expect(refusal(await guess(address, bob))).toBe(TOO_MANY);
      expect((await from(api, address, alice).get(ME)).status).toBe(200);
    });

    it('are limited also for a caller who has called from there before', async () => {
      const address = newAddress();
      expect((await from(api, address, alice).get(ME)).status).toBe(200);
      await fail(address, 30);
      expect(refusal(await guess(address))).toBe(TOO_MANY);
    });
  });

  describe('for one account', () => {
    /** Fails for the account from many addresses, so that none of them reaches its own limit. */
    const failFromEverywhere = async (times: number) => {
      const addresses = range(Math.ceil(times / 25)).map(newAddress);
      for (const index of range(times))
        expect(refusal(await guess(addresses[Math.floor(index / 25)] ?? ''))).toBe(WRONG);
    };

    it('are judged 100 times in a row; then it is open only to addresses that had the right ones before', async () => {
      const home = newAddress();
      expect((await from(api, home, alice).get(ME)).status).toBe(200);
      await failFromEverywhere(100);
      const refused = await from(api, newAddress(), alice).get(ME);
      expect(refusal(refused)).toBe(TOO_MANY);
      expect(retryAfter(refused)).toBeGreaterThan(3_000);
      expect((await from(api, home, await api.given.account()).get(ME)).status).toBe(200);
      const challenge = await challengeFor(api, alice, home);
      expect((await answerFrom(api, alice, home, challenge, 1, alice.password)).status).toBe(200);
    });

    it('begin a new row once the account was proven', async () => {
      await failFromEverywhere(99);
      expect((await from(api, newAddress(), alice).get(ME)).status).toBe(200);
      await failFromEverywhere(99);
      expect((await from(api, newAddress(), alice).get(ME)).status).toBe(200);
    });

    it('are forgotten after an hour', async () => {
      await failFromEverywhere(100);
      expect(refusal(await from(api, newAddress(), alice).get(ME))).toBe(TOO_MANY);
      api.clock.advance(3_600);
      expect((await from(api, newAddress(), alice).get(ME)).status).toBe(200);
    });

    it('count for no other account, even if its name differs in case only', async () => {
      await failFromEverywhere(100);
      const shouting = { ...alice, from: alice.from.toUpperCase().replace('SIP:', 'sip:') };
      expect(refusal(await guess(newAddress(), shouting))).toBe('404 account_not_found');
    });
  });
});
