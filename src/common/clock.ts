/** The current time. Tests replace this clock to check expiry to the second. */
export class Clock {
  now(): Date {
    return new Date();
  }

  /** The time this many seconds from now; negative for the past. */
  in(seconds: number): Date {
    return new Date(this.now().getTime() + seconds * 1000);
  }
}
