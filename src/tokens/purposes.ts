import { randomAlphanumeric } from '../common/random.js';
import type { Issuing } from '../verification/purpose.js';
import { PushNotDelivered } from './tokens.errors.js';

/** The token that proves a device (protocol §4). It is redeemed in the transaction that creates the account. */
export const CREATION_TOKEN = {
  channel: 'push',
  draw: () => randomAlphanumeric(13),
  lifetime: ({ tokenLifetime }) => tokenLifetime,
  storedAs: 'clear text',
  notDelivered: PushNotDelivered,
} as const satisfies Issuing<'push'>;

/** The same token, for an app that asks for it again until the push arrives (contract-2x §2). */
export const REPEATED_CREATION_TOKEN = {
  ...CREATION_TOKEN,
  limits: { target: 'pushesPerDevice' },
} as const satisfies Issuing<'push'>;
