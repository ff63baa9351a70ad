import { isNativeError } from 'node:util/types';
import { redisReason } from './redis-answers.js';

/**
 * A neighbour (mail server, SMS gateway, push service, SIP proxy, Redis) did not do what it was asked for: it was not
 * reached, was late, refused, or answered what cannot be understood.
 *
 * The message is for the log alone. It names the neighbour and the reason, and never quotes what was sent or answered:
 * either may hold a token, a code or a key.
 */
export class NeighbourFailed extends Error {
  /**
   * @param neighbour who, as an operator knows it: `the mail server smtp.example.org:587`.
   * @param reason what happened, without a full stop.
   */
  constructor(neighbour: string, reason: string) {
    super(`${neighbour}: ${reason}`);
  }
}

/** Says in a few words what went wrong on the way: the code of a system, TLS or protocol error, else its message. */
export function reasonOf(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  const answered = redisReason(error);
  if (answered !== null) return answered;
  const { errors, code } = error as { errors?: readonly unknown[]; code?: unknown };
  // Several addresses of one host fail together.
  if (errors?.length) return reasonOf(errors[0]);
  return typeof code === 'string' ? code : error.message;
}
