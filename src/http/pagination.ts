/** A page of a list, in the form that clients of the 2021 server know (protocol §6). */
export interface Page<T> {
  readonly current_page: number;
  readonly data: T[];
  readonly first_page_url: string;
  readonly from: number | null;
  readonly last_page: number;
  readonly last_page_url: string;
  readonly next_page_url: string | null;
  readonly path: string;
  readonly per_page: number;
  readonly prev_page_url: string | null;
  readonly to: number | null;
  readonly total: number;
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
    next_page_url: page < last ? urlOf(page + 1) : null,
    path,
    per_page: perPage,
    prev_page_url: page > 1 ? urlOf(page - 1) : null,
    to: data.length > 0 ? skipped + data.length : null,
    total,
  };
}
