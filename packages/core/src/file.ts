/**
 * Files: memory files only (tmpfs, memfd, shared anonymous memory), whose pages live in a page cache of order-0 folios.
 */
import { PAGE_SIZE } from './geometry.js';
import type { FileView, Pfn } from './strategy.js';
import type { Vma } from './vma.js';

const CHUNK = 512;

export class File implements FileView {
  readonly id: number;
  readonly name: string;
  /** Bytes. @kernel i_size */
  size: number;
  /** Every VMA that maps the file, in the order of mapping. @kernel address_space i_mmap */
  readonly mappings = new Set<Vma>();
  /** A descriptor or a name keeps it alive, besides its mappings. False of shared anonymous memory. */
  held: boolean;
  readonly #pages = new Map<number, Uint32Array>();
  /** Pages in the cache. */
  cached = 0;
  /** Slots of pages that were swapped out, by index. Such a page is no longer in the cache. */
  readonly swapped = new Map<number, number>();

  constructor(id: number, name: string, size: number, held: boolean) {
    this.id = id;
    this.name = name;
    this.size = size;
    this.held = held;
  }

  /** Pages that an access may reach: index below this, or SIGBUS. */
  get endIndex(): number {
    return Math.ceil(this.size / PAGE_SIZE);
  }

  /** Frame of the page at this index; 0: a hole. */
  page(index: number): Pfn {
    const chunk = this.#pages.get(Math.floor(index / CHUNK));
    return chunk === undefined ? 0 : chunk[index % CHUNK]!;
  }

  setPage(index: number, pfn: Pfn): void {
    const key = Math.floor(index / CHUNK);
    let chunk = this.#pages.get(key);
    if (chunk === undefined) {
      chunk = new Uint32Array(CHUNK);
      this.#pages.set(key, chunk);
    }
    const slot = index % CHUNK;
    this.cached += (pfn !== 0 ? 1 : 0) - (chunk[slot] !== 0 ? 1 : 0);
    chunk[slot] = pfn;
  }

  /** The page at this index has left the cache for a swap slot. */
  setSwapped(index: number, slot: number): void {
    this.setPage(index, 0);
    this.swapped.set(index, slot);
  }

  /** How many of the pages in [first, last) are swapped out. @kernel shmem_partial_swap_usage() */
  swappedIn(first: number, last: number): number {
    let count = 0;
    for (const index of this.swapped.keys()) if (index >= first && index < last) count++;
    return count;
  }

  /** Every cached page from `first` on, in order of index. */
  *pagesFrom(first: number): IterableIterator<{ index: number; pfn: Pfn }> {
    const keys = [...this.#pages.keys()].sort((a, b) => a - b);
    for (const key of keys) {
      if ((key + 1) * CHUNK <= first) continue;
      const chunk = this.#pages.get(key)!;
      for (let i = 0; i < CHUNK; i++) {
        const index = key * CHUNK + i;
        if (index >= first && chunk[i] !== 0) yield { index, pfn: chunk[i]! };
      }
    }
  }

  /** Bytes that the index of the cache takes. */
  get bytes(): number {
    return this.#pages.size * CHUNK * 4;
  }
}
