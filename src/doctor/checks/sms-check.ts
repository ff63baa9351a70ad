import { Clock } from '../../common/clock.js';
import type { SmsSettings } from '../../config/outbound-settings.js';
import type { Settings } from '../../config/settings.js';
import { fillTemplate } from '../../config/http-template.js';
import { OvhGateway } from '../../sms/ovh-gateway.js';
import { TwilioGateway } from '../../sms/twilio-gateway.js';
import type { Check, Verdict } from '../finding.js';
import { reach } from '../reach.js';
import { askExternalService, onlyPrinted } from './outbound-check.js';

/**
 * Checks whether the SMS gateway can be reached and, where it can be asked, whether it accepts the keys. Sends nothing.
 */
export class SmsCheck implements Check {
  readonly name = 'SMS';

  constructor(private readonly settings: Settings) {}

  async run(): Promise<Verdict[]> {
    const { sms } = this.settings;
    if (sms.driver === 'log') return [onlyPrinted(this.settings, 'SMS', 'SMS_DRIVER')];
    const advice = { ovh: 'See the OVH_ settings.', twilio: 'See the TWILIO_ settings.', http: 'See SMS_HTTP_URL.' }[
      sms.driver
    ];
    return [await askExternalService(this.settings, (signal) => ask(sms, signal), advice)];
  }
}

async function ask(sms: Exclude<SmsSettings, { driver: 'log' }>, signal: AbortSignal): Promise<string> {
  switch (sms.driver) {
    case 'ovh': {
      await new OvhGateway(sms, new Clock()).verify(signal);
      return sms.service === null
        ? 'OVH answers and accepts the keys'
        : 'OVH answers; the first SMS shows whether it accepts the keys';
    }
    case 'twilio':
      await new TwilioGateway(sms).verify(signal);
      return 'Twilio answers and accepts the token';
    case 'http': {
      // The rest of the URL may hold a key.
      const { origin, host } = new URL(fillTemplate(sms.url, { phone: '+1', message: '' }, 'url'));
      await reach(`the SMS gateway ${host}`, origin, signal);
      return `the SMS gateway ${host} accepts connections; the first SMS shows whether it accepts messages`;
    }
  }
}
