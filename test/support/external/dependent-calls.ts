import type { Api } from '../api.js';
import type { GivenAccount } from '../factories.js';
import type { Answer } from '../http.js';
import { registrationBody, type RegistrationBody, stranger, tracesOf, uniquePhone } from '../public-routes.js';

/** An API call that needs an external service. */
export interface DependentCall {
  readonly name: string;
  /** Its response while the service fails. */
  readonly refusal: string;
  /** Prepares a new call. Returns functions that make it and that read its traces in the database. */
  prepare(api: Api): Promise<{ call(): Promise<Answer>; left(): Promise<unknown>; readonly nothing: unknown }>;
}

const registration = async (api: Api, body: RegistrationBody) => ({
  call: () => stranger(api).post('/api/accounts/with-token', body),
  left: () => tracesOf(api, body),
  nothing: { accounts: 0, orphans: 0, spentTokens: 0, tokens: 1 },
});

/** POST /tokens for a new device. The parameters of Apple go only to Apple. */
export const tokenFor = (provider: 'apns' | 'fcm'): DependentCall => ({
  name: 'POST /tokens',
  refusal: '503 push_not_delivered',
  prepare: async (api) => {
    const prid = provider === 'apns' ? `00${api.given.unique('').padStart(62, '0')}` : api.given.unique('device');
    return {
      call: () =>
        stranger(api).post('/api/tokens', {
          pn_provider: provider,
          pn_param: 'TEAM.org.example.phone.remote',
          pn_prid: prid,
        }),
      left: () => api.count('tokens', 'pn_prid = ?', [prid]),
      nothing: 0,
    };
  },
});

export const accountByMail: DependentCall = {
  name: 'POST /accounts/with-token, by mail',
  refusal: '503 mail_not_delivered',
  prepare: async (api) => registration(api, await registrationBody(api, { email: 'john@example.org' })),
};

export const accountBySms: DependentCall = {
  name: 'POST /accounts/with-token, by SMS',
  refusal: '503 sms_not_delivered',
  prepare: async (api) => registration(api, await registrationBody(api, { phone: uniquePhone(api) })),
};

const byAccount = (path: string, table: string, body: (api: Api) => object) => async (api: Api) => {
  const account = await api.given.account();
  return {
    call: () => api.withKey(account).post(path, body(api)),
    left: () => api.count(table, 'account_id = ?', [account.id]),
    nothing: 0,
  };
};

export const newEmail: DependentCall = {
  name: 'POST /accounts/me/email/request',
  refusal: '503 mail_not_delivered',
  prepare: byAccount('/api/accounts/me/email/request', 'email_changed', () => ({ email: 'new@example.org' })),
};

export const newPhone: DependentCall = {
  name: 'POST /accounts/me/phone/request',
  refusal: '503 sms_not_delivered',
  prepare: byAccount('/api/accounts/me/phone/request', 'phone_change_codes', (api) => ({ phone: uniquePhone(api) })),
};

const devices = (call: (api: Api, account: GivenAccount) => Promise<Answer>) => async (api: Api) => {
  const account = await api.given.account();
  return { call: () => call(api, account), left: async () => null, nothing: null };
};

export const listDevices: DependentCall = {
  name: 'GET /accounts/me/devices',
  refusal: '503 devices_unavailable',
  prepare: devices((api, account) => api.withKey(account).get('/api/accounts/me/devices')),
};

export const removeDevice: DependentCall = {
  name: 'DELETE /accounts/me/devices/{uuid}',
  refusal: '503 devices_unavailable',
  prepare: devices((api, account) => api.withKey(account).delete('/api/accounts/me/devices/urn:uuid:1')),
};
