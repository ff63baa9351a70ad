/** Where a push for an Apple device goes. */
export interface AppleTarget {
  /** `apns-topic`: the bundle, with `.voip` where that is all the app asks for. */
  readonly topic: string;
  /** The device token, hexadecimal. */
  readonly deviceToken: string;
}

/** `<team>.<bundle>`, and the services the app wants pushes for, such as `remote&voip`. */
const PARAMETER = /^[^.]+\.(.+?)(?:\.((?:voip|remote)(?:&(?:voip|remote))*))?$/;
/** A device token, with its service where the app has several: `<token>:remote&<token>:voip`. */
const TOKEN = /^([0-9A-Fa-f]{8,200})(?::(voip|remote))?$/;

/**
 * Reads the push parameters of an Apple device, as Flexisip does: pn_param is the team, the bundle and the services,
 * pn_prid a token for each service. A remote push is chosen where the app takes one; without a service it is meant.
 *
 * @returns null if they are not of this form.
 */
export function parseAppleParameters(pnParam: string, pnPrid: string): AppleTarget | null {
  const [, bundle, services = 'remote'] = PARAMETER.exec(pnParam) ?? [];
  if (bundle === undefined) return null;
  const service = services.split('&').includes('remote') ? 'remote' : 'voip';
  const tokens = pnPrid.split('&').map((text) => TOKEN.exec(text));
  const chosen = tokens.find((match) => match?.[2] === service) ?? (tokens.length === 1 && !tokens[0]?.[2] ? tokens[0] : null);
  if (!chosen?.[1]) return null;
  return { topic: service === 'voip' ? `${bundle}.voip` : bundle, deviceToken: chosen[1] };
}
