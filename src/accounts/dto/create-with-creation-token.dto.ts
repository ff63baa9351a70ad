import { ApiHideProperty } from '@nestjs/swagger';
import type { DtmfProtocol } from '../../database/entities/account.entity.js';
import type { DigestAlgorithm } from '../../digest/ha1.js';
import {
  Algorithm,
  DtmfProtocolMember,
  Email,
  NewPassword,
  Phone,
  RegistrationDomain,
  Username,
} from '../../http/validation/account-members.js';
import { length, Member, Refused, text } from '../../http/validation/member.js';

/** An account creation token, as an app received it. */
export const CreationToken = () =>
  Member({ schema: { type: 'string', example: 'w8UQ1nGZfsVt3' }, checks: [text, length(1, 255)] });

/** An account that an app of 2022 or later creates for its user. */
export class CreateWithCreationTokenDto {
  /** The name before the `@` of the SIP address; unique in the domain. */
  @Username()
  username: string;

  @NewPassword()
  password: string;

  /** An unused account creation token, or the one with which the account was created before. */
  @CreationToken()
  account_creation_token: string;

  /** The hash to store the password with. Default: DEFAULT_ALGORITHM. */
  @Algorithm({ required: false })
  algorithm?: DigestAlgorithm;

  /** A domain in which this service registers accounts. Default: the first one. */
  @RegistrationDomain()
  domain?: string;

  /** How the apps of the account send DTMF. */
  @DtmfProtocolMember()
  dtmf_protocol?: DtmfProtocol;

  /** Checked, but not stored: `me/email/request` proves an address. */
  @Email({ required: false })
  email?: string;

  /** Checked, but not stored: `me/phone/request` proves a number. */
  @Phone()
  phone?: string;

  /** Refused: an app cannot activate an account. */
  @ApiHideProperty()
  @Refused()
  activated?: never;

  /** Refused: an app cannot create an administrator. */
  @ApiHideProperty()
  @Refused()
  admin?: never;
}

/** A token that an account consumes. */
export class ConsumeCreationTokenDto {
  @CreationToken()
  account_creation_token: string;
}
