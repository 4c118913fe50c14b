/**
 * COW-PTE as the kernel 6.0.6 of its author's branch ran it (github.com/rssys/on-demand-fork, odf-v2-kernel-v6.0.6, last
 * commit of 2023-03-28), defects included. It is RFC v2 with later repairs: break before GUP, rmap, mprotect and mremap.
 *
 * Life of a table; an owner is a PMD entry, as its address in the kernel:
 *
 * ```
 *   state                 refs   slots           owner                charged
 *   private                1     writable        none                 its process
 *   shared by fork         n     read-only       the parent's entry   the owner's process
 *   owner broke or left    n-1   read-only       none                 nobody, until a fork or the last holder
 *   last holder            1     read-only       any                  taken over at its next fault or zap
 *   found by GUP           1     writable        'exclusive'          its process; copied at fork, for good
 * ```
 *
 * @kernel mm/memory.c of that branch
 */
import type { ForkStrategy, Kernel, Slot, VmaView, Zap } from '@forklab/core';

/** In the place of an owner: never share this table. @kernel COW_PTE_OWNER_EXCLUSIVE */
const EXCLUSIVE = -1;

/**
 * The VMAs that a walk over the list meets in a slot. It steps back while the VMA before does not end *below* the slot,
 * so it also takes one that ends exactly where the slot begins, and has nothing in it.
 * @kernel copy_cow_pte_range(), multiple_cow_pte_rss()
 */
export const vmasOf = (at: Slot, zap?: Zap): readonly VmaView[] =>
  at.space.vmas.filter(
    ({ start, end }) => end >= at.start && start < at.end && (!zap?.detached || (start >= zap.start && end <= zap.end)),
  );

export const v2Branch = (k: Kernel): ForkStrategy => {
  const owner = k.tableField('cow_pte_owner');
  /** @kernel is_pte_table_cowing() */
  const cowing = (at: Slot): boolean => at.table !== 0 && !at.writable && owner.get(at.table) !== EXCLUSIVE;

  /** The last holder takes the table over as it is, and its pages if it has not had them. @kernel cow_pte_fallback() */
  const fallback = (at: Slot, zap?: Zap): void => {
    if (owner.get(at.table) !== at.entry) {
      k.countPages(at, vmasOf(at, zap), 1);
      k.notePayer(at.table, at.space);
    }
    owner.set(at.table, 0);
    k.setWritable(at, true);
  };

  /** @kernel break_cow_pte() */
  const breakCowPte = (at: Slot): 'private' | 'oom' => {
    if (!cowing(at)) return 'private';
    if (at.refs === 1) {
      fallback(at);
      return 'private';
    }
    const old = at.table;
    if (k.leaveTable(at, vmasOf(at), { protect: 'both', flush: true }) === 'oom') return 'oom';
    if (owner.get(old) !== at.entry) return 'private';
    owner.set(old, 0);
    k.notePayer(old, null);
    // What the copy added comes off again, counted in the copy.
    k.countPages(at, vmasOf(at), -1);
    return 'private';
  };

  return {
    copyPteRange(_fork, pair) {
      const { src, dst } = pair;
      if (owner.get(src.table) === EXCLUSIVE) return k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied';
      if (dst.table !== 0 && !dst.writable) return 'already';
      if (owner.get(src.table) === 0) {
        owner.set(src.table, src.entry);
        if (!src.writable) {
          k.countPages(src, vmasOf(src), 1);
          k.notePayer(src.table, src.space);
        }
      }
      k.shareTable(pair, 'fork');
      return 'shared';
    },

    fault: (at) => (breakCowPte(at) === 'oom' ? 'oom' : 'continue'),

    // The whole table goes, however little of it is asked for; no translation is flushed. @kernel zap_cow_pte()
    zap(at, zap) {
      if (!cowing(at)) return 'continue';
      if (at.refs === 1) {
        fallback(at, zap);
        return 'continue';
      }
      if (owner.get(at.table) === at.entry) {
        owner.set(at.table, 0);
        k.countPages(at, vmasOf(at, zap), -1);
        k.notePayer(at.table, null);
      }
      k.dereference(at, false);
      return 'dropped';
    },

    // The destination of a move is not looked at.
    touch: (at, site) => (site === 'mremap to' ? 'in-place' : breakCowPte(at)),

    followed: (at) => owner.set(at.table, EXCLUSIVE),
  };
};
