/**
 * Loads and stores. An access whose translation is in order costs a table lookup; any other one takes a fault and is
 * tried again.
 */
import { W, Y } from '../counters.js';
import { assertModel } from '../errors/violation.js';
import { PAGE_SIZE } from '../geometry.js';
import { leafPfn } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import { walkDangling } from '../posted-verbs.js';
import { ACCESSED, DIRTY, entryPfn, PRESENT, RW } from '../pte.js';
import { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr, Pfn } from '../strategy.js';
import { findSlot } from '../walk.js';
import { type FaultEnd, handleMmFault } from './fault.js';

/** FNV-1a over 32-bit words. */
export const FNV_BASIS = 2166136261;
const FNV_PRIME = 16777619;
export const fnvStep = (h: number, word: number): number => Math.imul(h ^ word, FNV_PRIME) >>> 0;

export interface AccessArgs {
  readonly addr: Addr;
  /** Bytes; the last access starts below addr + length. */
  readonly length: number;
  /** Bytes from one access to the next, at least 1. */
  readonly stride: number;
  readonly write: boolean;
  /** The 32-bit word that a write stores. */
  readonly value: number;
  /** Fold what is read into an FNV-1a digest. */
  readonly digest: boolean;
}

/** One process's view of memory, for as many accesses as a step makes. */
export class Accessor {
  readonly #m: Machine;
  readonly #space: Space;
  // The slot that the last access went through.
  #start = -1;
  #end = -1;
  #words!: Uint32Array;
  #writable = false;
  #table = 0;
  // The slot of a huge leaf that the last access went through: a cursor of its own, since it reads the entry each time.
  readonly #leaf: SlotCursor;
  /** How the last access ended. */
  end: FaultEnd = 'ok';

  constructor(m: Machine, space: Space) {
    this.#m = m;
    this.#space = space;
    this.#leaf = new SlotCursor(m);
  }

