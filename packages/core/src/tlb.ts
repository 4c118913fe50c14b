/**
 * Translation caches, modelled only when checking: each space remembers every translation that its CPUs were allowed to
 * cache, until a flush names it. An entry that no longer agrees with the tables is a flush that somebody forgot.
 */
import { PAGE_SIZE } from './geometry.js';
import type { Addr, Pfn, TableId } from './strategy.js';

export interface CachedTranslation {
  readonly pfn: Pfn;
  /** The hardware may write through it without looking at the tables again. */
  readonly writable: boolean;
  /** The PTE table it was read from: paging-structure caches keep that, too. */
  readonly table: TableId;
}

export class Tlb {
  /** By page number. */
  readonly #entries = new Map<number, CachedTranslation>();

  fill(addr: Addr, pfn: Pfn, writable: boolean, table: TableId): void {
    const page = Math.floor(addr / PAGE_SIZE);
    const there = this.#entries.get(page);
    if (there?.pfn === pfn && there.table === table && there.writable === writable) return;
    this.#entries.set(page, { pfn, writable, table });
  }

  flush(start: Addr, end: Addr): void {
    const first = Math.floor(start / PAGE_SIZE);
    const last = Math.ceil(end / PAGE_SIZE);
    if (last - first <= this.#entries.size) {
      for (let page = first; page < last; page++) this.#entries.delete(page);
      return;
    }
    for (const page of this.#entries.keys()) if (page >= first && page < last) this.#entries.delete(page);
  }

  flushAll(): void {
    this.#entries.clear();
  }

  /** Every translation that may still be used, by address. */
  *entries(): IterableIterator<[Addr, CachedTranslation]> {
    for (const [page, entry] of this.#entries) yield [page * PAGE_SIZE, entry];
  }
}
