import type { ComponentType } from 'preact';
import type { Allowed } from './security-policy.js';

/** A page as a route returns it. */
export interface View {
  readonly component: ComponentType<object>;
  readonly properties: object;
  /** What the page may load besides its style sheet and its icon. */
  readonly allowed?: Allowed;
}

/** Creates a view of a component with these properties. The component gets other data from `usePage()`. */
export function view<P extends object>(component: ComponentType<P>, properties: P, allowed?: Allowed): View {
  // The component is rendered only with these properties.
  return { component: component as ComponentType<object>, properties, allowed };
}

/** A redirect to a page after an action. Reloading that page does not repeat the action. */
export interface Redirect {
  readonly url: string;
}

/** Names of the sentences about completed actions: the keys of `done` in the texts. */
export type Done = keyof import('./texts/index.js').Texts['done'];

/**
 * Redirects to a page.
 *
 * @param path below `/account`; empty for the first page.
 * @param done the sentence to show there.
 */
export function goTo(path: string, done?: Done): Redirect {
  return { url: `${path === '' ? '' : `/${path}`}${done ? `?done=${done}` : ''}` };
}
