/**
 * `{}`: the action succeeded and there is nothing to return. Every 2xx has a body, since liblinphone 5.1 crashes
 * without one (protocol §1).
 */
export class Done {}
