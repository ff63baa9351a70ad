import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Caller } from '../auth/caller.js';
import type { Problems } from './problems.js';
import type { Texts } from './texts/index.js';

/** What every page knows besides what it is made for. */
export interface Page {
  readonly appName: string;
  /** The SIP domain of a username that stands alone. */
  readonly defaultDomain: string;
  /** The path of the panel in the browser, `/flexiapi/account`. */
  readonly base: string;
  /** The path of the request, as the router sees it: `/account/devices`. */
  readonly path: string;
  readonly texts: Texts;
  /** Who is signed in. */
  readonly caller: Caller | null;
  /** The token that every form must carry, one for the whole page; a page without forms needs none, and no cookie. */
  readonly formToken: () => string;
  /** What was done before this page, to be told on it. */
  readonly done: string | null;
  /** Why the form of this page was refused. */
  readonly problems: Problems;
  /** What was entered in it. */
  readonly values: Readonly<Record<string, string>>;
}

/** Around every page. */
export const PageContext = createContext<Page | null>(null);

/** What the page being rendered knows. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error('a component of a page is rendered outside one');
  return page;
}
