/**
 * COW-PTE as RFC v1 posted it (2022-05-19, on v5.18-rc6), defects included; with `coverLetter`, as its cover letter says
 * it is: tables with heap or shared memory under them are copied, which no line of the code does.
 *
 * Life of a table; an owner is a PMD entry, as its address in the kernel:
 *
 * ```
 *   state                 refs   slots           owner                charged
 *   private                1     writable        none                 its process
 *   shared by fork         n     read-only       the parent's entry   the owner's process
 *   owner broke or left    n-1   read-only       none                 nobody, until a fork or the last holder
 *   last holder            1     read-only       any                  taken over at its next fault, or when it should go
 * ```
 *
 * @paper RFC PATCH 6/6, mm/memory.c
 */
import type { ForkStrategy, Kernel, Slot, VmaView } from '@forklab/core';
import { stretch } from './stretch.js';

export const v1 =
  (coverLetter: boolean) =>
  (k: Kernel): ForkStrategy => {
    const owner = k.tableField('cow_pte_owner');

    /** All 2 MiB, judged by one VMA, whoever else lies there. @kernel cow_pte_rss() */
    const whole = (at: Slot, vma: VmaView | null): readonly VmaView[] => {
      const judge = vma ?? at.vmas[0];
      return judge ? [stretch(judge, at.start, at.end)] : [];
    };

    /** @kernel cow_pte_fallback() */
    const fallback = (at: Slot): void => {
      if (owner.get(at.table) !== at.entry) {
        k.countPages(at, whole(at, at.vma), 1);
        k.notePayer(at.table, at.space);
      }
      owner.set(at.table, 0);
      k.setWritable(at, true);
    };

    /** @kernel break_cow_pte() */
    const breakCowPte = (at: Slot): 'private' | 'oom' => {
      if (at.table === 0 || at.writable) return 'private';
      if (at.refs === 1) {
        fallback(at);
        return 'private';
      }
      const old = at.table;
      if (k.leaveTable(at, whole(at, at.vma), { protect: 'both', flush: false }) === 'oom') return 'oom';
      if (owner.get(old) !== at.entry) return 'private';
      owner.set(old, 0);
      k.notePayer(old, null);
      k.countPages(at, whole(at, at.vma), -1);
      return 'private';
    };

    const promised = (at: Slot): boolean => {
      const { heap } = at.space;
      return at.vmas.every(
        ({ shared, start, end }) => !shared && !(heap !== null && start < heap.end && end > heap.start),
      );
    };

    return {
      copyPteRange(_fork, pair) {
        const { src, dst } = pair;
        if (coverLetter && !promised(src)) {
          if (breakCowPte(src) === 'oom') return 'oom';
          return k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied';
        }
        if (dst.table !== 0 && src.refs > 1) return 'already';
        if (owner.get(src.table) === 0) {
          owner.set(src.table, src.entry);
          if (!src.writable) {
            k.countPages(src, whole(src, src.vma), 1);
            k.notePayer(src.table, src.space);
          }
        }
        k.shareTable(pair, 'fork');
        return 'shared';
      },

      fault: (at) => (breakCowPte(at) === 'oom' ? 'oom' : 'continue'),

      /**
       * The entries are walked first, for the TLB's sake, and left as they are. Then the table is let go of whole, or, by
       * its last holder, taken over with everything in it; nobody walks it again. @kernel zap_pmd_range()
       */
      zap(at) {
        if (at.writable) return 'continue';
        if (at.refs === 1) {
          fallback(at);
          return 'kept';
        }
        if (owner.get(at.table) === at.entry) {
          owner.set(at.table, 0);
          k.countPages(at, whole(at, at.vma), -1);
          k.notePayer(at.table, null);
        }
        k.dereference(at, true);
        return 'dropped';
      },

      // Only splits and moves away look; mprotect, madvise, get_user_pages and moves into the table do not.
      touch: (at, site) => (site === 'split' || site === 'mremap' ? breakCowPte(at) : 'in-place'),
    };
  };
