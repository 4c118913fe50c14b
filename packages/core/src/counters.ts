/**
 * What the machine counts: facts about work done, each filed under why it was done. Prices are somebody else's opinion
 * (`@forklab/timing`), so nothing here knows a nanosecond.
 */

import { WHYS, type Why } from './causes.js';

export { WHY_DOCS, WHYS, type Why } from './causes.js';

/** Every kind of work, with what one unit of it is. The order is the order of columns in reports. */
export const WORK_DOCS = {
  forks: 'one fork: mm, pgd, locks and the rest that does not depend on size',
  vforks: 'one vfork: a task that borrows an address space',
  spawns: 'one empty process made',
  exits: 'one address space torn down, without its tables and pages',
  syscalls: 'one other memory system call',
  vmasDuplicated: 'one VMA copied by fork',
  vmasSplit: 'one VMA cut in two',
  vmasMerged: 'one VMA merged into a neighbour',
  slotsVisited: 'one upper-level entry looked at while walking',
  tablesAllocated: 'one empty table of any level allocated and zeroed',
  tablesFreed: 'one table of any level freed',
  tablesCopied: 'one PTE table that fork copied into, entry by entry',
  tablesShared: 'one PTE table shared copy-on-write with another address space',
  tablesLinked: 'one PTE table linked, not copy-on-write, into another address space',
  tablesBroken: 'one shared PTE table left behind by copying it',
  tablesAdopted: 'one PTE table taken over by its last holder without copying',
  tablesDropped: 'one shared PTE table let go of by one holder',
  tablesMoved: 'one table of any level moved whole by mremap',
  ptesCopied: 'one present or swapped entry copied into another table, page counts raised',
  ptesProtected: 'one present entry whose rights changed',
  ptesMoved: 'one entry moved by mremap',
  ptesZapped: 'one entry removed, page counts lowered',
  markersChanged: 'one marker (a guard, or write protection) put into an entry that maps nothing, or taken out',
  pagesAllocated: 'one page frame taken',
  pagesFreed: 'one page frame given back',
  pagesZeroed: 'one page cleared',
  pagesCopied: 'one page copied',
  pagesSwappedOut: 'one page written to swap',
  pagesSwappedIn: 'one page read from swap',
  pagesMapped: 'one page mapped from the page cache around or at a fault',
  hugePagesAllocated: 'one page of the size of a PMD entry taken and cleared',
  hugePagesFreed: 'one such page given back',
  hugePmdsCopied: 'one huge PMD entry copied by fork, its page counted once more',
  hugePmdsSplit: 'one huge PMD entry replaced by a table that maps the same pages one by one',
  hugePmdsZapped: 'one huge PMD entry removed',
  hugePmdsProtected: 'one huge PMD entry whose rights changed',
  hugePmdsMoved: 'one huge PMD entry moved by mremap',
  foliosSplit: 'one huge page cut up into small pages',
  pinsTaken: 'one page pinned, or held by a lasting reference',
  faults: 'one page fault that completed, in all its kinds',
  faultsZero: 'faults that mapped the shared zero page',
  faultsAnon: 'faults that mapped a fresh anonymous page',
  faultsCow: 'faults that copied a page',
  faultsReuse: 'faults that made a page writable again without copying it',
  faultsFile: 'faults that mapped pages of a file',
  faultsTable: 'faults that only had a table to put in order',
  faultsHuge: 'faults that mapped a fresh huge page',
  faultsHugeZero: 'faults that mapped the huge zero page',
  faultsSwap: 'faults that mapped a page which had been swapped out',
  signals: 'accesses that ended in SIGSEGV or SIGBUS',
  uffdEvents: 'one write to a page under userfaultfd write protection that a handler was told of and answered',
  tlbFlushPage: 'one flush of one page',
  tlbFlushRange: 'one flush of a range, page by page (at most 33 pages)',
  tlbFlushFull: 'one flush of a whole address space',
  ooms: 'one allocation refused',
} as const;

export type Work = keyof typeof WORK_DOCS;
export const WORKS = Object.keys(WORK_DOCS) as readonly Work[];

const index = <K extends string>(names: readonly K[]): Record<K, number> =>
  Object.fromEntries(names.map((name, i) => [name, i])) as Record<K, number>;

/** Row of a kind of work. */
export const W: Readonly<Record<Work, number>> = index(WORKS);
/** Column of a cause. */
export const Y: Readonly<Record<Why, number>> = index(WHYS);

const COLUMNS = WHYS.length;

