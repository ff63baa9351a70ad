import { z } from 'zod';
import { fillTemplate } from './http-template.js';
import { baseUrl, hasNoCredentials, jsonText, textThat } from './variable-kinds.js';

/** The URLs of OVH's API, by the names that OVH's own libraries use. */
const OVH_ENDPOINTS: Record<string, string> = {
  'ovh-eu': 'https://eu.api.ovh.com/1.0',
  'ovh-ca': 'https://ca.api.ovh.com/1.0',
  'ovh-us': 'https://api.us.ovhcloud.com/1.0',
  'soyoustart-eu': 'https://eu.api.soyoustart.com/1.0',
  'soyoustart-ca': 'https://ca.api.soyoustart.com/1.0',
  'kimsufi-eu': 'https://eu.api.kimsufi.com/1.0',
  'kimsufi-ca': 'https://ca.api.kimsufi.com/1.0',
};

export const ovhEndpoint = z
  .string()
  .transform((name) => (Object.hasOwn(OVH_ENDPOINTS, name) ? (OVH_ENDPOINTS[name] ?? name) : name))
  .pipe(z.string().regex(/^https?:\/\//, `must be a URL or one of ${Object.keys(OVH_ENDPOINTS).join(', ')}`))
  .pipe(baseUrl)
  .describe(`${Object.keys(OVH_ENDPOINTS).join(', ')}, or a URL`);

/** An HTTP token (RFC 9110 §5.6.2), such as the name of a header. */
const HTTP_TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Headers that describe the message itself. The HTTP client sets them. */
const HEADERS_OF_THE_CLIENT =
  /^(host|connection|content-length|transfer-encoding|expect|keep-alive|te|trailer|upgrade)$/i;

export const httpHeaders = jsonText('must be a JSON object, like {"Authorization": "Bearer …"}')
  .pipe(
    z.record(
      z.string(),
      z.string('must hold text only').regex(/^[\x20-\x7e]*$/, 'holds a value that no header can have'),
      'must be a JSON object, like {"Authorization": "Bearer …"}',
    ),
  )
  .refine(
    (headers) => Object.keys(headers).every((name) => HTTP_TOKEN.test(name)),
    'holds a name that no header can have',
  )
  .refine(
    (headers) => !Object.keys(headers).some((name) => HEADERS_OF_THE_CLIENT.test(name)),
    'holds a header that is not yours to set',
  );

export const gatewayUrl = textThat((template) => {
  const [one, other] = ['+33612345678', '+4915112345678'].map(
    (phone) => new URL(fillTemplate(template, { phone, message: phone }, 'url')),
  );
  if (!one || !other || one.origin !== other.origin || /[#\s]/.test(template)) return false;
  return /^https?:$/.test(one.protocol) && hasNoCredentials(one);
}, 'must be an http or https URL whose host is fixed, # written as %23 and a blank as %20; credentials belong into SMS_HTTP_HEADERS');

/** `member=value`, or `member` alone. Dots separate the names in nested objects and lists. */
export const successMember = z
  .string()
  .regex(/^[^=]+(=.*)?$/, 'must be the name of a member of the answer, like status or messages.0.status=0')
  .transform((text) => {
    const [, member = '', equals] = /^([^=]+)(?:=(.*))?$/.exec(text) ?? [];
    return { member: member.split('.'), equals: equals ?? null };
  });
