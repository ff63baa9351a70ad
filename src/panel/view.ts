import type { ComponentType } from 'preact';

/** A page that a route answers with. */
export interface View {
  readonly component: ComponentType<object>;
  readonly properties: object;
}

/** A page that shows a component with these properties; the rest it finds by `usePage()`. */
export function view<P extends object>(component: ComponentType<P>, properties: P): View {
  // A component is only ever rendered with the properties beside it.
  return { component: component as ComponentType<object>, properties };
}

/** Leads on to a page after something was done, so that loading that again does nothing twice. */
export interface Redirect {
  readonly url: string;
}

/** Names of the sentences that tell what was done: those of `done` in the texts. */
export type Done = keyof import('./texts/index.js').Texts['done'];

/**
 * Leads on to a page.
 *
 * @param path below `/account`, empty for the first page.
 * @param done what to tell there.
 */
export function goTo(path: string, done?: Done): Redirect {
  return { url: `${path === '' ? '' : `/${path}`}${done ? `?done=${done}` : ''}` };
}
