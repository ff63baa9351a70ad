/** A token that was drawn. Whoever has it may use it. */
export interface DrawnToken {
  readonly token: string;
  readonly expires: Date;
}
