/**
 * Page frames in use: how often each is mapped, and by what else it is held. Six bytes each: a 16-bit word of state
 * (`frame-state.ts`) and a 32-bit word of contents.
 *
 * The reference count is not stored, it follows: mapcount, one more for a page that a page cache or a swap cache holds,
 * 1024 for each pin, one for each other reference. That is what Linux's count is, too, between operations. What few
 * frames have lies in records, found by the `extra` bit.
 */
import { Folios } from './folio.js';
import { FrameAllocator } from './frame-allocator.js';
import {
  COUNT_MANY,
  COUNT_MASK,
  EXCLUSIVE,
  EXTRA,
  FILE_DIRTY,
  KIND_ANON,
  KIND_FILE,
  KIND_MASK,
  PIN_BIAS,
} from './frame-state.js';
import type { Physical } from './physical.js';
import type { Pfn } from './strategy.js';

export * from './frame-state.js';

/** What few frames have. A frame without a record has none of it. */
export interface FrameRecord {
  /** FOLL_PIN: pins, each of which counts 1024. */
  pins: number;
  /** FOLL_GET: references that are no mapping, such as a page in a pipe. */
  refs: number;
  /** The swap slot whose cache holds the frame; 0: none. */
  swap: number;
  /** MADV_FREE: reclaim may drop the page while no entry is dirty. @kernel not folio_test_swapbacked() */
  lazy: boolean;
  /** An anonymous page that is dirty whatever its entries say: reclaim, or giving up its slot, found it so. @kernel PG_dirty */
  dirty: boolean;
}

export class Frames extends FrameAllocator {
  readonly #many = new Map<Pfn, number>();
  readonly #records = new Map<Pfn, FrameRecord>();
  readonly folios: Folios;

  /** `folioPages`: pages in a large folio. */
  constructor(physical: Physical, folioPages: number) {
    super(physical, folioPages);
    this.folios = new Folios(this, folioPages);
  }

  kind(pfn: Pfn): number {
    return this.meta[pfn]! & KIND_MASK;
  }

  /** Entries that map the frame: those of a large folio's whole, too. @kernel folio_precise_page_mapcount() */
  mapcount(pfn: Pfn): number {
    const m = this.meta[pfn]!;
    const count = m & COUNT_MASK;
    const own = count === COUNT_MANY ? this.#many.get(pfn)! : count;
    return (m & EXTRA) === 0 ? own : own + (this.folios.of(pfn)?.entire ?? 0);
  }

  /** @kernel folio_ref_count(), between operations */
  refcount(pfn: Pfn): number {
    const m = this.meta[pfn]!;
    const cached = (m & KIND_MASK) === KIND_FILE ? 1 : 0;
    const held = this.mapcount(pfn) + cached;
    if ((m & EXTRA) === 0) return held;
    const folio = this.folios.of(pfn);
    if (folio) return folio.refcount;
    const { pins, refs, swap } = this.#records.get(pfn)!;
    return held + PIN_BIAS * pins + refs + (swap === 0 ? 0 : 1);
  }

  /** The record of a frame that has one. */
  record(pfn: Pfn): Readonly<FrameRecord> | undefined {
    return this.#records.get(pfn);
  }

  /** Adds to what few frames have; a record that holds nothing any more goes. `swap`, `lazy` and `dirty` are set. */
  amend(pfn: Pfn, change: Partial<FrameRecord>): void {
    const folio = this.folios.of(pfn);
    if (folio) {
      folio.pins += change.pins ?? 0;
      folio.refs += change.refs ?? 0;
    }
    const record = this.#records.get(pfn) ?? { pins: 0, refs: 0, swap: 0, lazy: false, dirty: false };
    record.pins += change.pins ?? 0;
    record.refs += change.refs ?? 0;
    record.swap = change.swap ?? record.swap;
    record.lazy = change.lazy ?? record.lazy;
    record.dirty = change.dirty ?? record.dirty;
    if (record.pins !== 0 || record.refs !== 0 || record.swap !== 0 || record.lazy || record.dirty) {
      this.#records.set(pfn, record);
      this.meta[pfn] = this.meta[pfn]! | EXTRA;
    } else {
      this.#records.delete(pfn);
      if (!folio) this.meta[pfn] = this.meta[pfn]! & ~EXTRA;
    }
  }

