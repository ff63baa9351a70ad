import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import type { Answer } from '../support/http.js';
import { contact, FlexisipProxy } from '../support/external/flexisip-proxy.js';
import { refusal } from '../support/refusal.js';

const WARN = 40;
/** Milliseconds within which a call is over whose external service has one second. */
const SOON = 5_000;

describe('Accounts that may no longer register at a SIP proxy', () => {
  let api: Api;
  let proxy: FlexisipProxy;
  let admin: GivenAccount;

  beforeAll(async () => {
    proxy = await FlexisipProxy.start();
    api = await Api.start({
      environment: { RATE_LIMITS: 'off', NEIGHBOUR_TIMEOUT: '1', ...proxy.environment },
      real: ['devices'],
    });
    admin = await api.given.admin();
  });
  afterAll(async () => {
    await api?.stop();
    await proxy.stop();
  });
  beforeEach(async () => {
    await proxy.restart();
    api.log.length = 0;
  });

  interface Way {
    call: (account: GivenAccount) => Promise<Answer>;
    /** Whether the database has it. */
    isDone: (account: GivenAccount) => Promise<boolean>;
  }
  const isGone = async ({ id }: GivenAccount) => (await api.count('accounts', 'id = ?', [id])) === 0;
  const isInactive = async ({ id }: GivenAccount) =>
    (await api.count('accounts', 'id = ? AND activated = 0', [id])) === 1;
  const DEACTIVATE: Way = {
    call: ({ id }) => api.withKey(admin).post(`/api/accounts/${id}/deactivate`),
    isDone: isInactive,
  };
  const ways: [string, Way][] = [
    ['POST /accounts/{id}/deactivate', DEACTIVATE],
    [
      'GET /accounts/{id}/deactivate',
      { call: ({ id }) => api.withKey(admin).get(`/api/accounts/${id}/deactivate`), isDone: isInactive },
    ],
    ['DELETE /accounts/{id}', { call: ({ id }) => api.withKey(admin).delete(`/api/accounts/${id}`), isDone: isGone }],
    ['DELETE /accounts/me', { call: (account) => api.withKey(account).delete('/api/accounts/me'), isDone: isGone }],
  ];

  const warnings = (): string[] =>
    api.log
      .map((line) => JSON.parse(line) as { level: number; msg: string })
      .filter(({ level }) => level >= WARN)
      .map(({ msg }) => msg);

  async function accountWith(...uniqueIds: string[]): Promise<GivenAccount> {
    const account = await api.given.account();
    await proxy.register(account, ...uniqueIds.map((uniqueId) => contact(uniqueId)));
    return account;
  }

  describe.each(ways)('%s', (_name, { call, isDone }) => {
    it('removes every registration of the account, one by one, and none of others', async () => {
      const account = await accountWith('"<urn:uuid:1>"', 'fs-gen-2', 'call@192.0.2.3');
      const other = await accountWith('"<urn:uuid:1>"');
      expect((await call(account)).status).toBe(200);
      expect(await proxy.takeCommands()).toEqual([
        `REGISTRAR_GET sip:${account.sip}`,
        `REGISTRAR_DELETE sip:${account.sip} "<urn:uuid:1>"`,
        `REGISTRAR_DELETE sip:${account.sip} fs-gen-2`,
        `REGISTRAR_DELETE sip:${account.sip} call@192.0.2.3`,
      ]);
      expect(await proxy.registered(other)).toEqual(['"<urn:uuid:1>"']);
      expect(warnings()).toEqual([]);
    });

    it('asks for one that has none, and warns of nothing', async () => {
      const account = await api.given.account();
      expect((await call(account)).status).toBe(200);
      expect(await proxy.takeCommands()).toEqual([`REGISTRAR_GET sip:${account.sip}`]);
      expect(warnings()).toEqual([]);
    });

    it('asks the proxy when the database has it, not before', async () => {
      const account = await accountWith('one');
      await proxy.hold();
      const answer = call(account);
      await proxy.untilCommands(1);
      expect(await isDone(account)).toBe(true);
      await proxy.release();
      expect((await answer).status).toBe(200);
      expect(await proxy.registered(account)).toEqual([]);
    });

    it.each([
      ['is down', () => proxy.end(), /ECONNREFUSED/],
      ['takes nobody', async () => proxy.freeze(), /did not answer in time/],
      ['reads and answers nothing', () => proxy.hold(), /did not answer in time/],
      ['answers what is no record', () => proxy.behave({ answer: '<html>' }), /answered what is no record/],
    ])('succeeds in time, with a warning, while the proxy %s', async (_case, begin, reason) => {
      const account = await accountWith('one');
      await begin();
      const start = performance.now();
      expect((await call(account)).status).toBe(200);
      expect(performance.now() - start).toBeLessThan(SOON);
      expect(await isDone(account)).toBe(true);
      expect(warnings()).toEqual([expect.stringMatching(reason)]);
      expect(warnings()[0]).toContain(`A registration of ${account.sip} was not removed`);
    });
  });

  it('are rid of all other registrations when one cannot be removed', async () => {
    const account = await accountWith('one', '', 'two words', 'f'.repeat(600), 'last');
    expect((await DEACTIVATE.call(account)).status).toBe(200);
    expect(await proxy.registered(account)).toEqual(['', 'two words', 'f'.repeat(600)]);
    expect(warnings()).toHaveLength(3);
    await proxy.checkUnharmed();
  });

  it('are deactivated although the proxy ends while it is asked', async () => {
    const account = await accountWith('one');
    await proxy.behave({ die: 'REGISTRAR_GET' });
    expect((await DEACTIVATE.call(account)).status).toBe(200);
    await expect(proxy.takeCommands()).rejects.toThrow('crashed');
  });

  it('keep their registrations when nothing is changed', async () => {
    const account = await accountWith('one');
    expect(refusal(await api.withKey(admin).delete('/api/accounts/4000000000'))).toBe('404 account_not_found');
    expect(refusal(await api.withKey(account).delete(`/api/accounts/${account.id}`))).toBe('403 admin_required');
    expect(await proxy.takeCommands()).toEqual([]);
    expect(await proxy.registered(account)).toEqual(['one']);
  });

  describe('an address that is not clean never reaches the socket:', () => {
    const domain = 'sip.example.org';
    it.each([
      ['an empty name', '', domain],
      ['an empty domain', 'somebody', ''],
      ['nothing at all', '', ''],
      ['a blank', 'some body', domain],
      ['two blanks', 'some  body', domain],
      ['a blank at the end', 'somebody ', domain],
      ['a tab', 'some\tbody', domain],
      ['a newline', 'some\nbody', domain],
      ['a newline at the end', 'somebody\n', domain],
      ['a command', 'a@b c\nREGISTRAR_CLEAR', domain],
      ['a NUL', 'some\u0000body', domain],
      ['an escape', '\u001b[31m', domain],
      ['DEL', 'some\u007fbody', domain],
      ['a C1 control', 'some\u0085body', domain],
      ['a double quote', '"some"', domain],
      ['a backslash', 'some\\body', domain],
      ['brackets', '<some>', domain],
      ['another @', 'some@body', domain],
      ['a percent sign', 'some%20body', domain],
      ['a number sign', 'some#body', domain],
      ['a colon', 'some:body', domain],
      ['a letter beyond ASCII', 'sömebody', domain],
      ['an emoji', '📱', domain],
      ['a no-break space', 'some\u00a0body', domain],
      ['a line separator', 'some\u2028body', domain],
      ['a domain with a blank', 'somebody', 'sip.example.org x'],
      ['a domain with a newline', 'somebody', 'sip.example.org\n'],
      ['a domain with a port', 'somebody', 'sip.example.org:5060'],
      ['a domain with parameters', 'somebody', 'sip.example.org;lr'],
      ['a domain beyond ASCII', 'somebody', 'bücher.example'],
    ])('%s', async (_name, username, host) => {
      const account = await api.given.account({ username, domain: host, key: false });
      expect((await DEACTIVATE.call(account)).status).toBe(200);
      expect(await isInactive(account)).toBe(true);
      expect(warnings()).toEqual([expect.stringContaining('not asked, since the address is not a clean SIP address')]);
      expect(await proxy.takeCommands()).toEqual([]);
      await proxy.checkUnharmed();
      await api.sql('DELETE FROM accounts WHERE id = ?', [account.id]);
    });

    it('and its devices are 503', async () => {
      const account = await api.given.account({ username: 'some body' });
      const from = `sip:some%20body@${domain}`;
      for (const path of ['/api/accounts/me/devices', '/api/accounts/me/devices/x']) {
        expect(refusal(await api.withKey({ ...account, from }).get(path))).toBe('503 devices_unavailable');
      }
      expect(await proxy.takeCommands()).toEqual([]);
    });

    it('while every name that a SIP URI holds as it is does', async () => {
      const account = await api.given.account({ username: `aZ09-_.!~*'()&=+$,;?/`, key: false });
      await proxy.register(account, contact('one'));
      expect((await DEACTIVATE.call(account)).status).toBe(200);
      expect(await proxy.registered(account)).toEqual([]);
      expect(warnings()).toEqual([]);
    });
  });
});
