/**
 * A command cannot do its work, for a reason that the user can correct. The message is one sentence; the exit code is
 * 1.
 */
export class CommandRefused extends Error {}
