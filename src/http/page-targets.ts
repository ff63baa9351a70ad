/** Folders at the root of the public URL whose paths show pages, and errors as pages. */
const PAGES = /^\/(account|creation_token)(\/|\?|$)/;

/** Whether a request target, exactly as sent, belongs to the pages for people. */
export function isPageTarget(target: string): boolean {
  return PAGES.test(target);
}
