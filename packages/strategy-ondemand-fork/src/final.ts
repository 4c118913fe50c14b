/**
 * On-Demand Fork as the authors' final code ran on 5.6.19 (github.com/rssys/on-demand-fork, paper-version-kernel-v5.6.19,
 * 2021-12-28), defects included.
 *
 * Life of a table:
 *
 * ```
 *   state                 refs   slots                        charged
 *   private                1     writable                     its process
 *   shared by fork         n     read-only, or as they were   the parent; each that breaks is charged for its copy besides
 *                                 under a read-only VMA
 *   last holder            1     read-only                    copied once more at its next fault; the old one is freed and
 *                                                              taken off whoever freed it
 * ```
 *
 * @kernel mm/memory.c of that branch
 */
import type { Fork, ForkStrategy, Kernel, Slot, SpaceView, VmaView } from '@forklab/core';

/** Private anonymous memory, but for what meets the heap or touches it. @kernel is_vma_odf_incompatible() */
const compatible = ({ heap }: SpaceView, vma: VmaView | null): vma is VmaView =>
  vma?.anonymous === true && !vma.shared && !(heap !== null && vma.start <= heap.end && vma.end >= heap.start);

export const finalCode = (k: Kernel): ForkStrategy => {
  /** A process that has forked this way, or came from such a fork. @kernel MMF_USE_ODF */
  const uses = k.spaceField('use_odf');

  /** Only the copy loses its write bits, and nothing is flushed. @kernel tfork_one_pte_table() */
  const tforkOneTable = (at: Slot): 'private' | 'oom' => {
    if (at.table === 0 || at.writable) return 'private';
    const { vma } = at;
    if (!compatible(at.space, vma) || !at.whole) {
      return k.crash('verb-precondition', 'BUG: a shared table is not covered by one private anonymous VMA');
    }
    return k.leaveTable(at, [vma], { protect: 'copy', flush: false });
  };

  const optIn = ({ parent, child }: Fork): void => {
    uses.set(parent.id, 1);
    uses.set(child.id, 1);
  };

  return {
    dupVma(fork, vma) {
      optIn(fork);
      return vma.hasAnonVma ? 'walk' : 'skip';
    },

    copyPteRange(_fork, pair) {
      const { src, dst } = pair;
      if (!compatible(src.space, src.vma) || !src.whole) return k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied';
      const { writable } = src;
      k.shareTable(pair, 'fork');
      // Nothing marks a table that is shared under a VMA which cannot be written.
      if (!src.vma.writable) {
        k.setWritable(src, writable);
        k.setWritable(dst, writable);
      }
      return 'shared';
    },

    // The access is not asked about, the VMA is.
    fault: (at) => (at.vma?.writable && tforkOneTable(at) === 'oom' ? 'oom' : 'continue'),

    zap(at, { start, end }) {
      if (at.writable) return 'continue';
      if (!compatible(at.space, at.vma) || !at.whole || at.start < start || at.end > end) {
        return k.crash('verb-precondition', 'BUG: a part of a shared table is unmapped');
      }
      k.dereference(at, true);
      return 'dropped';
    },

    // Splits and moves away break the table. mprotect, get_user_pages and moves into it do not look.
    touch(at, site) {
      if (site !== 'split' && site !== 'mremap') return 'in-place';
      return site === 'split' && !at.vma?.hasAnonVma ? 'private' : tforkOneTable(at);
    },

    dontneed: (space) => (uses.get(space.id) === 1 ? 'ignore' : 'go on'),
    populate: (space) => (uses.get(space.id) === 1 ? 'read' : 'as usual'),
  };
};
