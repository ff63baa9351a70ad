import { ApiProperty } from '@nestjs/swagger';
import { AccountDto } from '../../accounts/dto/account.dto.js';
import { Member } from '../../http/validation/member.js';

const MAX_PAGE = 2_147_483_647;

const NumberParameter = (max: number, initial: number) =>
  Member({
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: max, default: initial },
    checks: [
      {
        name: 'number',
        message: `must be a whole number from 1 to ${max}`,
        passes: (value) => typeof value === 'string' && /^[1-9]\d{0,9}$/.test(value) && Number(value) <= max,
      },
    ],
  });

/** The page of the list to show. */
export class PageQueryDto {
  /** The page number, from 1. */
  @NumberParameter(MAX_PAGE, 1)
  page?: string;

  /** The number of accounts on a page. */
  @NumberParameter(100, 20)
  per_page?: string;
}

const url = { type: String, example: 'https://example.org/flexiapi/api/accounts?page=1' } as const;
const nullableUrl = { ...url, nullable: true } as const;

/** A link to another page. */
export class PageLinkDto {
  /** Null for a gap, and where there is no such page. */
  @ApiProperty(nullableUrl)
  url: string | null;

  /** A page number, `...` for a gap, `&laquo; Previous` or `Next &raquo;`. */
  @ApiProperty({ example: '1' })
  label: string;

  /** Whether it is the page itself. */
  @ApiProperty({ example: true })
  active: boolean;
}

/** A page of the list of accounts, ordered by id (protocol §6). */
export class AccountPageDto {
  @ApiProperty({ example: 1 })
  current_page: number;

  @ApiProperty({ type: [AccountDto] })
  data: AccountDto[];

  @ApiProperty(url)
  first_page_url: string;

  /** The position of the first account on the page, from 1; null if the page is empty. */
  @ApiProperty({ type: 'integer', nullable: true, example: 1 })
  from: number | null;

  @ApiProperty({ example: 1 })
  last_page: number;

  @ApiProperty(url)
  last_page_url: string;

  /** The previous page, some pages by their number, and the next page; never more than 15 links. */
  @ApiProperty({ type: [PageLinkDto] })
  links: PageLinkDto[];

  @ApiProperty(nullableUrl)
  next_page_url: string | null;

  @ApiProperty({ type: String, example: 'https://example.org/flexiapi/api/accounts' })
  path: string;

  @ApiProperty({ example: 20 })
  per_page: number;

  @ApiProperty(nullableUrl)
  prev_page_url: string | null;

  /** The position of the last account on the page; null if the page is empty. */
  @ApiProperty({ type: 'integer', nullable: true, example: 20 })
  to: number | null;

  /** The total number of accounts. */
  @ApiProperty({ example: 1 })
  total: number;
}
