/**
 * A random source that returns the same values for the same seed and number (mulberry32). Every input has its own, so
 * it can be generated again without those before it.
 */
export class Random {
  private state: number;

  constructor(seed: number, number = 0) {
    this.state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0;
  }

  private next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, but not including, the limit. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new Error('there is nothing to choose from');
    return choices[this.below(choices.length)] as T;
  }

  /** The same items in another order. */
  shuffle<T>(things: readonly T[]): T[] {
    const left = [...things];
    return things.map(() => left.splice(this.below(left.length), 1)[0] as T);
  }

  /** Random characters with codes from `from` up to, but not including, `below`. */
  text(length: number, from = 0x20, below = 0x7f): string {
    return Array.from({ length }, () => String.fromCodePoint(from + this.below(below - from))).join('');
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** The text with one part replaced by another text. */
  mutate(text: string, put: string): string {
    const at = this.below(text.length + 1);
    return text.slice(0, at) + put + text.slice(at + this.below(3));
  }
}
