/**
 * The machine: physical memory, tables, processes and files, with one strategy (or a composition of several) deciding
 * what happens to page tables. Operations live in `ops/`, one file each, and act on it.
 */
import { type Composition, compose } from './compose.js';
import { Counters, W, type Why, Y } from './counters.js';
import { ForklabError } from './errors.js';
import { File } from './file.js';
import { Frames } from './frames.js';
import { type Geometry, PAGE_SIZE, X86_64 } from './geometry.js';
import type { InvariantId } from './invariant-list.js';
import type { Breach } from './invariants.js';
import type { KernelRelease } from './kernel-release.js';
import { touchAtSplit } from './ops/zap-as-posted.js';
import { PGD_LEVEL, Tables } from './page-table.js';
import { Physical } from './physical.js';
import { SlotCursor } from './slot.js';
import { Space } from './space.js';
import type { Addr, ForkStrategy, Pfn, StrategyPlugin, StrategyTraits, TableId } from './strategy.js';
import { SwapSlots } from './swap-slots.js';
import { Tlb } from './tlb.js';
import type { ThpMode } from './trace/index.js';
import { Verbs } from './verbs.js';

export interface MachineOptions {
  /** What decides about page tables: one strategy, or several that share the work. */
  readonly strategies: readonly StrategyPlugin[];
  /** Default: x86-64 with four levels. */
  readonly geometry?: Geometry;
  /** Bytes of physical memory for pages and tables, at least one page. Default: unbounded. */
  readonly memory?: number;
  /** Bytes of swap, read synchronously and without readahead, as zram is; 0: none. Default: 1 GiB. */
  readonly swap?: number;
  /** Whose behaviour, where releases differ. Default: 6.18. */
  readonly kernel?: KernelRelease;
  /** What frees a PTE table that MADV_DONTNEED emptied. Default: as the kernel release does. */
  readonly tableReclaim?: 'pt-reclaim' | 'none';
  /** Transparent huge pages, as `/sys/kernel/mm/transparent_hugepage/enabled` has them. Default: what the trace says, or never. */
  readonly thp?: ThpMode;
  /** Check invariants after each step, and model the TLB for it. Default: false, and then it costs nothing. */
  readonly check?: boolean;
}

/** What a machine holds at one moment. Sizes in kB of 1024 bytes. */
export interface Usage {
  /** Tables of all levels but the roots, each counted once however many share it. */
  readonly pageTablesKb: number;
  /** Page frames in use. */
  readonly framesKb: number;
  /** PTE tables that nobody pays for. */
  readonly unchargedTables: number;
  /** Bytes of the engine's own arrays. */
  readonly engineBytes: number;
}

/** @kernel arch/x86/mm/tlb.c tlb_single_page_flush_ceiling */
const SINGLE_PAGE_FLUSH_CEILING = 33;

export class Machine {
  readonly options: MachineOptions;
  readonly geometry: Geometry;
  readonly physical: Physical;
  readonly frames: Frames;
  readonly tables: Tables;
  readonly swap: SwapSlots;
  /** The fault under way had to read a page. @kernel VM_FAULT_MAJOR */
  majorFault = false;
  readonly counters = new Counters();
  readonly verbs: Verbs;
  /** The strategy, or the composition. */
  readonly strategy: ForkStrategy;
  readonly composition: Composition;
  /** Some strategy shares tables or has hosts: hooks must be asked. */
  readonly sharing: boolean;
  readonly ptReclaim: boolean;
  readonly thp: ThpMode;
  /** Whose behaviour, where releases differ. */
  readonly kernel: KernelRelease;
  /** Of the strategy, the first of a composition. */
  readonly traits: StrategyTraits;
  /** It is a patch as posted: whose counters move, and what it broke in the operation under way, told when checking. */
  readonly asPosted: boolean;
  actor: Space | null = null;
  readonly suffered: Breach[] = [];
  /** Live processes by name. */
  readonly procs = new Map<string, Space>();
  /** Every space ever made, by id; null once it is gone. */
  readonly spaces: (Space | null)[] = [null];
  readonly files = new Map<string, File>();
  /** Translation caches by space id, when checking. */
  readonly tlbs: Map<number, Tlb> | null;
  /** PTE tables charged to nobody. */
  uncharged = 0;
  /** Sites where a strategy changed a table in place that others hold, in the operation under way. */
  readonly inPlace = new Set<TableId>();
  /** Pinned pages that their file has let go of. */
  readonly orphans = new Set<Pfn>();
  /** As posted: tables freed under a slot that still points to them, with the allocations until then. */
  readonly dangling = new Map<TableId, number>();
  #nextFile = 1;

  // Cursors, so that walks allocate nothing. `at` is the operation's, `spare` Kernel.slotAt's, `rmap` the walk's over mappers.
  readonly at = new SlotCursor(this);
  readonly to = new SlotCursor(this);
  readonly spare = new SlotCursor(this);
  readonly rmap = new SlotCursor(this);