  /** Translates one access, taking the faults it needs. Answers the frame, or 0: see `end`. */
  translate(addr: Addr, write: boolean): Pfn {
    const need = write ? PRESENT | RW : PRESENT;
    for (let tries = 0; ; tries++) {
      if (addr >= this.#start && addr < this.#end && (!write || this.#writable)) {
        const i = ((addr - this.#start) >>> 12) * 2;
        const lo = this.#words[i]!;
        if ((lo & need) === need) {
          const seen = write ? ACCESSED | DIRTY : ACCESSED;
          const pfn = entryPfn(lo, this.#words[i + 1]!);
          if ((lo & seen) !== seen) {
            this.#words[i] = lo | seen;
            if (write) this.#m.frames.setDirty(pfn);
          }
          if (this.#m.tlbs) this.#remember(addr, pfn, (lo & RW) !== 0 && this.#writable);
          return pfn;
        }
      } else {
        const pfn = this.#translateLeaf(addr, need);
        if (pfn !== 0) return pfn;
        if (tries === 0 && this.#enter(addr)) continue;
      }
      // Linux retries as often as it takes; more than a few tries would mean that a fault mends nothing.
      assertModel(tries < 4, 'fault-makes-progress', 'an access faults for ever');
      this.end = handleMmFault(this.#m, this.#space, addr, write ? 'write' : 'read', this.#m.to);
      if (this.end !== 'ok') {
        if (this.end !== 'ENOMEM') this.#m.counters.add(W.signals, Y.fault, 1);
        return 0;
      }
      this.#enter(addr);
    }
  }

  /** Makes the slot of an address current; false when it has no table. */
  #enter(addr: Addr): boolean {
    const m = this.#m;
    const at = m.to;
    if (!findSlot(m, this.#space, addr, null, at)) return false;
    this.#table = at.table;
    if (this.#table === 0) {
      this.#start = -1;
      this.#end = -1;
      if (at.huge) this.#leaf.place(this.#space, at.parent, at.index, at.start, null);
      return at.huge;
    }
    if (m.dangling.size > 0) walkDangling(m, this.#table);
    this.#start = at.start;
    this.#end = at.end;
    this.#writable = at.writable;
    this.#words = m.tables.words(this.#table);
    return true;
  }

  /** Through the huge leaf that was entered last, if it is still one and gives the rights; else 0. */
  #translateLeaf(addr: Addr, need: number): Pfn {
    const at = this.#leaf;
    if (addr < at.start || addr >= at.end || !at.huge || (at.lo & need) !== need) return 0;
    at.write(at.lo | ACCESSED | ((need & RW) !== 0 ? DIRTY : 0), at.hi);
    const pfn = leafPfn(at, addr);
    if (this.#m.tlbs) this.#m.tlbs.get(this.#space.id)?.fill(addr, pfn, at.writable, 0);
    return pfn;
  }

  #remember(addr: Addr, pfn: Pfn, writable: boolean): void {
    this.#m.tlbs!.get(this.#space.id)?.fill(addr, pfn, writable, this.#table);
  }

  /** The 32-bit word at the start of the page that holds `addr`. */
  load(addr: Addr): number {
    const pfn = this.translate(addr, false);
    return pfn === 0 ? 0 : this.#m.frames.contents[pfn]!;
  }

  /** Stores a 32-bit word. What the model keeps of a page is its first word; a store elsewhere only dirties it. */
  store(addr: Addr, value: number): boolean {
    const pfn = this.translate(addr, true);
    if (pfn === 0) return false;
    const offset = addr % PAGE_SIZE;
    const { contents } = this.#m.frames;
    if (offset === 0) contents[pfn] = value;
    else if (offset < 4) {
      const bits = offset * 8;
      contents[pfn] = (contents[pfn]! & (2 ** bits - 1)) | (value << bits);
    }
    if (offset !== 0) this.#m.frames.folios.of(pfn)?.store(pfn, offset, value);
    return true;
  }

  /** A store that runs over the end of its page changes the start of the next one, and both must be writable. */
  storeAcross(addr: Addr, value: number): boolean {
    const next = addr - (addr % PAGE_SIZE) + PAGE_SIZE;
    const first = this.translate(addr, true);
    if (first === 0) return false;
    const pfn = this.translate(next, true);
    if (pfn === 0) return false;
    this.#m.frames.folios.of(first)?.store(first, addr % PAGE_SIZE, value);
    const over = addr + 4 - next;
    const keep = ~(2 ** (over * 8) - 1);
    const { contents } = this.#m.frames;
    contents[pfn] = (contents[pfn]! & keep) | (value >>> ((4 - over) * 8));
    return true;
  }
}

const crossesPage = (addr: Addr): boolean => addr % PAGE_SIZE > PAGE_SIZE - 4;

/** What a step of accesses answers. */
export interface AccessEnd {
  readonly end: FaultEnd;
  readonly minflt: number;
  readonly majflt: number;
  readonly digest: number;
}

/**
 * Accesses at every `stride` bytes upward from `addr`; those of a digest, from the start of its page. The ones before a
 * fatal one stay done.
 */
export const access = (m: Machine, space: Space, args: AccessArgs): AccessEnd => {
  const { stride, write, value, digest } = args;
  const { minflt, majflt } = space;
  const memory = new Accessor(m, space);
  let h = FNV_BASIS;
  const first = digest ? args.addr - (args.addr % PAGE_SIZE) : args.addr;
  const end = first + args.length;
  for (let addr = first; addr < end; addr += stride) {
    if (write) {
      const done = crossesPage(addr) ? memory.storeAcross(addr, value) : memory.store(addr, value);
      if (!done) break;
    } else {
      const word = memory.load(addr);
      if (memory.end !== 'ok' || (crossesPage(addr) && memory.translate(addr + 3, false) === 0)) break;
      if (digest) h = fnvStep(h, word);
    }
  }
  return { end: memory.end, minflt: space.minflt - minflt, majflt: space.majflt - majflt, digest: h };
};
