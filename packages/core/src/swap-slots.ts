/**
 * Slots of the swap device: how many entries refer to each, and the word at the start of the page that lies there.
 *
 * @kernel mm/swapfile.c swap_map, release 6.18
 */
export class SwapSlots {
  readonly #counts: number[] = [0];
  readonly #contents: number[] = [0];
  readonly #free: number[] = [];
  /** Slots in use. */
  live = 0;

  /** A slot with one reference; never 0. */
  alloc(contents: number): number {
    const slot = this.#free.pop() ?? this.#counts.length;
    this.#counts[slot] = 1;
    this.#contents[slot] = contents;
    this.live++;
    return slot;
  }

  count(slot: number): number {
    return this.#counts[slot]!;
  }

  contents(slot: number): number {
    return this.#contents[slot]!;
  }

  /** One entry more refers to the slot. @kernel swap_duplicate() */
  dup(slot: number): void {
    this.#counts[slot] = this.#counts[slot]! + 1;
  }

  /** One entry fewer refers to the slot; answers true when that freed it. @kernel swap_free() */
  put(slot: number): boolean {
    const left = this.#counts[slot]! - 1;
    this.#counts[slot] = left;
    if (left > 0) return false;
    this.#free.push(slot);
    this.live--;
    return true;
  }

  /** Every slot in use. */
  *slots(): IterableIterator<number> {
    for (let slot = 1; slot < this.#counts.length; slot++) if (this.#counts[slot]! > 0) yield slot;
  }
}
