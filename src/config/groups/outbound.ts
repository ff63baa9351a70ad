import type { SettingGroup } from '../setting.js';
import { wholeNumber } from '../variable-kinds.js';

export const outbound = {
  title: 'Messages and devices',
  introduction:
    'Four drivers choose how pushes, mails and SMS are sent, and where devices are looked up. Messages are printed ' +
    'on the console, and no devices shown, until one is chosen; with DB_DRIVER=mysql each must be chosen. What each ' +
    'driver does and needs is told in docs/deliveries.md and docs/devices.md.',
  settings: {
    NEIGHBOUR_TIMEOUT: {
      schema: wholeNumber(1, 12).default(10),
      text:
        'Seconds for which a call waits for a mail server, SMS gateway, push service or SIP proxy. Of a host with ' +
        'several addresses, each is tried for a third of it. Together with the time for the database a call waits 14 ' +
        's at most.',
      fills: 'outboundTimeout',
    },
  },
} as const satisfies SettingGroup;
