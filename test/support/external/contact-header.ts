interface Contact {
  /** The User-Agent of the device, as it sent it. */
  userAgent?: string;
  /** Unix seconds of its last REGISTER. */
  updatedAt: number;
  /** Lifetime of the registration in seconds. */
  expires?: number;
  /** The value of +sip.instance; absent if empty. */
  instance?: string;
}

/** A Contact header in the form in which Flexisip stores it in Redis. */
export function contactHeader({
  userAgent = 'LinphoneAndroid/5.2.5',
  updatedAt,
  expires = 600,
  instance = '',
}: Contact): string {
  const parameters = [
    'transport=tls',
    'pn-provider=fcm',
    'pn-param=929724111839',
    'pn-prid=f6y8_CVdQnY:APA91bHZcGcxaQ',
    'fs-conn-id=1d6a3c5b7f',
    'callid=Zt3-aBc~d.',
    // This lifetime is that of the whole registration. The one after the URI counts.
    'expires=31536000',
    'cseq=21',
    `updatedAt=${updatedAt}`,
    'alias=no',
    'usedAsRoute=no',
    'path=%3Csip%3A192.0.2.1%3A5061%3Btransport%3Dtls%3Blr%3E',
  ];
  const headers = ['accept=application%2Fsdp', `user-agent=${encodeURIComponent(userAgent)}`];
  const uri = `<sip:user@192.0.2.7:49152;${parameters.join(';')}?${headers.join('&')}>`;
  return `${uri}${instance && `;+sip.instance="<${instance}>"`};+org.linphone.specs="groupchat/1.1,lime";q=1.000;expires=${expires}`;
}
