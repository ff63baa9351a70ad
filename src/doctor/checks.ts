import { limitConnectionAttempts } from '../outbound/connection-attempts.js';
import type { SipAddress } from '../common/sip/sip-address.js';
import { merge, type Sources } from '../config/sources.js';
import { CaptchaCheck } from './checks/captcha-check.js';
import { ClockCheck } from './checks/clock-check.js';
import { CollationsCheck } from './checks/collations-check.js';
import { DatabaseCheck } from './checks/database-check.js';
import { DevicesCheck } from './checks/devices-check.js';
import { LoginCheck } from './checks/login-check.js';
import { MailCheck } from './checks/mail-check.js';
import { PrivateFilesCheck } from './checks/private-files-check.js';
import { PublicUrlCheck } from './checks/public-url-check.js';
import { PushCheck } from './checks/push-check.js';
import { RedisCheck } from './checks/redis-check.js';
import { ReplicationCheck } from './checks/replication-check.js';
import { RowsCheck } from './checks/rows-check.js';
import { SchemaCheck } from './checks/schema-check.js';
import { SettingsCheck } from './checks/settings-check.js';
import { SmsCheck } from './checks/sms-check.js';
import { TextsCheck } from './checks/texts-check.js';
import { type Check, warning } from './finding.js';
import { OpenDatabase } from './open-database.js';
import { type Part, settingsInParts } from './settings-in-parts.js';

/** An account whose login is to be checked. `password` is what its owner types, or null. */
export interface TypedLogin {
  readonly address: SipAddress;
  readonly password: string | null;
}

/** All checks in the order of their report, and the database that some of them open. */
export function checksFor(
  sources: Sources,
  typedLogin: TypedLogin | null,
): { checks: Check[]; database: OpenDatabase } {
  const { settings, mistakes, warnings, broken } = settingsInParts(sources);
  limitConnectionAttempts(settings.outboundTimeout);
  const given = merge(sources);
  const database = new OpenDatabase(settings);
  const unless = (part: Part, check: Check): Check => (broken.has(part) ? notLookedAt(check.name) : check);
  const ofDatabase = [
    new ReplicationCheck(database),
    new SchemaCheck(database),
    new CollationsCheck(database),
    new RowsCheck(database),
    new ClockCheck(database),
  ];
  const login = typedLogin
    ? [unless('database', new LoginCheck(database, typedLogin.address, typedLogin.password))]
    : [];
  const checks = [
    new SettingsCheck(settings, mistakes, warnings),
    new PublicUrlCheck(settings, Boolean(given.APP_URL)),
    unless('database', new DatabaseCheck(database, !given.APP_KEY && !given.APP_KEY_FILE)),
    ...(broken.has('database') ? [] : ofDatabase),
    new PrivateFilesCheck(broken.has('database') ? null : settings.database, given),
    ...login,
    unless('push', new PushCheck(settings)),
    unless('mail', new MailCheck(settings)),
    unless('sms', new SmsCheck(settings)),
    unless('captcha', new CaptchaCheck(settings)),
    unless('texts', new TextsCheck(settings)),
    unless('devices', new DevicesCheck(settings)),
    unless('redis', new RedisCheck(settings)),
  ];
  return { checks, database };
}

function notLookedAt(name: string): Check {
  return { name, run: () => [warning('not checked: its settings are wrong')] };
}
