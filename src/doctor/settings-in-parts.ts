import { inspectSettings, loadSettings } from '../config/load-settings.js';
import type { Settings } from '../config/settings.js';
import { type Environment, environmentAlone, merge, type Sources } from '../config/sources.js';
import { groupOf, type GroupName } from '../config/variables.js';

/** The groups of settings that are checked by themselves. If a setting of one is wrong, it cannot be checked. */
const PARTS = [
  'database',
  'push',
  'mail',
  'sms',
  'captcha',
  'texts',
  'devices',
  'redis',
  'firstAdmin',
] as const satisfies readonly GroupName[];

export type Part = (typeof PARTS)[number];

/** Substitute settings for a part that cannot be used. */
const STAND_INS: Partial<Record<Part, Environment>> = {
  database: { DB_DRIVER: 'sqlite' },
  push: { PUSH_DRIVER: 'log' },
  mail: { MAIL_DRIVER: 'log' },
  sms: { SMS_DRIVER: 'log' },
  captcha: { CAPTCHA_DRIVER: 'none' },
  devices: { DEVICES_DRIVER: 'none' },
  redis: { NONCE_STORE: 'database' },
};

export interface PartialSettings {
  /** The usable settings. Values of broken parts are meaningless, and so is the secret APP_KEY. */
  readonly settings: Settings;
  /** What is wrong, one line each. */
  readonly mistakes: readonly string[];
  /** Values that may be wrong, one line each. */
  readonly warnings: readonly string[];
  readonly broken: ReadonlySet<Part>;
}

/** Reads the settings, or as many of them as can be used. Generates no key and changes nothing. */
export function settingsInParts(sources: Sources): PartialSettings {
  const { mistakes, warnings } = inspectSettings(sources);
  const broken = new Set<Part>();
  const wrong = new Set<string>();
  let usable: Environment = merge(sources);
  for (let left = mistakes; left.length > 0; left = inspectSettings(environmentAlone(usable)).mistakes) {
    const known = wrong.size;
    for (const mistake of left) wrong.add(nameOf(mistake));
    if (wrong.size > known) {
      usable = without(usable, [...wrong], broken);
    } else {
      // The remaining mistakes name variables that were already removed and are now missing, so no setting can be used.
      breakAll(broken);
      usable = {};
    }
  }
  // The content of an unreadable file is unknown.
  if (!sources.file.isReadable && sources.file.mistakes.length > 0) breakAll(broken);
  return {
    settings: loadSettings({ ...usable, APP_KEY: 'x'.repeat(32), APP_KEY_FILE: undefined }),
    mistakes,
    warnings,
    broken,
  };
}

function breakAll(broken: Set<Part>): void {
  for (const part of PARTS) broken.add(part);
}

function without(environment: Environment, names: readonly string[], broken: Set<Part>): Environment {
  for (const part of PARTS) if (names.some((name) => groupOf(name) === part)) broken.add(part);
  // Devices use the same Redis.
  if (broken.has('redis')) broken.add('devices');
  const isBroken = (name: string) => [...broken].some((part) => groupOf(name) === part);
  const isGone = (name: string) => isBroken(name) || names.some((wrong) => name === wrong || name === `${wrong}_FILE`);
  const kept = Object.entries(environment).filter(([name]) => !isGone(name));
  const isKeyWrong = names.includes('APP_KEY');
  return Object.assign(
    Object.fromEntries(kept),
    ...[...broken].map((part) => STAND_INS[part] ?? {}),
    isKeyWrong ? { APP_KEY: 'x'.repeat(32) } : {},
  ) as Environment;
}

/** `NAME: what is wrong`, or `NAME_FILE: …`. */
function nameOf(mistake: string): string {
  return (mistake.split(':', 1)[0] ?? '').replace(/_FILE$/, '');
}
