import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { OutboundCalls } from '../outbound/outbound-calls.service.js';
import { randomAlphanumeric, randomDigits } from '../common/random.js';
import { displaySip, type SipAddress } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import { Mailer } from '../mail/mailer.js';
import { SmsSender } from '../sms/sms-sender.js';

/** Where the code goes, and in which language: one of email and phone at most. */
export interface CodeReceiver {
  readonly email?: string;
  readonly phone?: string;
  /** What the app says of languages (RFC 9110 §12.5.4). */
  readonly acceptLanguage?: string;
}

/** The code that activates an account, and until when. */
export interface ActivationCode {
  readonly code: string;
  readonly expires: Date;
}

/** The codes by which a new account proves its mail address or phone number. */
@Injectable()
export class ActivationCodesService {
  constructor(
    private readonly settings: Settings,
    private readonly mailer: Mailer,
    private readonly smsSender: SmsSender,
    private readonly outbound: OutboundCalls,
    private readonly clock: Clock,
  ) {}

  /** Draws a code: 13 characters for a mail, 4 digits for an SMS, none where there is nowhere to send it. */
  draw({ email, phone }: CodeReceiver): ActivationCode | null {
    if (email) return { code: randomAlphanumeric(13), expires: this.clock.in(this.settings.activationEmailLifetime) };
    if (phone) return { code: randomDigits(4), expires: this.clock.in(this.settings.activationPhoneLifetime) };
    return null;
  }

  /** @returns whether the code was delivered. */
  send(address: SipAddress, { email, phone, acceptLanguage }: CodeReceiver, { code, expires }: ActivationCode): Promise<boolean> {
    const account = displaySip(address);
    return this.outbound.deliver(email ? 'mail' : 'sms', `the activation code of ${account}`, (signal) =>
      email
        ? this.mailer.send({ kind: 'activation', to: email, account, code, expires, acceptLanguage }, signal)
        : this.smsSender.send({ kind: 'activation', to: phone ?? '', code, acceptLanguage }, signal),
    );
  }
}
