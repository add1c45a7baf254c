/** Weight of the newest invocation. */
const WEIGHT = 0.2;

/** How long invocations of a function take of late. */
export class Pace {
  /** Milliseconds; a guess until the first invocation has ended. */
  usualMs = 100;

  note(milliseconds: number): void {
    this.usualMs += WEIGHT * (milliseconds - this.usualMs);
  }
}
