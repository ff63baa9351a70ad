/** A command cannot do what it was asked for, as whoever typed it can mend: said in its one sentence, exit code 1. */
export class CommandRefused extends Error {}
