/** A page of a list, in the form that clients of the 2021 server know (protocol §6). */
export interface Page<T> {
  readonly current_page: number;
  readonly data: T[];
  readonly first_page_url: string;
  readonly from: number | null;
  readonly last_page: number;
  readonly last_page_url: string;
  readonly links: PageLink[];
  readonly next_page_url: string | null;
  readonly path: string;
  readonly per_page: number;
  readonly prev_page_url: string | null;
  readonly to: number | null;
  readonly total: number;
}

/** A link of a page, as Laravel makes them: to the previous page, to some pages by their number, and to the next page. */
export interface PageLink {
  /** Null for a gap, and where there is no such page. */
  readonly url: string | null;
  readonly label: string;
  /** Whether it is the link to the page itself. */
  readonly active: boolean;
}

export interface PagePosition {
  /** The public URL of the list, without a query. */
  readonly path: string;
  /** Starts at 1. */
  readonly page: number;
  readonly perPage: number;
  /** Whether the caller chose the length of the pages. The URLs of other pages then carry it too. */
  readonly isPerPageGiven: boolean;
}

/** Describes one page of a list of `total` items, with the URLs of the other pages. */
export function paginate<T>(data: T[], total: number, { path, page, perPage, isPerPageGiven }: PagePosition): Page<T> {
  const last = Math.max(1, Math.ceil(total / perPage));
  const urlOf = (number: number) => `${path}?${isPerPageGiven ? `per_page=${perPage}&` : ''}page=${number}`;
  const skipped = (page - 1) * perPage;
  return {
    current_page: page,
    data,
    first_page_url: urlOf(1),
    from: data.length > 0 ? skipped + 1 : null,
    last_page: last,
    last_page_url: urlOf(last),
    links: linksOf(page, last, urlOf),
    next_page_url: page < last ? urlOf(page + 1) : null,
    path,
    per_page: perPage,
    prev_page_url: page > 1 ? urlOf(page - 1) : null,
    to: data.length > 0 ? skipped + data.length : null,
    total,
  };
}

/** The most pages that all have a link. */
const FEW_PAGES = 13;

function linksOf(page: number, last: number, urlOf: (number: number) => string): PageLink[] {
  const numbers = linkedPages(page, last).map((number) =>
    number === null
      ? { url: null, label: '...', active: false }
      : { url: urlOf(number), label: String(number), active: number === page },
  );
  return [
    { url: page > 1 ? urlOf(page - 1) : null, label: '&laquo; Previous', active: false },
    ...numbers,
    { url: page < last ? urlOf(page + 1) : null, label: 'Next &raquo;', active: false },
  ];
}

/**
 * The pages that have a link: all of a few, else the first and last two and those around the current page. Null stands
 * for a gap. There are never more than 13, however many pages there are.
 */
function linkedPages(page: number, last: number): (number | null)[] {
  if (last <= FEW_PAGES) return range(1, last);
  const ends = range(last - 1, last);
  if (page <= 7) return [...range(1, 10), null, ...ends];
  if (page > last - 7) return [1, 2, null, ...range(last - 9, last)];
  return [1, 2, null, ...range(page - 3, page + 3), null, ...ends];
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