  constructor(options: MachineOptions) {
    if (options.strategies.length === 0) {
      throw new ForklabError('FL3004', {
        from: 'the machine',
        field: 'strategies',
        arrived: [],
        expected: 'at least one',
      });
    }
    if (options.memory !== undefined && !(options.memory >= PAGE_SIZE)) {
      throw new ForklabError('FL1003', { option: 'memory', arrived: options.memory, expected: 'at least 4096 bytes' });
    }
    this.options = options;
    this.geometry = options.geometry ?? X86_64;
    this.physical = new Physical(options.memory === undefined ? Infinity : Math.floor(options.memory / PAGE_SIZE));
    this.frames = new Frames(this.physical, this.geometry.entries);
    this.swap = new SwapSlots(options.swap);
    this.tables = new Tables(this.geometry, this.physical);
    this.tlbs = options.check ? new Map() : null;
    const own = options.strategies[0]!.kernel;
    this.kernel = own ?? options.kernel ?? '6.18';
    this.traits = options.strategies[0]!.traits;
    this.asPosted = this.traits.asPosted === true;
    const reclaim = own === undefined ? options.tableReclaim : undefined;
    this.ptReclaim = reclaim === undefined ? this.kernel === '6.18' : reclaim === 'pt-reclaim';
    // The kernels that patches were recorded on had no transparent huge pages built in.
    this.thp = this.asPosted ? 'never' : (options.thp ?? 'never');
    this.verbs = new Verbs(this);
    this.composition = compose(this, options.strategies);
    this.strategy = this.composition.hooks;
    this.sharing = options.strategies.some((s) => s.traits.shares !== 'nothing' || s.traits.hosts.length > 0);
  }

  /** The column this machine is in a report: names joined by '+'. */
  get name(): string {
    return machineName(this.options.strategies);
  }

  /** A space with an empty root; null when memory is full. Processes enter `procs` by their maker. */
  newSpace(name: string, kind: 'mm' | 'host'): Space | null {
    const pgd = this.tables.alloc(PGD_LEVEL);
    if (pgd === 0) {
      if (kind === 'host') this.counters.add(W.ooms, Y.fault, 1);
      return null;
    }
    const space = new Space(this.spaces.length, name, kind, pgd);
    this.tables.refs[pgd] = 1;
    this.tables.payer[pgd] = space.id;
    this.spaces.push(space);
    if (kind === 'mm') this.tlbs?.set(space.id, new Tlb());
    if (this.asPosted) space.beforeSplit = (vma, addr) => touchAtSplit(this, space, vma, addr);
    return space;
  }

  /** The live process of this name. */
  proc(name: string): Space {
    const space = this.procs.get(name);
    if (space === undefined)
      throw new TypeError(`no live process ${name}: runTrace checks names, callers of the machine must`);
    return space;
  }

  newFile(name: string, size: number, held: boolean): File {
    return new File(this.#nextFile++, name, size, held);
  }

  /** Books `anon` and `file` pages and `used` entries more (or fewer) in a table, on the table and on who pays. */
  book(table: TableId, anon: number, file: number, used: number): void {
    const { tables } = this;
    tables.anon[table] = tables.anon[table]! + anon;
    tables.file[table] = tables.file[table]! + file;
    tables.used[table] = tables.used[table]! + used;
    const payer = this.asPosted ? this.actor : this.spaces[tables.payer[table]!];
    if (payer) {
      payer.rssAnon += anon;
      payer.rssShmem += file;
    }
  }

  /** Books `swap` swap entries and `foreign` entries that are not present on a table and on who pays. */
  bookForeign(table: TableId, swap: number, foreign: number): void {
    const { tables } = this;
    tables.swap[table] = tables.swap[table]! + swap;
    tables.foreign[table] = tables.foreign[table]! + foreign;
    const payer = this.asPosted ? this.actor : this.spaces[tables.payer[table]!];
    if (payer) payer.swapEnts += swap;
  }

  flushPage(space: Space, addr: Addr, why: number): void {
    this.counters.add(W.tlbFlushPage, why, 1);
    this.tlbs?.get(space.id)?.flush(addr, addr + PAGE_SIZE);
  }

  /** One translation, of a PMD entry. @kernel flush_pmd_tlb_range() */
  flushLeaf(space: Space, start: Addr, why: number): void {
    this.counters.add(W.tlbFlushPage, why, 1);
    this.tlbs?.get(space.id)?.flush(start, start + this.geometry.slotBytes);
  }

  /** Counts what letting go of a page freed: nothing, the page, or a large folio. */
  countFreed(frames: number, why: number): void {
    if (frames === 1) this.counters.add(W.pagesFreed, why, 1);
    else if (frames > 1) this.counters.add(W.hugePagesFreed, why, 1);
  }

  /** @kernel flush_tlb_range(): page by page up to 33 pages, else everything */
  flushRange(space: Space, start: Addr, end: Addr, why: number): void {
    const few = end - start <= SINGLE_PAGE_FLUSH_CEILING * PAGE_SIZE;
    this.counters.add(few ? W.tlbFlushRange : W.tlbFlushFull, why, 1);
    this.tlbs?.get(space.id)?.flush(start, end);
  }

  flushAll(space: Space, why: number): void {
    this.counters.add(W.tlbFlushFull, why, 1);
    this.tlbs?.get(space.id)?.flushAll();
  }

  usage(): Usage {
    let files = 0;
    for (const file of this.files.values()) files += file.bytes;
    return {
      pageTablesKb: (this.tables.liveCount * PAGE_SIZE) / 1024,
      framesKb: this.frames.liveKb,
      unchargedTables: this.uncharged,
      engineBytes: this.frames.bytes + this.tables.bytes + files,
    };
  }

  /** As posted: see `Kernel.suffer`. */
  suffer(invariant: InvariantId, detail: string): void {
    if (this.tlbs) this.suffered.push({ invariant, detail });
  }

  /** One more system call of this kind, for the counters. */
  syscall(why: Why): void {
    this.counters.add(W.syscalls, Y[why], 1);
  }
}

export const createMachine = (options: MachineOptions): Machine => new Machine(options);

/** 'cow-pte', or 'mshare+cow-pte' for a composition. */
export const machineName = (strategies: readonly StrategyPlugin[]): string => strategies.map((s) => s.name).join('+');
