import type { ComponentChildren } from 'preact';
import { formatDateTime } from '../../database/columns/utc-date-time.js';

/** A list of facts. */
export function Facts({ children }: { children: ComponentChildren }) {
  return <dl>{children}</dl>;
}

/** One fact with its name. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A date and time in UTC. */
export function Moment({ at }: { at: Date }) {
  return <time datetime={at.toISOString()}>{`${formatDateTime(at)} UTC`}</time>;
}
