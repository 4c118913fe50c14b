/**
 * The plugin border: what a strategy is, what it sees, and the verbs by which it acts. A strategy sees what its kernel
 * counterpart could see and no more: no list of sharers, no other process.
 */
import type { AsPostedHooks, AsPostedVerbs } from './as-posted.js';
import type { Why } from './counters.js';
import type { KernelRelease } from './kernel-release.js';
import type { TouchSite } from './touch-sites.js';

/** A user virtual address in bytes, 0 to 2^47. Plain numbers: they stay exact below 2^53. */
export type Addr = number;
/** A page frame number. 0 is never handed out. */
export type Pfn = number;
/** A page table. 0 means none. Ids are reused after the table is freed. */
export type TableId = number;

/** Where a strategy comes from. */
export interface Citation {
  readonly title: string;
  /** Release, posting or venue, e.g. 'RFC PATCH v2, 2022-09-27'. */
  readonly where: string;
  readonly url?: string;
}

/** What a strategy package exports, by way of a factory: plain data and one function. */
export interface StrategyPlugin {
  /** The version of this border. */
  readonly api: 1;
  /** 'cow-pte': config key, report column, package suffix. Lower case letters, digits, '-'. */
  readonly name: string;
  readonly models: Citation;
  readonly traits: StrategyTraits;
  /** The release that the modelled kernel is based on, where it is one of its own: it then wins over the machine's. */
  readonly kernel?: KernelRelease;
  /** The options it was made with, as given, for reports. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Called once per run, so that no state leaks between the columns of a report. */
  setup(k: Kernel): ForkStrategy;
}

/** Promises. Reports print them, core recounts by them, the contract tests hold the strategy to them. */
export interface StrategyTraits {
  /** 'nothing': core never asks about faults and zaps, and no table ever has two holders. */
  readonly shares: 'nothing' | 'pte-tables';
  /** Who pays for a table, and for the pages in it, while several hold it. */
  readonly charges: 'owner' | 'host' | 'everyone';
  /** Whose TLBs are flushed by a change inside a table that several hold. */
  readonly shootdown: 'own' | 'sharers';
  /** Page-table owners that are no process. */
  readonly hosts: readonly 'file'[];
  /** A pinned page never changes under its pinner. */
  readonly keepsPins: boolean;
  /** A patch as it was posted, defects included: see `as-posted.ts`. */
  readonly asPosted?: true;
  /** Sites that the modelled system does not handle; printed in every report. */
  readonly unmodelled: readonly TouchSite[];
}

/** A VMA, as strategies see it. @kernel include/linux/mm_types.h struct vm_area_struct */
export interface VmaView {
  readonly start: Addr;
  readonly end: Addr;
  /** VM_SHARED. Also true of shared anonymous memory, which has a file of its own. */
  readonly shared: boolean;
  /** Private and without a file. */
  readonly anonymous: boolean;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  /** MADV_DONTFORK: a child does not get it. */
  readonly dontCopy: boolean;
  /** MADV_WIPEONFORK: a child gets it empty. */
  readonly wipeOnFork: boolean;
  readonly locked: boolean;
  /** A userfaultfd write-protects pages of it. A child's is not protected, so the two tables would differ. */
  readonly uffdWp: boolean;
  /** It may hold guards, so fork must copy or share it, anon_vma or not. */
  readonly maybeGuard: boolean;
  /** It has an anon_vma, so it may hold anonymous pages and fork must copy or share it. */
  readonly hasAnonVma: boolean;
  readonly file: FileView | null;
  /** A number of a patch's own, as it grows struct vm_area_struct; halves of a split keep it. */
  readonly mark: number;
  /** Offset of `start` in the file, in pages. */
  readonly pgoff: number;
}

