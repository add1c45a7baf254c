import { createHash } from 'node:crypto';

/**
 * Numbers from 0 to 1, exclusive, that follow from the seed. Each topic has a sequence of its own, so that what happens
 * in one place does not change what is drawn in another.
 */
export class Dice {
  readonly #seed: number;
  readonly #drawn = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  draw(topic: string): number {
    const count = this.#drawn.get(topic) ?? 0;
    this.#drawn.set(topic, count + 1);
    const digest = createHash('md5').update(`${this.#seed}/${topic}/${count}`).digest();
    return digest.readUInt32BE(0) / 2 ** 32;
  }

  /** @returns true for a share of `rate` of the draws; nothing is drawn for what is certain */
  happens(topic: string, rate: number): boolean {
    if (rate <= 0) return false;
    return rate >= 1 || this.draw(topic) < rate;
  }
}
