/**
 * Page tables: all levels in one arena of `Uint32Array` chunks, a view of it for each table number, with what
 * struct ptdesc keeps beside each. A table is created empty and is empty again when it is freed.
 *
 * Who may write what: entries, counts, `refs` and `payer` change only in the verbs, the walker and the page operations
 * of core; strategies see them through a Slot.
 */
import { assertModel } from './errors/violation.js';
import type { Geometry } from './geometry.js';
import type { Physical } from './physical.js';
import { entryHi, entryLo, entryPfn, HUGE, TABLE_FLAGS } from './pte.js';
import type { KernelField, TableId } from './strategy.js';

/** Tables in one chunk: 128 KiB of entries on x86-64, so that a small machine stays small. */
const CHUNK_SHIFT = 5;
/** Heap that a view takes, besides the entries. Measured with V8 11.3. */
const VIEW_BYTES = 190;

/** Levels by name: 0 holds page entries, 3 is the root. */
export const PTE_LEVEL = 0;
export const PMD_LEVEL = 1;
export const PUD_LEVEL = 2;
export const PGD_LEVEL = 3;

export class Tables {
  /** A view of each table's place in its chunk. Made once: a walk then needs one index and no offset. */
  readonly #views: Uint32Array[] = [];
  #chunks = 0;
  readonly #words: number;
  readonly #physical: Physical;
  #top = 1;
  readonly #free: TableId[] = [];

  /** Level of each live table; 255 when free. */
  level = new Uint8Array(64).fill(255);
  /** Slots that point to the table. */
  refs = new Int32Array(64);
  /** Id of the space that pays for it and for the pages in it; 0: nobody. */
  payer = new Int32Array(64);
  /** 1: other spaces are linked to it on purpose; it is not copy-on-write. */
  linked = new Uint8Array(64);
  /** Which strategy of a composition shared it, plus 1; 0: none did. */
  sharedBy = new Uint8Array(64);
  /** Entries that map an anonymous page, a page of a file, and entries that are not none. */
  anon = new Int16Array(64);
  file = new Int16Array(64);
  used = new Int16Array(64);
  /** Of `used`: swap entries, and all entries that are not present (swap entries and markers). */
  swap = new Int16Array(64);
  foreign = new Int16Array(64);

  /** What strategies keep per table: forgotten with it. */
  readonly fields: KernelField[] = [];
  /** Tables that wait under a huge leaf, to be there when it is split. By PMD table and index. @kernel pgtable_trans_huge_deposit() */
  readonly #deposits = new Map<number, TableId>();

  /** Live tables of the PTE, PMD and PUD levels. */
  readonly live = [0, 0, 0, 0];

  constructor(geometry: Geometry, physical: Physical) {
    this.#words = geometry.words;
    this.#physical = physical;
  }

  /** A table's entries: the low word of entry `i` at `2 * i`, its high word after it. */
  words(table: TableId): Uint32Array {
    return this.#views[table]!;
  }

  /** A new empty table with no holder; 0 when memory is full. */
  alloc(level: number): TableId {
    if (!this.#physical.take()) return 0;
    const table = this.#free.pop() ?? this.#fresh();
    this.level[table] = level;
    this.refs[table] = 0;
    this.payer[table] = 0;
    this.linked[table] = 0;
    this.sharedBy[table] = 0;
    for (const field of this.fields) field.set(table, 0);
    this.live[level] = this.live[level]! + 1;
    return table;
  }

  #fresh(): TableId {
    const table = this.#top++;
    if (table >> CHUNK_SHIFT >= this.#chunks) this.#addChunk();
    if (table >= this.level.length) this.#growRecords();
    return table;
  }

  #addChunk(): void {
    const chunk = new Uint32Array(this.#words << CHUNK_SHIFT);
    for (let at = 0; at < chunk.length; at += this.#words) this.#views.push(chunk.subarray(at, at + this.#words));
    this.#chunks++;
  }

  #growRecords(): void {
    const size = this.level.length * 2;
    const bytes = (old: Uint8Array<ArrayBuffer>, fill = 0) => {
      const next = new Uint8Array(size).fill(fill, old.length);
      next.set(old);
      return next;
    };
    const words = (old: Int32Array<ArrayBuffer>) => {
      const next = new Int32Array(size);
      next.set(old);
      return next;
    };
    const halves = (old: Int16Array<ArrayBuffer>) => {
      const next = new Int16Array(size);
      next.set(old);
      return next;
    };
    this.level = bytes(this.level, 255);
    this.linked = bytes(this.linked);
    this.sharedBy = bytes(this.sharedBy);
    this.refs = words(this.refs);
    this.payer = words(this.payer);
    this.anon = halves(this.anon);
    this.file = halves(this.file);
    this.used = halves(this.used);
    this.swap = halves(this.swap);
    this.foreign = halves(this.foreign);
  }

  /** Frees an empty table. */
  release(table: TableId): void {
    const level = this.level[table]!;
    assertModel(
      level <= PGD_LEVEL && this.used[table] === 0,
      'freed-table-empty',
      'a table freed twice, or with entries',
    );
    this.live[level] = this.live[level]! - 1;
    this.level[table] = 255;
    this.#free.push(table);
    this.#physical.give();
  }

  /** The table that entry `index` of an upper table points to; 0: none, or a huge leaf. */
  child(table: TableId, index: number): TableId {
    const words = this.#views[table]!;
    const at = index * 2;
    const lo = words[at]!;
    return (lo & HUGE) !== 0 ? 0 : entryPfn(lo, words[at + 1]!);
  }

  /** Entry `index` of an upper table maps memory itself. */
  isLeaf(table: TableId, index: number): boolean {
    return (this.#views[table]![index * 2]! & HUGE) !== 0;
  }

  /** The table that waits under the huge leaf at `index` of a PMD table; 0: none. */
  deposited(pmd: TableId, index: number): TableId {
    return this.#deposits.get(pmd * this.#words + index) ?? 0;
  }

  /** Lays a table under a huge leaf, or (0) takes it away. */
  deposit(pmd: TableId, index: number, table: TableId): void {
    const key = pmd * this.#words + index;
    if (table === 0) this.#deposits.delete(key);
    else this.#deposits.set(key, table);
  }

  /** Points entry `index` of an upper table at a table, with these flags. */
  setChild(table: TableId, index: number, child: TableId, flags: number = TABLE_FLAGS): void {
    const words = this.#views[table]!;
    const at = index * 2;
    words[at] = entryLo(child, flags);
    words[at + 1] = entryHi(child, 0);
  }

  clearChild(table: TableId, index: number): void {
    const words = this.#views[table]!;
    const at = index * 2;
    words[at] = 0;
    words[at + 1] = 0;
  }

  /** One past the highest table number ever handed out. */
  get top(): number {
    return this.#top;
  }

  /** Tables that count: PTE, PMD and PUD pages, not the roots. @kernel NR_PAGETABLE less the PGDs */
  get liveCount(): number {
    return this.live[0]! + this.live[1]! + this.live[2]!;
  }

  /** Bytes that entries and records take. */
  get bytes(): number {
    const records = this.level.length * (1 + 4 + 4 + 1 + 1 + 2 + 2 + 2 + 2 + 2);
    return this.#chunks * ((this.#words << CHUNK_SHIFT) * 4 + (VIEW_BYTES << CHUNK_SHIFT)) + records;
  }
}
