/**
 * The swap device: slots, how many references each has, the word at the start of the page that lies there, and the
 * swap cache, which is the frame that still (or again) holds what the slot holds.
 *
 * A slot is in use while it has references or a cached frame. References are entries of page tables, and places in page
 * caches whose page was swapped out.
 *
 * @kernel mm/swapfile.c, mm/swap_state.c, release 6.18
 */
import { PAGE_SIZE } from './geometry.js';
import type { Pfn } from './strategy.js';

export class SwapSlots {
  readonly #counts: number[] = [0];
  readonly #contents: number[] = [0];
  readonly #cache: Pfn[] = [0];
  readonly #free: number[] = [];
  /** Slots in use. */
  live = 0;
  /** Slots of the device. */
  readonly limit: number;

  /** `bytes`: the size of the device. By default as much as runs on the live kernel are given. */
  constructor(bytes = 2 ** 30) {
    this.limit = Math.floor(bytes / PAGE_SIZE);
  }

  /** A slot with one reference; 0 when the device is full. */
  alloc(contents: number): number {
    if (this.live >= this.limit) return 0;
    const slot = this.#free.pop() ?? this.#counts.length;
    this.#counts[slot] = 1;
    this.#contents[slot] = contents;
    this.#cache[slot] = 0;
    this.live++;
    return slot;
  }

  /** References, the cache not counted. @kernel __swap_count() */
  count(slot: number): number {
    return this.#counts[slot] ?? 0;
  }

  contents(slot: number): number {
    return this.#contents[slot]!;
  }

  /** Writes a page out. */
  store(slot: number, contents: number): void {
    this.#contents[slot] = contents;
  }

  /** The frame in the swap cache; 0: none. @kernel swap_cache_get_folio() */
  cached(slot: number): Pfn {
    return this.#cache[slot] ?? 0;
  }

  /** Puts a frame into the swap cache, or takes it out (0). Without references, the slot is free then. */
  setCached(slot: number, pfn: Pfn): void {
    this.#cache[slot] = pfn;
    this.#freeIfUnused(slot);
  }

  /** One reference more. @kernel swap_duplicate() */
  dup(slot: number): void {
    this.#counts[slot] = this.#counts[slot]! + 1;
  }

  /** One reference less. A slot that nothing refers to is free, unless it is cached. @kernel swap_free() */
  put(slot: number): void {
    this.#counts[slot] = this.#counts[slot]! - 1;
    this.#freeIfUnused(slot);
  }

  #freeIfUnused(slot: number): void {
    if (this.#counts[slot] !== 0 || this.#cache[slot] !== 0) return;
    this.#free.push(slot);
    this.live--;
  }

  /** More than half of the device is in use: then pages that come back give up their slots. @kernel vm_swap_full() */
  get full(): boolean {
    return (this.limit - this.live) * 2 < this.limit;
  }

  /** Every slot in use. */
  *slots(): IterableIterator<number> {
    for (let slot = 1; slot < this.#counts.length; slot++) {
      if (this.#counts[slot]! > 0 || this.#cache[slot]! !== 0) yield slot;
    }
  }
}
