import type { FastifyInstance } from 'fastify';
import type { AccountDto } from '../../src/accounts/dto/account.dto.js';
import { paginate } from '../../src/http/pagination.js';
import { ACCOUNT_COLUMNS, ACCOUNT_JOINS, type AccountRow, toAccount } from './account-rows.js';
import type { Database } from './database.js';
import type { Floor } from './floor.js';

/** Lifetime of a count of the accounts in milliseconds. */
const COUNT_LIFETIME = 3_000;
const MAX_PAGE = 2_147_483_647;

const COUNT = 'SELECT COUNT(*) AS total, (SELECT MAX(id) FROM accounts) AS last FROM accounts';
const FROM_START = 'SELECT id FROM accounts ORDER BY id LIMIT 1 OFFSET';
const FROM_END = 'SELECT id FROM accounts WHERE id <= ? ORDER BY id DESC LIMIT 1 OFFSET';
const BEYOND_END = 'SELECT id FROM accounts WHERE id > ? ORDER BY id LIMIT 1 OFFSET';

/** The id after which a page begins; null if the page is empty. */
type Place = number | null;

/** The account count at one time, and the places that were found since. */
interface Count {
  readonly total: number;
  /** The highest id. */
  readonly last: number;
  /**
   * Places by the number of skipped accounts. They are promises, so that parallel requests for one page share one
   * search.
   */
  readonly places: Map<number, Promise<Place>>;
}

/**
 * Pages of all accounts by id. A page begins after an id, not after a number of rows. The id is known from the same or
 * the previous page, or is searched from the nearer end of the primary key.
 */
class AccountList {
  private count: Promise<Count> | null = null;

  constructor(private readonly database: Database) {}

  /** A page of accounts after `offset` others, and the account count. */
  async page(limit: number, offset: number): Promise<{ accounts: AccountDto[]; total: number }> {
    const count = await (this.count ??= this.countAll());
    const place = await this.placeOf(offset, count);
    const accounts = place === null ? [] : await this.accountsAfter(place, limit);
    const last = accounts.at(-1);
    if (last) count.places.set(offset + accounts.length, Promise.resolve(last.id));
    return { accounts, total: count.total };
  }

  private async countAll(): Promise<Count> {
    try {
      const [row] = await this.database.rows<{ total: number; last: number | null }>(COUNT, []);
      return { total: row?.total ?? 0, last: row?.last ?? 0, places: new Map([[0, Promise.resolve(0)]]) };
    } finally {
      setTimeout(() => (this.count = null), COUNT_LIFETIME).unref();
    }
  }

  private placeOf(offset: number, count: Count): Promise<Place> {
    const known = count.places.get(offset);
    if (known) return known;
    const place = this.find(offset, count);
    count.places.set(offset, place);
    return place;
  }

  /** The statement is not prepared, because each place would need its own. */
  private async find(offset: number, { total, last }: Count): Promise<Place> {
    const rows = await this.database.unprepared<{ id: number }>(...lookup(offset, total, last));
    return rows[0]?.id ?? null;
  }

  private async accountsAfter(id: number, limit: number): Promise<AccountDto[]> {
    const rows = await this.database.rows<AccountRow>(
      `SELECT ${ACCOUNT_COLUMNS} FROM (SELECT * FROM accounts WHERE id > ? ORDER BY id LIMIT ${limit}) a ${ACCOUNT_JOINS}`,
      [id],
    );
    const byId = new Map<number, AccountRow[]>();
    for (const row of rows) {
      const others = byId.get(row.id);
      if (others) others.push(row);
      else byId.set(row.id, [row]);
    }
    return Array.from(byId.values(), toAccount).sort((one, other) => one.id - other.id);
  }
}

/** The statement that finds the last of `offset` accounts, and its values. */
function lookup(offset: number, total: number, last: number): [statement: string, values: number[]] {
  if (offset > total) return [`${BEYOND_END} ${offset - total - 1}`, [last]];
  return offset > total / 2 ? [`${FROM_END} ${total - offset}`, [last]] : [`${FROM_START} ${offset - 1}`, []];
}

/** `GET /api/accounts`. */
export function serveAccountList(
  fastify: FastifyInstance,
  { answers, authentication, database, settings }: Floor,
): void {
  const list = new AccountList(database);
  const path = `${settings.publicUrl}/api/accounts`;
  fastify.get<{ Querystring: { page?: unknown; per_page?: unknown } }>('/api/accounts', async (request, reply) => {
    if (!(await authentication.administratorOf(request, reply))) return reply;
    const page = numberOf(request.query.page, MAX_PAGE, 1);
    const perPage = numberOf(request.query.per_page, 100, 20);
    if (page === null || perPage === null) return answers.refuseBarely(reply, 422);
    const { accounts, total } = await list.page(perPage, (page - 1) * perPage);
    return answers.sendJson(
      reply,
      paginate(accounts, total, { path, page, perPage, isPerPageGiven: request.query.per_page !== undefined }),
    );
  });
}

function numberOf(given: unknown, most: number, initial: number): number | null {
  if (given === undefined) return initial;
  return typeof given === 'string' && /^[1-9]\d{0,9}$/.test(given) && Number(given) <= most ? Number(given) : null;
}
