import type { ComponentChildren } from 'preact';
import { formatDateTime } from '../../database/columns/utc-date-time.js';

/** A list of what is known. */
export function Facts({ children }: { children: ComponentChildren }) {
  return <dl>{children}</dl>;
}

/** One thing that is known, and what can be done about it. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A moment, in UTC. */
export function Moment({ at }: { at: Date }) {
  return <time datetime={at.toISOString()}>{`${formatDateTime(at)} UTC`}</time>;
}
