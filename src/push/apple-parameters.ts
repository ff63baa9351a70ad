/** The target of a push to an Apple device. */
export interface AppleTarget {
  /** `apns-topic`: the bundle, with `.voip` if the app asks for nothing else. */
  readonly topic: string;
  /** The device token, hexadecimal. */
  readonly deviceToken: string;
}

/** `<team>.<bundle>`, and the services that the app wants pushes for, such as `remote&voip`. */
const PARAMETER = /^[^.]+\.(.+?)(?:\.((?:voip|remote)(?:&(?:voip|remote))*))?$/;
/** A device token, with its service if the app has several: `<token>:remote&<token>:voip`. */
const TOKEN = /^([0-9A-Fa-f]{8,200})(?::(voip|remote))?$/;

/**
 * Parses the push parameters of an Apple device, as Flexisip does. `pn_param` is the team, the bundle and the services.
 * `pn_prid` is a token for each service. A remote push is preferred if the app accepts one, and is meant if no service
 * is named.
 *
 * @returns null if the parameters do not have this form.
 */
export function parseAppleParameters(pnParam: string, pnPrid: string): AppleTarget | null {
  const [, bundle, services = 'remote'] = PARAMETER.exec(pnParam) ?? [];
  if (bundle === undefined) return null;
  const service = services.split('&').includes('remote') ? 'remote' : 'voip';
  const tokens = pnPrid.split('&').map((text) => TOKEN.exec(text));
  const chosen =
    tokens.find((match) => match?.[2] === service) ?? (tokens.length === 1 && !tokens[0]?.[2] ? tokens[0] : null);
  if (!chosen?.[1]) return null;
  return { topic: service === 'voip' ? `${bundle}.voip` : bundle, deviceToken: chosen[1] };
}