/** What a fault did first and foremost. The order is part of the packed shape below. */
export const FAULT_KINDS = ['zero', 'anon', 'cow', 'reuse', 'file', 'table', 'huge', 'hugeZero', 'swap'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

// A fault's shape is one integer below 2^31, built by adding, so that the hot path needs no object: kind (4 bits), tables
// allocated (2), table broken (1), adopted (1), linked (1), huge leaf split (1), entries copied (10), file pages mapped
// (10), page read from swap (1). A fault allocates at most three tables besides a broken one, and copies at most one.
export const SHAPE = {
  table: 1 << 4,
  broken: 1 << 6,
  adopted: 1 << 7,
  linked: 1 << 8,
  split: 1 << 9,
  pte: 1 << 10,
  mapped: 1 << 20,
  read: 1 << 30,
} as const;

/** A fault's shape, unpacked. */
export interface FaultShape {
  readonly kind: FaultKind;
  /** Empty tables allocated, 0 to 3. A break's own table is not among them. */
  readonly tablesAllocated: number;
  readonly broken: boolean;
  readonly adopted: boolean;
  readonly linked: boolean;
  /** A huge PMD entry was split first. */
  readonly split: boolean;
  readonly read: boolean; // from swap: the fault is a major one
  /** Entries copied by a break, 0 to 512. */
  readonly ptesCopied: number;
  /** Page-cache pages mapped, 0 to 512. */
  readonly pagesMapped: number;
}

export const faultShape = (packed: number): FaultShape => ({
  kind: FAULT_KINDS[packed & 15] ?? 'table',
  tablesAllocated: (packed >> 4) & 3,
  broken: (packed & SHAPE.broken) !== 0,
  adopted: (packed & SHAPE.adopted) !== 0,
  linked: (packed & SHAPE.linked) !== 0,
  split: (packed & SHAPE.split) !== 0,
  read: (packed & SHAPE.read) !== 0,
  ptesCopied: (packed >> 10) & 1023,
  pagesMapped: (packed >> 20) & 1023,
});

/** The work that a fault of this shape did, as counted. Lets a pricer price one fault the way it prices a total. */
export const workOfShape = (shape: FaultShape): Partial<Record<Work, number>> => {
  const { kind } = shape;
  return {
    faults: 1,
    faultsZero: kind === 'zero' ? 1 : 0,
    faultsAnon: kind === 'anon' ? 1 : 0,
    faultsCow: kind === 'cow' ? 1 : 0,
    faultsReuse: kind === 'reuse' ? 1 : 0,
    faultsFile: kind === 'file' ? 1 : 0,
    faultsTable: kind === 'table' ? 1 : 0,
    faultsHuge: kind === 'huge' ? 1 : 0,
    faultsHugeZero: kind === 'hugeZero' ? 1 : 0,
    hugePagesAllocated: kind === 'huge' ? 1 : 0,
    hugePmdsSplit: shape.split ? 1 : 0,
    pagesZeroed: kind === 'anon' ? 1 : 0,
    faultsSwap: kind === 'swap' ? 1 : 0,
    pagesCopied: kind === 'cow' ? 1 : 0,
    pagesSwappedIn: shape.read ? 1 : 0,
    tablesAllocated: shape.tablesAllocated + (shape.broken ? 1 : 0),
    tablesBroken: shape.broken ? 1 : 0,
    tablesAdopted: shape.adopted ? 1 : 0,
    tablesLinked: shape.linked ? 1 : 0,
    ptesCopied: shape.ptesCopied,
    pagesMapped: shape.pagesMapped,
  };
};

/** The machine's counters: one typed array, by work and by why. */
export class Counters {
  /** `counts[W[work] * WHYS.length + Y[why]]`. Plain counts, exact below 2^53. */
  readonly counts = new Float64Array(WORKS.length * COLUMNS);
  /** Faults so far, by packed shape. Runs of equal faults cost one addition each; see `endFault`. */
  readonly shapes = new Map<number, number>();
  /** The shape of the fault under way. Verbs add to it. */
  shape = 0;
  #lastShape = -1;
  #lastCount = 0;

  /** Adds `n` units of work `w` (a row of `W`) done because of `y` (a column of `Y`). */
  add(w: number, y: number, n: number): void {
    const i = w * COLUMNS + y;
    this.counts[i] = this.counts[i]! + n;
  }

  /** Files the fault under way, of kind `kind` (index into FAULT_KINDS), under its shape. */
  endFault(kind: number): void {
    const shape = this.shape + kind;
    if (shape === this.#lastShape) {
      this.#lastCount++;
      return;
    }
    this.#flushShape();
    this.#lastShape = shape;
    this.#lastCount = 1;
  }

  #flushShape(): void {
    if (this.#lastCount > 0)
      this.shapes.set(this.#lastShape, (this.shapes.get(this.#lastShape) ?? 0) + this.#lastCount);
    this.#lastCount = 0;
  }

  /** Faults by packed shape, up to now. The map is live: copy it to keep it. */
  faultShapes(): ReadonlyMap<number, number> {
    this.#flushShape();
    this.#lastShape = -1;
    return this.shapes;
  }

  /** Units of one kind of work, over all causes or for one. */
  total(work: Work, why?: Why): number {
    if (why !== undefined) return this.counts[W[work] * COLUMNS + Y[why]]!;
    let sum = 0;
    for (let y = 0; y < COLUMNS; y++) sum += this.counts[W[work] * COLUMNS + y]!;
    return sum;
  }

  /** Units of one kind of work by cause, causes without any left out. */
  byWhy(work: Work): Partial<Record<Why, number>> {
    const out: Partial<Record<Why, number>> = {};
    for (const why of WHYS) {
      const n = this.total(work, why);
      if (n !== 0) out[why] = n;
    }
    return out;
  }

  /** Totals by kind of work, written into `out` (length `WORKS.length`), in the order of `WORKS`. */
  totals(out: Float64Array = new Float64Array(WORKS.length)): Float64Array {
    for (let w = 0; w < WORKS.length; w++) {
      let sum = 0;
      for (let y = 0; y < COLUMNS; y++) sum += this.counts[w * COLUMNS + y]!;
      out[w] = sum;
    }
    return out;
  }
}