export interface FileView {
  readonly id: number;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** Whatever has page tables: an mm, or a host that no task runs in. */
export interface SpaceView {
  /** Unique within a run, never reused. */
  readonly id: number;
  readonly name: string;
  readonly kind: 'mm' | 'host';
  readonly vmas: readonly VmaView[];
  /** Where brk has put its heap; null before the first call. */
  readonly heap: { readonly start: Addr; readonly end: Addr } | null;
}

/**
 * One PMD entry of one space: the kernel's (vma, pmd, addr). A cursor: core moves it on, so keep ids, never a Slot.
 * Getters read the tables as they are now.
 */
export interface Slot {
  readonly space: SpaceView;
  /** First address that the entry spans, and one past the last. */
  readonly start: Addr;
  readonly end: Addr;
  /** The VMA we came through. In a host there is none to come through: null. */
  readonly vma: VmaView | null;
  /** That VMA covers the slot. */
  readonly whole: boolean;
  /** All VMAs of the space that meet the slot: a decision must suit each of them. A fresh array: ask once. */
  readonly vmas: readonly VmaView[];
  /** The PTE table, 0 when there is none. */
  readonly table: TableId;
  /** The entry's write bit. */
  readonly writable: boolean;
  /** Names the entry itself, as its address does in a kernel: the same while the table that holds it lives. */
  readonly entry: number;
  /** How many slots point to the table. */
  readonly refs: number;
  /** Does this space pay for the table; how many spaces do (0 or 1). */
  readonly charged: boolean;
  readonly payers: number;
}

/** The same slot in two spaces, or a host's slot and the one that is to be linked to its table. */
export interface SlotPair {
  readonly src: Slot;
  readonly dst: Slot;
  /** The VMA's part of the slot: what `copyPtes` copies. */
  readonly start: Addr;
  readonly end: Addr;
}

export interface Fork {
  readonly parent: SpaceView;
  readonly child: SpaceView;
  /** Opt-ins of the trace's fork, e.g. 'cow-pgtable'. */
  readonly flags: readonly string[];
}

export interface Fault {
  readonly addr: Addr;
  readonly access: 'read' | 'write' | 'unshare';
  /** Told to patches as posted alone: the entry is a swap entry. */
  readonly swapped: boolean;
}

export interface Zap {
  readonly start: Addr;
  readonly end: Addr;
  readonly cause: Why;
  /** The VMAs of the range are off the list: a walk from one to the next, in a patch as posted, ends with the range. */
  readonly detached: boolean;
}

/** What is about to happen to a VMA, tables or not. */
export type VmaOp = 'unmap' | 'protect' | 'move' | 'grow' | 'split';

export interface ForkStrategy extends AsPostedHooks {
  /**
   * Fork meets a table, once per VMA in it; the path to `dst` exists. 'copied': by `copyPtes`. 'shared': by
   * `shareTable` or `linkTable`. 'already': an earlier VMA of this fork settled it. 'oom': nothing was done.
   * @kernel mm/memory.c copy_pmd_range()
   */
  copyPteRange(fork: Fork, pair: SlotPair): 'copied' | 'shared' | 'already' | 'oom';
  /**
   * A fault reached the slot and core has not read the entry yet. 'continue': core rereads the slot and goes on, and
   * the slot must be this space's to change. 'oom': the access fails.
   * @kernel mm/memory.c __handle_mm_fault()
   */
  fault(at: Slot, vmf: Fault): 'continue' | 'oom';
  /**
   * Everything that this space maps in the slot is about to go; cannot fail. (Of a part, `touch` is asked instead.)
   * 'dropped': the slot is empty now. 'continue': core removes the entries, so the table must be this space's alone.
   * 'kept': only of a patch as posted, the entries stay.
   * @kernel mm/memory.c zap_pmd_range()
   */
  zap(at: Slot, zap: Zap): 'continue' | 'dropped' | 'kept';
  /**
   * Any other walker is about to change entries. 'private': the table is this space's alone now, or the slot is empty.
   * 'in-place': change it for every holder, on purpose. 'oom': the operation fails with ENOMEM before it began.
   */
  touch(at: Slot, site: TouchSite): 'private' | 'in-place' | 'oom';
  /** Before an operation on a VMA. 'refuse': EINVAL. Left out: always 'yes'. @kernel vm_ops->may_split */
  mayChange?(space: SpaceView, vma: VmaView, op: VmaOp, end?: Addr): 'yes' | 'refuse';
  /** Fork meets a VMA. Left out: the kernel's rule, skip what a fault can rebuild. @kernel vma_needs_copy() */
  dupVma?(fork: Fork, vma: VmaView): 'walk' | 'skip';
  /** An mm's last task leaves, or it executes another program. Its tables are still there. */
  exit?(space: SpaceView): void;
  /** In a composition: are tables under this VMA this strategy's to decide? Left out: only as the last one. */
  claims?(vma: VmaView): boolean;
}

/** A number per table or per space that a strategy keeps, as a patch grows struct page or mm. Starts at 0. */
export interface KernelField {
  get(id: number): number;
  set(id: number, value: number): void;
}

/**
 * The verbs. Nothing else changes a table; each is counted under `why`. One that answers 'oom' has changed nothing.
 * A charge follows the act: alloc, copy and clone charge the slot's space; clone and drop take its charge off what it
 * leaves; adopt charges the last holder. Sharing and linking charge nobody: that is policy, so say it.
 */
export interface Kernel extends AsPostedVerbs {
  /** An empty table into an empty slot. */
  allocTable(at: Slot, why: Why): 'ok' | 'oom';
  /** The pair's part, entry by entry, as classic fork does; a pinned anonymous page is copied now. */
  copyPtes(pair: SlotPair, why: Why): 'copied' | 'oom';
  /** Copy-on-write: both slots point to the table, neither may write through it. `dst` must be empty. */
  shareTable(pair: SlotPair, why: Why): void;
  /** Not copy-on-write: the same table on purpose, with the write bit as given. `dst` must be empty. */
  linkTable(pair: SlotPair, why: Why, writable: boolean): void;
  /**
   * This slot leaves a table that others hold and gets a copy of its own. `protect` says which side's private entries
   * lose their write bit: both, or the copy alone.
   */
  cloneTable(at: Slot, why: Why, protect: 'both' | 'copy'): 'private' | 'oom';
  /** The last holder takes the table: the write bit back, and the bill if nobody pays it. Needs refs 1. */
  adoptTable(at: Slot, why: Why): 'private';
  /** Empties the slot. Answers the refs left: at 0 the table and what only it mapped were freed. */
  dropTable(at: Slot, why: Why): number;
  /** Is any exclusive page in the table pinned, or held by a reference? The mm's flag first, then a scan. */
  hasPins(at: Slot, why: Why): boolean;
  charge(space: SpaceView, table: TableId, why: Why): void;
  discharge(space: SpaceView, table: TableId, why: Why): void;
  /** The host of a file under a key, made when first asked for. Its address 0 is the file's first byte. */
  host(file: FileView, key: string): SpaceView | 'oom';
  /** A spare cursor over the slot that holds `addr`, with the path to it made. Valid until the next call. */
  slotAt(space: SpaceView, addr: Addr): Slot | 'oom';
  tableField(name: string): KernelField;
  spaceField(name: string): KernelField;
}
