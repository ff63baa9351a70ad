import { isNativeError } from 'node:util/types';

/**
 * The codes by which a Redis says that it is not the one to ask, or not now, with what each means. What it refused it has not done.
 * A new connection may lead elsewhere: by DNS, by Sentinels, or by a proxy.
 *
 * Sources: `server.c` of Redis (createSharedObjects) for READONLY, MASTERDOWN, LOADING, MISCONF, OOM, NOREPLICAS, NOAUTH and BUSY;
 * `acl.c` for WRONGPASS and NOPERM; `cluster.c` for MOVED, ASK, CLUSTERDOWN, TRYAGAIN and CROSSSLOT (the Redis Cluster
 * specification); `networking.c` for DENIED; Valkey for REDIRECT.
 */
const NOT_HERE: Readonly<Record<string, string>> = {
  READONLY: 'a replica, which takes no writes',
  MASTERDOWN: 'a replica without its primary',
  REDIRECT: 'no primary any more',
  LOADING: 'still loading its data',
  NOREPLICAS: 'too few replicas to take writes',
  MISCONF: 'no writes while it cannot save its data',
  OOM: 'no memory left for writes',
  BUSY: 'busy with a script',
  MOVED: 'a node of a Redis Cluster, which is not supported',
  ASK: 'a node of a Redis Cluster, which is not supported',
  TRYAGAIN: 'a node of a Redis Cluster, which is not supported',
  CROSSSLOT: 'a node of a Redis Cluster, which is not supported',
  CLUSTERDOWN: 'a node of a Redis Cluster, which is not supported',
  NOAUTH: 'no password was given',
  WRONGPASS: 'user or password is wrong',
  NOPERM: 'the user lacks a right',
  DENIED: 'protected mode',
};

/** The codes by which a node of a Redis Cluster refuses keys. */
const CLUSTER_CODES = new Set(['MOVED', 'ASK', 'TRYAGAIN', 'CROSSSLOT', 'CLUSTERDOWN']);

/** What a node of a Redis Cluster says to SELECT. */
const REFUSED_BY_CLUSTER = /not allowed in cluster mode/i;

/** What else a server of before Redis 7 says within a script. */
const DENIED_IN_SCRIPT = /can't run this command|can't access at least one of the keys|ACL failure in script/i;

/**
 * The code of an error that a Redis answered, such as `READONLY`: of the first command that a transaction refused, and of the command in a
 * script.
 *
 * @returns null for an error that no Redis answered.
 */
export function redisErrorCode(error: unknown): string | null {
  if (!isNativeError(error) || error.name !== 'ReplyError') return null;
  const { previousErrors } = error as { previousErrors?: readonly Error[] };
  const [refused] = previousErrors ?? [];
  if (refused) return redisErrorCode(refused) ?? wordOf(refused.message);
  const code = wordOf(error.message);
  if (code !== 'ERR') return code;
  if (REFUSED_BY_CLUSTER.test(error.message)) return 'MOVED';
  if (DENIED_IN_SCRIPT.test(error.message)) return 'NOPERM';
  // Redis 6: `ERR Error running script (…): @user_script: 5: -READONLY You can't write …`.
  return /: -([A-Z]+) /.exec(error.message)?.[1] ?? code;
}

/** Whether a Redis answered that it is not the one to ask, or not now. */
export function isNotHere(error: unknown): boolean {
  const code = redisErrorCode(error);
  return code !== null && Object.hasOwn(NOT_HERE, code);
}

/** Whether it answered as a node of a Redis Cluster does. */
export function isOfCluster(error: unknown): boolean {
  return CLUSTER_CODES.has(redisErrorCode(error) ?? '');
}

/**
 * What a Redis answered, for the log: its code, what that means, and the command that a user may not give. Never the answer itself,
 * which may quote arguments.
 *
 * @returns null for an error that no Redis answered.
 */
export function redisReason(error: unknown): string | null {
  const code = redisErrorCode(error);
  if (code === null) return null;
  const meaning = Object.hasOwn(NOT_HERE, code) ? NOT_HERE[code] : undefined;
  const [, command] = code === 'NOPERM' ? (/'([a-z|]+)' command/i.exec(messagesOf(error as Error)) ?? []) : [];
  return meaning === undefined ? code : `${code} (${meaning}${command ? `: ${command}` : ''})`;
}

function messagesOf(error: Error): string {
  const { previousErrors = [] } = error as { previousErrors?: readonly Error[] };
  return [...previousErrors, error].map(({ message }) => message).join('\n');
}

function wordOf(message: string): string {
  return message.split(' ', 1)[0] ?? '';
}