  /** One PTE more maps the frame: one of the address space `mm`. */
  map(pfn: Pfn, mm = 0): void {
    const m = this.meta[pfn]!;
    if ((m & EXTRA) !== 0) this.folios.of(pfn)?.add(1, mm);
    const count = m & COUNT_MASK;
    if (count < COUNT_MANY - 1) this.meta[pfn] = m + 1;
    else {
      this.#many.set(pfn, count === COUNT_MANY ? this.#many.get(pfn)! + 1 : COUNT_MANY);
      this.meta[pfn] = m | COUNT_MANY;
    }
  }

  /** One PTE fewer maps the frame. An anonymous page that nothing maps or holds any more is freed: answers how many frames. */
  unmap(pfn: Pfn, mm = 0): number {
    const m = this.meta[pfn]!;
    const count = m & COUNT_MASK;
    if (count === COUNT_MANY) this.#unmapMany(pfn, m);
    else this.meta[pfn] = m - 1;
    const folio = (m & EXTRA) === 0 ? undefined : this.folios.of(pfn);
    if (folio) {
      folio.sub(1, mm);
      return this.folios.release(folio);
    }
    if (count !== 1 || (m & (KIND_MASK | EXTRA)) !== KIND_ANON) return 0;
    this.free(pfn);
    return 1;
  }

  #unmapMany(pfn: Pfn, m: number): void {
    const count = this.#many.get(pfn)! - 1;
    if (count >= COUNT_MANY) this.#many.set(pfn, count);
    else {
      this.#many.delete(pfn);
      this.meta[pfn] = (m & ~COUNT_MASK) | count;
    }
  }

  isExclusive(pfn: Pfn): boolean {
    return (this.meta[pfn]! & EXCLUSIVE) !== 0;
  }

  setExclusive(pfn: Pfn): void {
    this.meta[pfn] = this.meta[pfn]! | EXCLUSIVE;
  }

  clearExclusive(pfn: Pfn): void {
    this.meta[pfn] = this.meta[pfn]! & ~EXCLUSIVE;
  }

  /** A page was written: of a file's page that has to be remembered. */
  setDirty(pfn: Pfn): void {
    if (this.kind(pfn) === KIND_FILE) this.meta[pfn] = this.meta[pfn]! | FILE_DIRTY;
  }

  isLazy(pfn: Pfn): boolean {
    if ((this.meta[pfn]! & EXTRA) === 0) return false;
    return this.folios.of(pfn)?.lazy ?? this.#records.get(pfn)?.lazy ?? false;
  }

  pinsOf(pfn: Pfn): number {
    return this.#records.get(pfn)?.pins ?? 0;
  }

  /**
   * Enough references to look pinned, whatever they are. A large folio counts its pins apart, and one of any page counts
   * for all. @kernel folio_maybe_dma_pinned()
   */
  maybePinned(pfn: Pfn): boolean {
    const folio = this.folios.of(pfn);
    return folio ? folio.pins > 0 : this.refcount(pfn) >= PIN_BIAS;
  }

  /** Takes off a pin or a reference; answers how many frames that freed. `cached`: a page cache still has it. */
  letGo(pfn: Pfn, change: Partial<FrameRecord>, cached: boolean): number {
    this.amend(pfn, change);
    const folio = this.folios.of(pfn);
    if (folio) return this.folios.release(folio);
    if ((this.meta[pfn]! & (COUNT_MASK | EXTRA)) !== 0 || cached) return 0;
    this.free(pfn);
    return 1;
  }
}
