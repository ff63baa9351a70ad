import type { Dictionary } from '../../database/columns/dictionary-text.js';
import type { DtmfProtocol } from '../../database/entities/account.entity.js';
import type { DigestAlgorithm } from '../../digest/ha1.js';
import {
  Algorithm,
  DictionaryMember,
  DisplayName,
  DtmfProtocolMember,
  Email,
  NewPassword,
  Phone,
  SipDomain,
  Username,
} from '../../http/validation/account-members.js';
import { BooleanMember } from '../../http/validation/member.js';
import type { AccountEdit } from '../account-edits.service.js';

const KEPT = { required: false, nullable: false } as const;

/** Changes of an account, as a merge patch (RFC 7396). Members that are absent stay as they are. */
export class PatchAccountDto {
  /** A new one needs a password. */
  @Username(KEPT)
  username?: string;

  /** Replaces all passwords. */
  @NewPassword(KEPT)
  password?: string;

  /** The hash to store the password with. Default: those that the account has. Without a password it has no effect. */
  @Algorithm(KEPT)
  algorithm?: DigestAlgorithm;

  /** The domain of the account, which cannot be changed. */
  @SipDomain(KEPT)
  domain?: string;

  /** Stored at once, without confirmation; null removes it. */
  @Email({ required: false })
  email?: string | null;

  /** Stored at once, without confirmation; null removes it. */
  @Phone()
  phone?: string | null;

  /** The name that the apps show for the account; null removes it. */
  @DisplayName()
  display_name?: string | null;

  /** How the apps of the account send DTMF; null removes it. */
  @DtmfProtocolMember()
  dtmf_protocol?: DtmfProtocol | null;

  /** Texts to add or replace; a key with null is removed, and null removes all. */
  @DictionaryMember({ isPatch: true })
  dictionary?: Readonly<Record<string, string | null>> | null;

  @BooleanMember({ example: true }, KEPT)
  activated?: boolean;

  @BooleanMember({ example: false }, KEPT)
  admin?: boolean;

  static toEdit({ display_name, dtmf_protocol, dictionary, ...others }: PatchAccountDto): AccountEdit {
    return {
      ...others,
      displayName: display_name,
      dtmfProtocol: dtmf_protocol,
      dictionary: dictionary === undefined ? undefined : (current) => merge(current, dictionary),
    };
  }
}

function merge(current: Dictionary, patch: Readonly<Record<string, string | null>> | null): Dictionary {
  if (patch === null) return {};
  const merged = new Map(Object.entries(current));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}
