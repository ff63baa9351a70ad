import { accessSync, constants } from 'node:fs';
import { isAbsolute } from 'node:path';
import { Clock } from '../../common/clock.js';
import type { FlexisipPusherSettings } from '../../config/outbound-settings.js';
import type { Settings } from '../../config/settings.js';
import { Fcm } from '../../push/fcm.js';
import { type Check, error, ok, type Verdict } from '../finding.js';
import { reach } from '../reach.js';
import { askExternalService, onlyPrinted } from './outbound-check.js';

/** Checks whether tokens can be pushed to devices. Pushes nothing. */
export class PushCheck implements Check {
  readonly name = 'push';

  constructor(private readonly settings: Settings) {}

  async run(): Promise<Verdict[]> {
    const { push } = this.settings;
    switch (push.driver) {
      case 'log':
        return [onlyPrinted(this.settings, 'pushes', 'PUSH_DRIVER')];
      case 'flexisip_pusher':
        return ofPusher(push);
      case 'direct': {
        const { apns, fcm } = push;
        const apple = apns ? [...new Set(Object.values(apns.urls))].map((url) => this.reachApple(url)) : [];
        return Promise.all([...apple, ...(fcm ? [this.askGoogle(new Fcm(fcm, new Clock()))] : [])]);
      }
    }
  }

  private reachApple(url: string): Promise<Verdict> {
    const name = `Apple's push service ${url}`;
    const question = async (signal: AbortSignal) => {
      await reach(name, url, signal);
      return `${name} accepts connections; the first push shows whether it accepts the key`;
    };
    return askExternalService(this.settings, question, 'Check whether a firewall blocks outgoing connections to it.');
  }

  private askGoogle(fcm: Fcm): Promise<Verdict> {
    const question = async (signal: AbortSignal) => {
      await fcm.verify(signal);
      return 'Google accepts the key of FCM_SERVICE_ACCOUNT';
    };
    return askExternalService(
      this.settings,
      question,
      'Check FCM_SERVICE_ACCOUNT, the clock, and whether a firewall blocks outgoing connections.',
    );
  }
}

/** Checks the files of the pusher. The settings have already checked that the program can be run. */
function ofPusher({ path, prefix, firebaseKey }: FlexisipPusherSettings): Verdict[] {
  const files = [
    ...(prefix === null ? [] : [['APP_FLEXISIP_PUSHER_PREFIX', prefix] as const]),
    // The setting may hold the key itself, which must not be shown.
    ...(firebaseKey !== null && isAbsolute(firebaseKey)
      ? [['APP_FLEXISIP_PUSHER_FIREBASE_KEY', firebaseKey] as const]
      : []),
  ];
  const unreadable = files.filter(([, file]) => !isReadable(file));
  if (unreadable.length === 0) return [ok(`${path} is executable; the first push shows whether it is delivered`)];
  return unreadable.map(([variable, file]) =>
    error(`${variable}: ${file} cannot be read`, 'Check the path and the rights of this user.'),
  );
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
