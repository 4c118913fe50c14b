/**
 * What only a patch as it was posted needs: `traits.asPosted`. For such a strategy
 *
 * - the counters of an mm move with what that mm does, as in a kernel, whoever is noted as the payer of a table;
 * - `zap` is asked about every table of a removal, once for each VMA over it, whether all of it goes or a part;
 * - `touch` is asked about splits exactly where a VMA is cut, and not at all about parts that are removed;
 * - core does to a shared table what that kernel would have done, reports what it suffered, and goes on.
 */
import type { InvariantId } from './invariant-list.js';
import type { Addr, Slot, SpaceView, TableId, VmaView } from './strategy.js';

export interface AsPostedHooks {
  /** get_user_pages has found a page through the slot. @kernel mm/gup.c follow_page_pte() */
  followed?(at: Slot): void;
  /** MADV_DONTNEED, before anything else. 'ignore': it answers 0. @kernel mm/madvise.c madvise_dontneed_free() */
  dontneed?(space: SpaceView): 'go on' | 'ignore';
  /** No VMA is left over a table. 'leave': the entry is cleared, the table is not freed. @kernel free_pte_range() */
  freeTable?(table: TableId): 'free' | 'leave';
  /** How memory of this process is populated. 'read': by read faults, and every new mapping at once. */
  populate?(space: SpaceView): 'as usual' | 'read';
}

/** How `leaveTable` copies. */
export interface LeaveTable {
  /** Whose private entries lose their write bit: both sides', or the copy's alone. */
  readonly protect: 'both' | 'copy';
  /** Are the translations of the slot flushed? */
  readonly flush: boolean;
  /** The old table stays, even without a holder. */
  readonly keepOld?: boolean;
}

export interface AsPostedVerbs {
  /** The slot gets its own copy of what these VMAs map, counted on its space. Without a holder the old table goes. */
  leaveTable(at: Slot, vmas: readonly VmaView[], how: LeaveTable): 'private' | 'oom';
  /** The slot is empty. The last reference takes the table and what it maps along, off this space's counters. */
  dereference(at: Slot, flush: boolean): number;
  /** What these VMAs map through the slot, and the table: onto the counters of the slot's space (1) or off them (-1). */
  countPages(at: Slot, vmas: readonly VmaView[], sign: 1 | -1): void;
  /** Who pays for a table from now on, as invariants see it: a note, no counter moves. null: nobody. */
  notePayer(table: TableId, space: SpaceView | null): void;
  /**
   * Where everyone is charged. `countAgain`: the VMA's entries are prepared as fork prepares them, and counted once more,
   * on the other slot's space; answers the address of the first that cannot be shared (it is pinned), and stops there.
   * `countTable`: one table more or fewer. `leaveVerbatim`: the slot gets a copy of the entries below `end`, and nothing
   * is counted. `dropCounted`: all that the slot reaches comes off the counts of its space, which lets go of the table.
   * `loseTable`: the slot is emptied, and the table is lost.
   */
  countAgain(src: Slot, dst: Slot, vma: VmaView): Addr | null;
  countTable(space: SpaceView, sign: 1 | -1): void;
  leaveVerbatim(at: Slot, end: Addr): 'private' | 'oom';
  dropCounted(at: Slot): void;
  loseTable(at: Slot): void;
  /** Sets a VMA's own number. */
  markVma(vma: VmaView, mark: number): void;
  /** The slot's write bit, and nothing else. */
  setWritable(at: Slot, writable: boolean): void;
  /** That kernel breaks this invariant here, and goes on. */
  suffer(invariant: InvariantId, detail: string): void;
  /** That kernel crashes, hangs or reads stray memory here: the run ends. */
  crash(invariant: InvariantId, detail: string): never;
}
