/**
 * JSON schemas of body members. They have the rules of the service for everything that is measured. Phone numbers are
 * rejected, as usernames too: they need statements that no measured call runs.
 */
const text = (least: number, most: number) =>
  ({ type: 'string', minLength: least, maxLength: most, pattern: '^\\P{Cs}*$' }) as const;

/** `null` counts as absent. */
const optional = <Schema extends object>(schema: Schema) => ({ anyOf: [{ type: 'null' }, schema] });

const username = { type: 'string', pattern: '^(?!\\+?\\d+$)[a-z0-9._+-]{6,64}$' } as const;
const algorithm = { enum: ['SHA-256', 'MD5'] } as const;
const absent = { type: 'null' } as const;

/** The members of every new account. */
export const newAccount = {
  required: ['username', 'password', 'algorithm'],
  properties: { username, password: text(6, 256), algorithm, phone: absent },
} as const;

/** Further members for administrators. */
export const adminMembers = {
  domain: optional({ type: 'string' }),
  email: optional({ type: 'string', maxLength: 64, pattern: '^[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\\.)+[A-Za-z]{2,}$' }),
  activated: { enum: [true, false, 1, 0, '1', '0', null] },
  admin: { enum: [true, false, 1, 0, '1', '0', null] },
  confirmation_key_expires: optional({
    type: 'string',
    pattern: '^[1-9]\\d{3}-(0[1-9]|1[0-2])-(0[1-9]|1\\d|2[0-8]) ([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d$',
  }),
};

/** Further members for apps. */
export const tokenMembers = {
  token: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
  domain: optional({ type: 'string' }),
  email: absent,
};

/** The body of a password change. */
export const passwordChange = {
  type: 'object',
  required: ['algorithm', 'password', 'old_password'],
  properties: { algorithm, password: text(6, 256), old_password: { type: 'string', pattern: '^\\P{Cs}*$' } },
} as const;
