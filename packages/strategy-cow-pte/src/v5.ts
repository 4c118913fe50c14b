/**
 * COW-PTE as PATCH v5 posted it (2023-04-14, on v6.3-rc6), defects included: nobody owns a table, every process that
 * shares one is charged for it and counted in each of its pages.
 *
 * Life of a table:
 *
 * ```
 *   state                 refs   slots       entries                     charged
 *   private                1     writable    as they are                 its process
 *   shared by fork         n     read-only   write-protected, old        each of the n
 *   last holder            1     read-only   write-protected             it; made writable at its next break
 *   given up in mid-fork   1     writable    copied to where it failed   the child; shared all over again by the next VMA
 * ```
 *
 * @paper PATCH v5 3/17 (fork), 4/17 (break), 5/17 (zap), mm/memory.c
 */
import type { Addr, ForkStrategy, Kernel, Slot, SlotPair } from '@forklab/core';

export const v5 = (k: Kernel): ForkStrategy => {
  /** @kernel __break_cow_pte() */
  const breakCowPte = (at: Slot): 'private' | 'oom' => {
    if (at.table === 0 || at.writable) return 'private';
    if (at.refs > 1) return k.leaveVerbatim(at, at.end);
    k.setWritable(at, true);
    return 'private';
  };

  /** The first address of the table that cannot be shared; null: all of it is. @kernel copy_cow_pte_range() */
  const firstUnshareable = ({ src, dst }: SlotPair): Addr | null => {
    for (const vma of src.vmas) {
      if (vma.dontCopy) return Math.max(vma.start, src.start);
      const pinned = k.countAgain(src, dst, vma);
      if (pinned !== null) return pinned;
    }
    return null;
  };

  return {
    copyPteRange(_fork, pair) {
      const { src, dst } = pair;
      if (dst.table !== 0 && !dst.writable) return 'already';
      // A table of the child's own is what a VMA before left behind that could not be shared: it is passed over.
      if (dst.table !== 0) k.loseTable(dst);
      else k.countTable(dst.space, 1);
      const { writable } = src;
      k.shareTable(pair, 'fork');
      const failed = firstUnshareable(pair);
      if (failed === null) return 'shared';
      // What was prepared is copied as it is; the rest goes the ordinary way. @kernel recover_pte_range()
      k.setWritable(src, writable);
      if (k.leaveVerbatim(dst, failed) === 'oom') return 'oom';
      if (failed < pair.start || failed >= pair.end) return 'copied';
      return k.copyPtes({ src, dst, start: failed, end: pair.end }, 'fork') === 'oom' ? 'oom' : 'copied';
    },

    // A page is read back from swap into a table of its own.
    // A read of nothing in private anonymous memory puts the zero page into the table as it is.
    fault(at, { access, swapped }) {
      if (access === 'read' && !swapped && at.vma?.anonymous === true && !at.vma.shared) return 'continue';
      return breakCowPte(at) === 'oom' ? 'oom' : 'continue';
    },

    // The VMA decides whether all of the table goes, not the range that was asked for.
    zap(at) {
      if (at.writable) return 'continue';
      if (at.refs === 1 || !at.whole) {
        if (breakCowPte(at) === 'oom') return k.crash('fault-makes-progress', 'no memory for a table in a zap');
        return 'continue';
      }
      k.dropCounted(at);
      return 'dropped';
    },

    // get_user_pages faults where it must, since entries are write-protected. The destination of a move is not looked at.
    touch: (at, site) => (site === 'gup' || site === 'mremap to' ? 'in-place' : breakCowPte(at)),
  };
};
