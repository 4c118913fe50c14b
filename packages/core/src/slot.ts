/** The cursor over PMD entries that strategies see as a Slot. One object serves a whole walk. */

import type { Machine } from './machine.js';
import { entryPfn, HUGE, RW } from './pte.js';
import type { Space } from './space.js';
import type { Addr, Slot, TableId } from './strategy.js';
import { findVmaIndex, type Vma } from './vma.js';

export class SlotCursor implements Slot {
  readonly #m: Machine;
  space!: Space;
  start: Addr = 0;
  end: Addr = 0;
  vma: Vma | null = null;
  /** The PMD table that holds the entry, and the entry's index in it. */
  parent: TableId = 0;
  index = 0;
  #words!: Uint32Array;
  #at = 0;
  #list: Vma[] = [];

  constructor(m: Machine) {
    this.#m = m;
  }

  /** Moves on to entry `index` of the PMD table `parent` of `space`, which spans [start, start + slotBytes). */
  place(space: Space, parent: TableId, index: number, start: Addr, vma: Vma | null): this {
    const { tables, geometry } = this.#m;
    this.space = space;
    this.parent = parent;
    this.index = index;
    this.start = start;
    this.end = start + geometry.slotBytes;
    this.vma = vma;
    this.#words = tables.words(parent);
    this.#at = index * 2;
    return this;
  }

  get table(): TableId {
    const lo = this.#words[this.#at]!;
    return (lo & HUGE) !== 0 ? 0 : entryPfn(lo, this.#words[this.#at + 1]!);
  }

  /** The entry maps memory itself: no table is here, and none to share. */
  get huge(): boolean {
    return (this.#words[this.#at]! & HUGE) !== 0;
  }

  get writable(): boolean {
    return (this.#words[this.#at]! & RW) !== 0;
  }

  get entry(): number {
    return this.parent * this.#m.geometry.entries + this.index + 1;
  }

  get refs(): number {
    return this.#m.tables.refs[this.table]!;
  }

  get charged(): boolean {
    return this.#m.tables.payer[this.table] === this.space.id;
  }

  get payers(): number {
    return this.#m.tables.payer[this.table] === 0 ? 0 : 1;
  }

  get whole(): boolean {
    return this.vma !== null && this.vma.start <= this.start && this.vma.end >= this.end;
  }

  get vmas(): readonly Vma[] {
    const { vmas } = this.space;
    this.#list = [];
    for (let i = findVmaIndex(vmas, this.start); i < vmas.length && vmas[i]!.start < this.end; i++) {
      this.#list.push(vmas[i]!);
    }
    return this.#list;
  }

  /** Sets the entry's two words. */
  write(lo: number, hi: number): void {
    this.#words[this.#at] = lo;
    this.#words[this.#at + 1] = hi;
  }

  /** The entry's low word. */
  get lo(): number {
    return this.#words[this.#at]!;
  }

  /** The entry's high word. */
  get hi(): number {
    return this.#words[this.#at + 1]!;
  }
}
