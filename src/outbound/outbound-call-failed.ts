import { isNativeError } from 'node:util/types';
import { redisReason } from './redis-answers.js';

/**
 * A call to an external service (mail server, SMS gateway, push service, SIP proxy, Redis) failed: the service was not
 * reached, answered too late, refused, or answered something that cannot be understood.
 *
 * The message is for the log only. It names the service and the reason. It never quotes the request or the answer,
 * which may hold a token, a code or a key.
 */
export class OutboundCallFailed extends Error {
  /**
   * @param service the name of the service as the operator knows it: `the mail server smtp.example.org:587`.
   * @param reason what happened, without a full stop.
   */
  constructor(service: string, reason: string) {
    super(`${service}: ${reason}`);
  }
}

/** Returns the cause of a failed call in a few words: the code of a system, TLS or protocol error, else its message. */
export function reasonOf(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  const answered = redisReason(error);
  if (answered !== null) return answered;
  const { errors, code } = error as { errors?: readonly unknown[]; code?: unknown };
  // The attempts on several addresses of one host fail together.
  if (errors?.length) return reasonOf(errors[0]);
  return typeof code === 'string' ? code : error.message;
}
