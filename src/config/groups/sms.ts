import { z } from 'zod';
import { bodySyntax, fillTemplate, findPlaceholders } from '../http-template.js';
import type { SmsSettings } from '../outbound-settings.js';
import { chosenWithMysql, required, type SettingGroup, type ValuesOf } from '../setting.js';
import { gatewayUrl, httpHeaders, ovhEndpoint, successMember } from '../sms-kinds.js';
import { baseUrl, list, oneOf, textThat, word } from '../variable-kinds.js';

const OVH = 'SMS_DRIVER=ovh';
const TWILIO = 'SMS_DRIVER=twilio';
const HTTP = 'SMS_DRIVER=http';

export const sms = {
  title: 'SMS',
  settings: {
    SMS_DRIVER: {
      schema: oneOf(['log', 'ovh', 'twilio', 'http']).default('log'),
      text:
        'How SMS with codes are sent: `log` prints them on the console; `ovh`, `twilio`, or `http` for any other ' +
        'gateway.',
      required: chosenWithMysql('"log" only prints the messages'),
    },
    SMS_COUNTRY_PREFIXES: {
      schema: list(
        (item) => /^\+[1-9]\d{0,14}$/.test(item),
        'must be beginnings of numbers, like +33, by commas',
      ).default([]),
      text: 'The numbers that SMS are sent to.',
      otherwise: 'all',
      example: '+33,+32',
      fills: 'smsCountryPrefixes',
    },
    OVH_APP_KEY: {
      schema: word.optional(),
      text: 'The key of an application at OVH.',
      secret: true,
      with: OVH,
      demandsChoice: true,
      required: OVH,
    },
    OVH_APP_SECRET: {
      schema: z.string().optional(),
      text: 'The secret of OVH_APP_KEY.',
      secret: true,
      with: OVH,
      required: OVH,
    },
    OVH_APP_ENDPOINT: {
      schema: ovhEndpoint.prefault('ovh-eu'),
      text: 'Where the API of OVH is, by the name that its own libraries use, or by its URL.',
      with: OVH,
    },
    OVH_APP_CONSUMER_KEY: {
      schema: word.optional(),
      text: 'The key that lets the application send SMS.',
      secret: true,
      with: OVH,
      required: OVH,
    },
    OVH_APP_SENDER: {
      schema: z.string().optional(),
      text: 'The name that SMS come from.',
      with: OVH,
      demandsChoice: true,
      required: OVH,
    },
    OVH_APP_SERVICE: {
      schema: word.optional(),
      text: 'The SMS service of the account at OVH.',
      otherwise: 'the first of the account',
      with: OVH,
    },
    TWILIO_ACCOUNT_SID: {
      schema: textThat((text) => /^[A-Za-z0-9]+$/.test(text), 'must be the id of an account').optional(),
      text: 'The account at Twilio.',
      with: TWILIO,
      demandsChoice: true,
      required: TWILIO,
    },
    TWILIO_AUTH_TOKEN: {
      schema: z.string().optional(),
      text: 'The token of TWILIO_ACCOUNT_SID.',
      secret: true,
      with: TWILIO,
      required: TWILIO,
    },
    TWILIO_FROM: {
      schema: z.string().optional(),
      text: 'What SMS come from: a number, a name or the id of a messaging service.',
      with: TWILIO,
      demandsChoice: true,
      required: TWILIO,
    },
    TWILIO_URL: { schema: baseUrl.default('https://api.twilio.com'), text: 'The server of Twilio.', with: TWILIO },
    SMS_HTTP_URL: {
      schema: gatewayUrl.optional(),
      text:
        'The request to the gateway. It is made of templates, here and in SMS_HTTP_HEADERS and SMS_HTTP_BODY, which ' +
        'may hold {phone}, {phone_digits} (without the plus) and {message}.',
      example: 'https://sms.example.org/send',
      secret: true,
      with: HTTP,
      demandsChoice: true,
      required: HTTP,
    },
    SMS_HTTP_METHOD: {
      schema: oneOf(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
      text: 'The method of the request to the gateway.',
      otherwise: '`POST` with a body, else `GET`',
      example: 'POST',
      with: HTTP,
    },
    SMS_HTTP_HEADERS: {
      schema: httpHeaders.prefault('{}'),
      text: 'The headers of the request to the gateway, a JSON object.',
      otherwise: 'none',
      example: '{"Authorization": "Bearer secret", "Content-Type": "application/json"}',
      secret: true,
      severalLines: true,
      with: HTTP,
    },
    SMS_HTTP_BODY: {
      schema: z.string().optional(),
      text: 'The body of the request to the gateway.',
      example: '{"to": "{phone}", "text": "{message}"}',
      secret: true,
      severalLines: true,
      with: HTTP,
    },
    SMS_HTTP_SUCCESS: {
      schema: successMember.optional(),
      text:
        'A member of the JSON answer, with the value that tells success; dots lead into objects and lists. Without a ' +
        'value, any that is not false, zero or empty tells it.',
      otherwise: 'a status 2xx tells success',
      example: 'status=ok',
      with: HTTP,
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof sms.settings>;

export function gatewayMistakes(values: Partial<Values>): string[] {
  const { SMS_HTTP_URL: url, SMS_HTTP_HEADERS: headers, SMS_HTTP_BODY: body } = values;
  if (values.SMS_DRIVER !== 'http' || url === undefined || headers === undefined) return [];
  if (values.SMS_HTTP_METHOD === 'GET' && body !== undefined)
    return ['SMS_HTTP_METHOD: "GET" cannot be combined with SMS_HTTP_BODY'];
  const names = new Set([url, body ?? '', ...Object.values(headers)].flatMap(findPlaceholders));
  const mistakes: string[] = [];
  if (!names.has('message'))
    mistakes.push('SMS_HTTP_BODY: {message} stands nowhere, nor in SMS_HTTP_URL or SMS_HTTP_HEADERS');
  if (!names.has('phone') && !names.has('phone_digits')) {
    mistakes.push('SMS_HTTP_BODY: {phone} stands nowhere, nor in SMS_HTTP_URL or SMS_HTTP_HEADERS');
  }
  if (
    body !== undefined &&
    bodySyntax(headers, body) === 'json' &&
    !isJson(fillTemplate(body, { phone: '+1', message: '"' }, 'json'))
  ) {
    mistakes.push('SMS_HTTP_BODY: is not JSON, as its content type or its beginning says');
  }
  return mistakes;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function smsSettings(values: Values): SmsSettings {
  switch (values.SMS_DRIVER) {
    case 'ovh':
      return {
        driver: 'ovh',
        url: values.OVH_APP_ENDPOINT,
        appKey: required(values.OVH_APP_KEY),
        appSecret: required(values.OVH_APP_SECRET),
        consumerKey: required(values.OVH_APP_CONSUMER_KEY),
        sender: required(values.OVH_APP_SENDER),
        service: values.OVH_APP_SERVICE ?? null,
      };
    case 'twilio':
      return {
        driver: 'twilio',
        url: values.TWILIO_URL,
        accountSid: required(values.TWILIO_ACCOUNT_SID),
        authToken: required(values.TWILIO_AUTH_TOKEN),
        from: required(values.TWILIO_FROM),
      };
    case 'http':
      return {
        driver: 'http',
        url: required(values.SMS_HTTP_URL),
        method: values.SMS_HTTP_METHOD ?? (values.SMS_HTTP_BODY === undefined ? 'GET' : 'POST'),
        headers: values.SMS_HTTP_HEADERS,
        body: values.SMS_HTTP_BODY ?? null,
        success: values.SMS_HTTP_SUCCESS ?? null,
      };
    default:
      return { driver: 'log' };
  }
}
