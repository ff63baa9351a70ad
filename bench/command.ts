/** Says on standard error how far it is: standard output has the result alone. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Runs what a command does; the process fails if that does. */
export function finishWith(command: () => Promise<void>): void {
  command().catch((error: unknown) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  });
}
