/**
 * A large folio: an aligned run of frames that was allocated as one page of the size of a PMD entry. It is mapped whole, by
 * PMD entries, or page by page, by PTEs, and lives until nothing maps or holds any part of it.
 *
 * @kernel include/linux/mm_types.h struct folio; include/linux/rmap.h, release 6.18
 */
import { COUNT_MASK, EXTRA, KIND_ANON } from './frame-state.js';
import type { Frames } from './frames.js';
import { PAGE_SIZE } from './geometry.js';
import type { Pfn } from './strategy.js';

export class Folio {
  readonly head: Pfn;
  /** Pages in it. */
  readonly pages: number;
  /** PMD entries that map it. @kernel folio_entire_mapcount() */
  entire = 0;
  /** Entries of either level that map it or one of its pages. @kernel folio_large_mapcount() */
  mapcount = 0;
  /** Pins of its pages. A large folio counts them apart, one reference each. @kernel _pincount */
  pins = 0;
  /** Other references to its pages. */
  refs = 0;
  /** MADV_FREE was given for all of it, and it has not been found written since. @kernel PG_swapbacked, cleared */
  lazy = false;
  /** A leaf that was dirty has been split. @kernel PG_dirty */
  dirty = false;
  /** @kernel FOLIO_MM_IDS_SHARED_BIT */
  #shared = false;
  /** Bytes, counted from its start, that are not 0 and no first word of a page: what decides whether a page is empty. */
  readonly bytes = new Set<number>();
  // The kernel knows of two mms how many of the mappings are theirs. 0: the place is free.
  readonly #mms = [0, 0];
  readonly #counts = [0, 0];

  constructor(head: Pfn, pages: number) {
    this.head = head;
    this.pages = pages;
  }

  /** @kernel folio_ref_count(), between operations */
  get refcount(): number {
    return this.mapcount + this.pins + this.refs;
  }

  /** More than one mm maps it, or may do so: with three of them the kernel loses count. @kernel folio_maybe_mapped_shared() */
  get maybeShared(): boolean {
    return this.#shared && this.mapcount > 1;
  }

  /** A store of a 32-bit word into one of its pages, as far as it is not about the page's first word. */
  store(pfn: Pfn, offset: number, value: number): void {
    for (let k = Math.max(0, 4 - offset); k < 4 && offset + k < PAGE_SIZE; k++) {
      const at = (pfn - this.head) * PAGE_SIZE + offset + k;
      if (((value >>> (k * 8)) & 0xff) !== 0) this.bytes.add(at);
      else this.bytes.delete(at);
    }
  }

  /** `n` mappings more, by this mm. @kernel folio_add_return_large_mapcount() */
  add(n: number, mm: number): void {
    this.mapcount += n;
    const at = this.#mms.indexOf(mm);
    if (at >= 0) {
      this.#counts[at] = this.#counts[at]! + n;
      return;
    }
    const free = this.#mms.indexOf(0);
    if (free < 0) return;
    this.#mms[free] = mm;
    this.#counts[free] = n;
    if (free === 1 || this.mapcount !== n) this.#shared = true;
  }

  /** `n` mappings fewer, by this mm. Only who leaves its place makes the kernel look again. @kernel folio_sub_return_large_mapcount() */
  sub(n: number, mm: number): void {
    this.mapcount -= n;
    const at = this.#mms.indexOf(mm);
    if (at >= 0) {
      this.#counts[at] = this.#counts[at]! - n;
      if (this.#counts[at]! > 0) return;
      this.#mms[at] = 0;
      this.#counts[at] = 0;
    }
    if (this.#counts.includes(this.mapcount)) this.#shared = false;
  }
}

/** The large folios there are. A frame of one has the EXTRA bit, so that single pages never have to be looked up here. */
export class Folios {
  readonly #frames: Frames;
  /** Pages in a folio. */
  readonly #pages: number;
  readonly #byHead = new Map<Pfn, Folio>();

  constructor(frames: Frames, pages: number) {
    this.#frames = frames;
    this.#pages = pages;
  }

  /** The folio that a frame is part of. */
  of(pfn: Pfn): Folio | undefined {
    return this.#byHead.get(pfn - (pfn % this.#pages));
  }

  /** How many there are. */
  get count(): number {
    return this.#byHead.size;
  }

  all(): IterableIterator<Folio> {
    return this.#byHead.values();
  }

  /** One full of zeroes that nothing maps yet; null when memory is full. */
  alloc(): Folio | null {
    const head = this.#frames.allocRun(KIND_ANON | EXTRA);
    if (head === 0) return null;
    const folio = new Folio(head, this.#pages);
    this.#byHead.set(head, folio);
    return folio;
  }

  /** Gives it back, if nothing maps or holds any of it; answers how many frames that freed. */
  release(folio: Folio): number {
    if (folio.refcount > 0) return 0;
    this.#byHead.delete(folio.head);
    this.#frames.freeRun(folio.head);
    return folio.pages;
  }

  /** One PMD entry of the address space `mm` more maps it. */
  map(folio: Folio, mm: number): void {
    folio.entire++;
    folio.add(1, mm);
  }

  /** One PMD entry fewer; answers how many frames that freed. */
  unmap(folio: Folio, mm: number): number {
    folio.entire--;
    folio.sub(1, mm);
    return this.release(folio);
  }

  /** A PTE for each page takes the place of one PMD entry; what was exclusive as a whole is so page by page. */
  mapPages(folio: Folio, mm: number): void {
    const { head, pages } = folio;
    const exclusive = this.#frames.isExclusive(head);
    for (let pfn = head; pfn < head + pages; pfn++) {
      this.#frames.map(pfn, mm);
      if (exclusive) this.#frames.setExclusive(pfn);
    }
    folio.entire--;
    folio.sub(1, mm);
  }

  /**
   * Its pages become pages of their own; those that nothing maps are freed. No PMD entry maps it any more, and nobody
   * holds it. Answers how many frames that freed. @kernel mm/huge_memory.c __folio_split()
   */
  split({ head, pages, lazy, dirty }: Folio): number {
    const { meta } = this.#frames;
    this.#byHead.delete(head);
    let freed = 0;
    for (let pfn = head; pfn < head + pages; pfn++) {
      meta[pfn] = meta[pfn]! & ~EXTRA;
      if ((meta[pfn]! & COUNT_MASK) !== 0) {
        if (lazy || dirty) this.#frames.amend(pfn, { lazy, dirty });
        continue;
      }
      this.#frames.free(pfn);
      freed++;
    }
    return freed;
  }
}
