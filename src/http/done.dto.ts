/** `{}`: the action succeeded and there is nothing to say. Every 2xx has a body, since liblinphone 5.1 crashes without (protocol §1). */
export class Done {}
