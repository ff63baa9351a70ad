/** The current time. A border like any other: tests set it, to see expiry happen on the second. */
export class Clock {
  now(): Date {
    return new Date();
  }

  /** The moment so many seconds from now; negative for the past. */
  in(seconds: number): Date {
    return new Date(this.now().getTime() + seconds * 1000);
  }
}
