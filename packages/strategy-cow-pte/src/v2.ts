/**
 * COW-PTE as RFC v2 posted it (2022-09-27, on v6.0-rc5), defects included.
 *
 * Life of a table; an owner is a PMD entry, as its address in the kernel:
 *
 * ```
 *   state                 refs   slots           owner                charged
 *   private                1     writable        none                 its process
 *   shared by fork         n     read-only       the parent's entry   the owner's process
 *   owner broke or left    n-1   read-only       none                 nobody, until a fork or the last holder
 *   last holder            1     read-only       any                  taken over at its next fault or zap
 *   found by GUP           any   as it was       'exclusive'          copied at fork; if shared already, never broken
 * ```
 *
 * @paper RFC PATCH v2 4/9, 6/9, 7/9, 9/9, mm/memory.c
 */
import type { ForkStrategy, Kernel, Slot, VmaView } from '@forklab/core';
import { stretch } from './stretch.js';

/** In the place of an owner: never share this table. @kernel COW_PTE_OWNER_EXCLUSIVE */
const EXCLUSIVE = -1;

/**
 * The parts of a table that a VMA, the one before it and the one after it cover. A fourth VMA is forgotten.
 * @kernel break_cow_pte(), cow_pte_fallback()
 */
const threeParts = (at: Slot): readonly VmaView[] => {
  const { vmas } = at.space;
  const vma = at.vma ?? at.vmas[0];
  if (!vma) return [];
  const place = vmas.findIndex(({ start }) => start === vma.start);
  const prev = vmas[place - 1];
  const next = vmas[place + 1];
  const parts: VmaView[] = [];
  let { start, end } = at;
  if (start < vma.start && prev) {
    if (start < prev.end) parts.push(stretch(prev, start, prev.end));
    start = vma.start;
  }
  if (end > vma.end && next) {
    if (end > next.start) parts.push(stretch(next, next.start, end));
    end = vma.end;
  }
  return [...parts, stretch(vma, start, end)];
};

export const v2 = (k: Kernel): ForkStrategy => {
  const owner = k.tableField('cow_pte_owner');
  /** @kernel is_pte_table_cowing() */
  const cowing = (at: Slot): boolean => at.table !== 0 && !at.writable && owner.get(at.table) !== EXCLUSIVE;

  /** @kernel cow_pte_fallback() */
  const fallback = (at: Slot): void => {
    if (owner.get(at.table) !== at.entry) {
      k.countPages(at, threeParts(at), 1);
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
    const parts = threeParts(at);
    if (k.leaveTable(at, parts, { protect: 'both', flush: false }) === 'oom') return 'oom';
    if (at.vmas.length > parts.length) k.suffer('copy-takes-all', `${at.space.name}: a break forgets a fourth VMA`);
    if (owner.get(old) !== at.entry) return 'private';
    owner.set(old, 0);
    k.notePayer(old, null);
    k.countPages(at, parts, -1);
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
          // Only what the VMA covers that the fork is at; the guard above skips the others.
          k.countPages(src, src.vma ? [src.vma] : [], 1);
          k.notePayer(src.table, src.space);
        }
      }
      k.shareTable(pair, 'fork');
      return 'shared';
    },

    fault: (at) => (breakCowPte(at) === 'oom' ? 'oom' : 'continue'),

    // The whole table goes, however little of it is asked for; no translation is flushed. @kernel zap_cow_pte()
    zap(at) {
      if (!cowing(at)) return 'continue';
      if (at.refs === 1) {
        fallback(at);
        return 'continue';
      }
      if (owner.get(at.table) === at.entry) {
        owner.set(at.table, 0);
        if (at.vma) k.countPages(at, [stretch(at.vma, at.start, at.end)], -1);
        k.notePayer(at.table, null);
      }
      k.dereference(at, false);
      return 'dropped';
    },

    touch: (at, site) => (site === 'split' || site === 'mremap' ? breakCowPte(at) : 'in-place'),

    // A table that is shared already loses its owner, and is taken for one that is not.
    followed: (at) => owner.set(at.table, EXCLUSIVE),
  };
};
