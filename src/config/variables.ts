import { captcha } from './groups/captcha.js';
import { database } from './groups/database.js';
import { devices } from './groups/devices.js';
import { firstAdmin } from './groups/first-admin.js';
import { identity } from './groups/identity.js';
import { lifetimes } from './groups/lifetimes.js';
import { limits } from './groups/limits.js';
import { listening } from './groups/listening.js';
import { mail } from './groups/mail.js';
import { monitoring } from './groups/monitoring.js';
import { outbound } from './groups/outbound.js';
import { push } from './groups/push.js';
import { redis } from './groups/redis.js';
import { sms } from './groups/sms.js';
import { texts } from './groups/texts.js';
import { turn } from './groups/turn.js';
import type { Setting, SettingGroup, ValuesOf } from './setting.js';

/** All settings of this version (protocol §9), by group, in the order of the documentation. */
export const groups = {
  listening,
  database,
  identity,
  firstAdmin,
  outbound,
  push,
  mail,
  texts,
  sms,
  captcha,
  devices,
  turn,
  redis,
  lifetimes,
  limits,
  monitoring,
} as const satisfies Record<string, SettingGroup>;

export type GroupName = keyof typeof groups;
export const groupNames = Object.keys(groups) as GroupName[];

/** The intersection of several types. */
type Together<Types> = (Types extends unknown ? (one: Types) => void : never) extends (all: infer All) => void
  ? All
  : never;
type Declared = Together<(typeof groups)[GroupName]['settings']>;

export type VariableName = keyof Declared;
export type Values = ValuesOf<Declared>;

/** The declaration of each variable. */
export const variables = Object.assign({}, ...groupNames.map((name) => groups[name].settings)) as Readonly<
  Record<VariableName, Setting>
>;
export const variableNames = Object.keys(variables) as VariableName[];

const isInFile = ({ secret, file }: Setting) => secret === true || file !== undefined;

/** Variables that may also be given as `NAME_FILE`, the path of a file with the value: secrets and certificates. */
export const fileNames = variableNames.filter((name) => isInFile(variables[name]));

/** Variables whose values must be kept from other users of the machine. */
export const secretNames = variableNames.filter((name) => variables[name].secret === true);

/** Variables whose values may have several lines: certificates and keys, JSON, templates and texts. */
export const namesInSeveralLines: readonly string[] = variableNames.filter(
  (name) => variables[name].severalLines === true,
);

/**
 * The group of a variable. An unknown name belongs to the group of the variable that shares most of its first words,
 * such as `MAIL_`. It belongs to none if several groups tie or no variable shares a word.
 */
export function groupOf(name: string): GroupName | undefined {
  const nearness = groupNames.map(
    (group) => [group, Math.max(...Object.keys(groups[group].settings).map((one) => sameWords(one, name)))] as const,
  );
  const most = Math.max(...nearness.map(([, words]) => words));
  const [nearest, other] = nearness.filter(([, words]) => words === most && words > 0);
  return other === undefined ? nearest?.[0] : undefined;
}

/** The number of equal words at the beginning of two names. Infinity if the names are equal. */
function sameWords(one: string, other: string): number {
  if (one === other) return Infinity;
  const words = other.split('_');
  const different = one.split('_').findIndex((word, index) => word !== words[index]);
  return different < 0 ? one.split('_').length : different;
}

/** The type of a member for a value: null stands for a missing value. */
type Member<Value> = undefined extends Value
  ? Member<Exclude<Value, undefined>> | null
  : Value extends readonly unknown[]
    ? Readonly<Value>
    : Value;

/** The members of `Settings` that hold the value of one variable unchanged. */
export type FilledMembers = {
  readonly [
    Name in VariableName as Declared[Name] extends { readonly fills: infer Filled extends string } ? Filled : never
  ]: Member<Values[Name]>;
};

/** Returns these members for values that have been checked. */
export function filledMembers(values: Values): FilledMembers {
  const members = variableNames.flatMap((name): [string, unknown][] => {
    const { fills } = variables[name];
    return fills === undefined ? [] : [[fills, values[name] ?? null]];
  });
  return Object.fromEntries(members) as unknown as FilledMembers;
}
