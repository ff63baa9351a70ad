/** The columns that the migrations for the apps of 2022 add to `accounts`, in a row that does not use them. */
export const NEW_COLUMNS = {
  display_name: null,
  dtmf_protocol: null,
  dictionary: null,
  updated_at: null,
  blocked: 0,
  activated_before_block: 0,
  never_activated: 0,
  has_creation_token: 0,
};

/** The members that contract-2x §6 adds, of an account that was just created and does not use them. */
export function newMembersOf({ username, domain, creation_time }: Record<string, string>): Record<string, unknown> {
  const created = `${String(creation_time).replace(' ', 'T')}Z`;
  return {
    display_name: null,
    dtmf_protocol: null,
    blocked: false,
    sip_uri: `sip:${username}@${domain}`,
    created_at: created,
    updated_at: created,
    dictionary: {},
    types: [],
    actions: [],
    email_change_code: null,
    phone_change_code: null,
  };
}

/** An account as it is expected after a change, which may happen in a later second. */
export function changedSince(account: Record<string, unknown>): Record<string, unknown> {
  return { ...account, updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown };
}
