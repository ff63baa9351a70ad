import { createHmac } from 'node:crypto';

/** A user name and a password that a TURN server accepts until a moment. */
export interface TurnCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Credentials for a TURN server with a shared secret, as coturn and others accept them (draft-uberti-behave-turn-rest).
 * The user name has the end of the validity. The password proves that the holder of the secret has chosen it.
 *
 * @param user the user of the server, without a colon. Apps send it in clear text.
 */
export function turnCredentials(secret: string, user: string, expires: Date): TurnCredentials {
  const username = `${Math.floor(expires.getTime() / 1000)}:${user}`;
  return { username, password: createHmac('sha1', secret).update(username).digest('base64') };
}
