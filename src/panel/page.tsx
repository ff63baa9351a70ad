import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Caller } from '../auth/caller.js';
import type { Problems } from './problems.js';
import type { Texts } from './texts/index.js';

/** The data that every page has besides its own properties. */
export interface Page {
  readonly appName: string;
  /** The SIP domain of a username without one. */
  readonly defaultDomain: string;
  /** The path of the panel in the browser, `/flexiapi/account`. */
  readonly base: string;
  /** The path of the request in the router: `/account/devices`. */
  readonly path: string;
  readonly texts: Texts;
  /** The caller; null if nobody is signed in. */
  readonly caller: Caller | null;
  /** Returns the token for every form of the page. A page without forms does not call it and so sets no cookie. */
  readonly formToken: () => string;
  /** A sentence about the action that led to this page; null without one. */
  readonly done: string | null;
  /** Why the form of this page was rejected. */
  readonly problems: Problems;
  /** The values that were entered in the form. */
  readonly values: Readonly<Record<string, string>>;
}

/** The context that holds the data of the page. */
export const PageContext = createContext<Page | null>(null);

/** The data of the page that is being rendered. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error('a component of a page is rendered outside one');
  return page;
}
