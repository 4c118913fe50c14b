/**
 * Page frames. Six bytes each: a 16-bit word of state and a 32-bit word of contents.
 *
 * ```
 *  state:  15..14 kind   13 extra   12 exclusive   11..0 mapcount (4095: the count is in `#many`)
 * ```
 *
 * The reference count is not stored, it follows: mapcount, one more for a page that a page cache or a swap cache holds,
 * 1024 for each pin, one for each other reference. That is what Linux's count is, too, between operations. What few
 * frames have lies in records, found by the `extra` bit. Free frames are chained through their contents word.
 */
import { PAGE_SIZE } from './geometry.js';
import type { Physical } from './physical.js';
import type { Pfn } from './strategy.js';

export const KIND_FREE = 0x0000;
/** Anonymous: belongs to private mappings only. */
export const KIND_ANON = 0x4000;
/** In a file's page cache (all files are tmpfs files). */
export const KIND_FILE = 0x8000;
/** The zero page: never counted. */
export const KIND_ZERO = 0xc000;
export const KIND_MASK = 0xc000;
/** The frame has a record of what few frames have: see FrameRecord. Loops over tables leave their fast path for it. */
export const EXTRA = 0x2000;
/** PageAnonExclusive: one process alone maps it and may be given write access. */
export const EXCLUSIVE = 0x1000;
export const COUNT_MASK = 0x0fff;
/** State without the exclusive bit. */
export const PLAIN_MASK = 0xefff;
const COUNT_MANY = 0x0fff;

/** @kernel include/linux/mm.h GUP_PIN_COUNTING_BIAS */
export const PIN_BIAS = 1024;
/** Frame of the shared zero page. */
export const ZERO_PFN: Pfn = 1;
const FIRST_PFN = 2;

/** What few frames have. A frame without a record has none of it. */
export interface FrameRecord {
  /** FOLL_PIN: pins, each of which counts 1024. */
  pins: number;
  /** FOLL_GET: references that are no mapping, such as a page in a pipe. */
  refs: number;
  /** The swap slot whose cache holds the frame; 0: none. */
  swap: number;
}

export class Frames {
  /** State words by frame number. Replaced when the machine grows: do not keep across an allocation. */
  meta = new Uint16Array(256);
  /** The 32-bit word at offset 0 of each page. Replaced like `meta`. */
  contents = new Uint32Array(256);
  /** Frames in use, the zero page not counted. */
  live = 0;
  #top = FIRST_PFN;
  #free = 0;
  readonly #many = new Map<Pfn, number>();
  readonly #records = new Map<Pfn, FrameRecord>();
  readonly #physical: Physical;

  constructor(physical: Physical) {
    this.#physical = physical;
    this.meta[ZERO_PFN] = KIND_ZERO;
  }

  /** A frame of this kind, unmapped, its contents word 0. Answers 0 when memory is full. */
  alloc(kind: number): Pfn {
    if (!this.#physical.take()) return 0;
    let pfn = this.#free;
    if (pfn !== 0) this.#free = this.contents[pfn]!;
    else {
      pfn = this.#top++;
      if (pfn >= this.meta.length) this.#grow();
    }
    this.meta[pfn] = kind;
    this.contents[pfn] = 0;
    this.live++;
    return pfn;
  }

  /** Gives a frame back. Its mapcount is 0 and nobody pins it. */
  free(pfn: Pfn): void {
    this.meta[pfn] = KIND_FREE;
    this.contents[pfn] = this.#free;
    this.#free = pfn;
    this.live--;
    this.#physical.give();
  }

  /** By half while small, by a sixteenth when large: growth may not cost more memory than the frames. */
  #grow(): void {
    const size = this.meta.length;
    const next = size < 1 << 16 ? size * 2 : size + Math.max(1 << 13, size >> 4);
    const meta = new Uint16Array(next);
    meta.set(this.meta);
    this.meta = meta;
    const contents = new Uint32Array(next);
    contents.set(this.contents);
    this.contents = contents;
  }

  kind(pfn: Pfn): number {
    return this.meta[pfn]! & KIND_MASK;
  }

  mapcount(pfn: Pfn): number {
    const count = this.meta[pfn]! & COUNT_MASK;
    return count === COUNT_MANY ? this.#many.get(pfn)! : count;
  }

  /** @kernel folio_ref_count(), between operations */
  refcount(pfn: Pfn): number {
    const m = this.meta[pfn]!;
    const cached = (m & KIND_MASK) === KIND_FILE ? 1 : 0;
    const held = this.mapcount(pfn) + cached;
    if ((m & EXTRA) === 0) return held;
    const { pins, refs, swap } = this.#records.get(pfn)!;
    return held + PIN_BIAS * pins + refs + (swap === 0 ? 0 : 1);
  }

  /** The record of a frame that has one. */
  record(pfn: Pfn): Readonly<FrameRecord> | undefined {
    return this.#records.get(pfn);
  }

  /** Adds to what few frames have; a record that holds nothing any more goes. `swap` is set, not added. */
  amend(pfn: Pfn, change: Partial<FrameRecord>): void {
    const record = this.#records.get(pfn) ?? { pins: 0, refs: 0, swap: 0 };
    record.pins += change.pins ?? 0;
    record.refs += change.refs ?? 0;
    record.swap = change.swap ?? record.swap;
    if (record.pins !== 0 || record.refs !== 0 || record.swap !== 0) {
      this.#records.set(pfn, record);
      this.meta[pfn] = this.meta[pfn]! | EXTRA;
    } else {
      this.#records.delete(pfn);
      this.meta[pfn] = this.meta[pfn]! & ~EXTRA;
    }
  }

  /** One entry more maps the frame. */
  map(pfn: Pfn): void {
    const m = this.meta[pfn]!;
    const count = m & COUNT_MASK;
    if (count < COUNT_MANY - 1) this.meta[pfn] = m + 1;
    else {
      this.#many.set(pfn, count === COUNT_MANY ? this.#many.get(pfn)! + 1 : COUNT_MANY);
      this.meta[pfn] = m | COUNT_MANY;
    }
  }

  /** One entry fewer maps the frame; an anonymous one that nothing maps or pins any more is freed: answers true. */
  unmap(pfn: Pfn): boolean {
    const m = this.meta[pfn]!;
    const count = m & COUNT_MASK;
    if (count === COUNT_MANY) {
      this.#unmapMany(pfn, m);
      return false;
    }
    this.meta[pfn] = m - 1;
    if (count !== 1 || (m & (KIND_MASK | EXTRA)) !== KIND_ANON) return false;
    this.free(pfn);
    return true;
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

  pinsOf(pfn: Pfn): number {
    return this.#records.get(pfn)?.pins ?? 0;
  }

  pin(pfn: Pfn): void {
    this.amend(pfn, { pins: 1 });
  }

  /** Lets go of one pin; answers true when that freed the frame. `cached`: a page cache still holds it. */
  unpin(pfn: Pfn, cached: boolean): boolean {
    this.amend(pfn, { pins: -1 });
    if ((this.meta[pfn]! & (COUNT_MASK | EXTRA)) !== 0 || cached) return false;
    this.free(pfn);
    return true;
  }

  /** Every frame number ever handed out, and one more: the bound for a recount. */
  get top(): number {
    return this.#top;
  }

  /** Bytes that the arrays take. */
  get bytes(): number {
    return this.meta.byteLength + this.contents.byteLength;
  }

  get liveKb(): number {
    return (this.live * PAGE_SIZE) / 1024;
  }
}
