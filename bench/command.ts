/** Reports progress on standard error. Standard output carries only the result. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Runs the work of a command. The process fails if the work fails. */
export function finishWith(command: () => Promise<void>): void {
  command().catch((error: unknown) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  });
}
