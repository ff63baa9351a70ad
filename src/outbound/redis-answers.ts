import { isNativeError } from 'node:util/types';

/**
 * The codes by which a Redis says that this server cannot serve the command, or not now, with their meanings. A refused
 * command was not executed. A new connection may lead to another server: by DNS, by Sentinels, or by a proxy.
 *
 * Sources: `server.c` of Redis (createSharedObjects) for READONLY, MASTERDOWN, LOADING, MISCONF, OOM, NOREPLICAS,
 * NOAUTH and BUSY; `acl.c` for WRONGPASS and NOPERM; `cluster.c` for MOVED, ASK, CLUSTERDOWN, TRYAGAIN and CROSSSLOT
 * (the Redis Cluster specification); `networking.c` for DENIED; Valkey for REDIRECT.
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
  MAXCLIENTS: 'max number of clients reached',
};

/** The code for the text of a plain `ERR`, as newer versions or this service name it. */
const MEANT_BY_ERR: readonly (readonly [text: RegExp, code: string])[] = [
  // Redis 5 and earlier.
  [/invalid password/i, 'WRONGPASS'],
  [/max number of clients/i, 'MAXCLIENTS'],
  // The answer of a Redis Cluster node to SELECT.
  [/not allowed in cluster mode/i, 'MOVED'],
  // The answer to a command within a script before Redis 7.
  [/can't run this command|can't access at least one of the keys|ACL failure in script/i, 'NOPERM'],
];

/** Captures the command without its arguments, which may be secrets. */
const UNKNOWN_COMMAND = /^ERR (?:unknown|unsupported) command(?: ['`]([a-z|]{1,32})['`])?/i;

/** The codes by which a Redis Cluster node refuses keys. */
const CLUSTER_CODES = new Set(['MOVED', 'ASK', 'TRYAGAIN', 'CROSSSLOT', 'CLUSTERDOWN']);

/**
 * The code of an error that a Redis answered, such as `READONLY`. For a transaction it is the code of the first refused
 * command; for a script it is the code of the command in it.
 *
 * @returns null for an error that is not an answer of a Redis.
 */
export function redisErrorCode(error: unknown): string | null {
  if (!isNativeError(error) || error.name !== 'ReplyError') return null;
  const { previousErrors } = error as { previousErrors?: readonly Error[] };
  const [refused] = previousErrors ?? [];
  if (refused) return redisErrorCode(refused) ?? wordOf(refused.message);
  const code = wordOf(error.message);
  if (code !== 'ERR') return code;
  const meant = MEANT_BY_ERR.find(([text]) => text.test(error.message));
  if (meant) return meant[1];
  // Redis 6: `ERR Error running script (…): @user_script: 5: -READONLY You can't write …`.
  return /: -([A-Z]+) /.exec(error.message)?.[1] ?? code;
}

/** Whether a Redis answered that this server cannot serve the command, or not now. */
export function isNotHere(error: unknown): boolean {
  const code = redisErrorCode(error);
  return code !== null && Object.hasOwn(NOT_HERE, code);
}

/** Whether the error is the answer of a Redis Cluster node. */
export function isOfCluster(error: unknown): boolean {
  return CLUSTER_CODES.has(redisErrorCode(error) ?? '');
}

/**
 * Whether the server answered that it has no such command. It is a Sentinel, an old version, or a provider that has
 * disabled the command.
 */
export function isUnknownCommand(error: unknown): boolean {
  return redisErrorCode(error) === 'ERR' && UNKNOWN_COMMAND.test(messagesOf(error as Error));
}

/**
 * Describes an error answer of a Redis for the log: its code, the meaning, and the command that the user may not run.
 * It never quotes the answer itself, which may contain arguments.
 *
 * @returns null for an error that is not an answer of a Redis.
 */
export function redisReason(error: unknown): string | null {
  const code = redisErrorCode(error);
  if (code === null) return null;
  if (isUnknownCommand(error)) {
    const [, command] = UNKNOWN_COMMAND.exec(messagesOf(error as Error)) ?? [];
    return `ERR (unknown command${command ? `: ${command.toLowerCase()}` : ''})`;
  }
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
