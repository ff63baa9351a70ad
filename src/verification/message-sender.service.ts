import { Injectable } from '@nestjs/common';
import { type Mail, Mailer } from '../mail/mailer.js';
import { OutboundCalls } from '../outbound/outbound-calls.service.js';
import { PushSender, type TokenPush } from '../push/push-sender.js';
import { type CodeSms, SmsSender } from '../sms/sms-sender.js';

/** What can be sent by each channel. */
interface Contents {
  readonly mail: Mail;
  readonly sms: CodeSms;
  readonly push: TokenPush;
}

/** A way by which messages leave this service. */
export type Channel = keyof Contents;

/** A message for a channel. */
export interface Message<C extends Channel> {
  /** What it is, for the log, without its secrets: `the activation code of sip:john@example.org`. */
  readonly name: string;
  readonly content: Contents[C];
}

type Senders = { readonly [C in Channel]: { send(content: Contents[C], signal: AbortSignal): Promise<void> } };

/** Sends mails, SMS and pushes by the adapters that the settings name. */
@Injectable()
export class MessageSender {
  private readonly senders: Senders;

  constructor(
    mailer: Mailer,
    smsSender: SmsSender,
    pushSender: PushSender,
    private readonly outbound: OutboundCalls,
  ) {
    this.senders = { mail: mailer, sms: smsSender, push: pushSender };
  }

  /**
   * Sends a message in bounded time. A failure is logged.
   *
   * @returns whether the message was delivered.
   */
  send<C extends Channel>(channel: C, { name, content }: Message<C>): Promise<boolean> {
    return this.outbound.deliver(channel, name, (signal) => this.senders[channel].send(content, signal));
  }
}
