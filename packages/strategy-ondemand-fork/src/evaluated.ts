/**
 * On-Demand Fork as first released (github.com/rssys/on-demand-fork, 2021-04-21, on 5.6.19), the code closest to what the
 * paper evaluated, defects included.
 *
 * Life of a table; its count is one for each pair of a process and a VMA that has gone through such a fork:
 *
 * ```
 *   state                     count     slots                        charged
 *   private, never forked     0         writable                     its process
 *   shared by fork            2 a VMA   read-only, or as they were   the parent; whoever breaks, once more
 *                                       under read-only VMAs
 *   broken off                1 a VMA   writable                     whoever broke
 *   last pair, one VMA        1         read-only                    taken back as it is, entries writable and all
 * ```
 *
 * @kernel mm/memory.c of that release
 */
import type { Fork, ForkStrategy, Kernel, Slot, SpaceView, VmaView, Zap } from '@forklab/core';

/** A VMA that has gone through such a fork. @kernel vm_area_struct pte_table_counter_pending, the other way round */
const COUNTED = 1;

export const evaluated = (k: Kernel): ForkStrategy => {
  const count = k.tableField('pte_table_refcount');
  /** The VMA that fork is at had not been counted before. */
  let pending = false;

  /** Lets go of `pairs` counts; answers whether none is left. */
  const release = (at: Slot, pairs: number): boolean => {
    const left = count.get(at.table) - pairs;
    count.set(at.table, left);
    if (left <= 0 && at.refs > 1) {
      return k.crash(
        'table-refs',
        `the count of table ${at.table} is ${left}: its pages are freed under other holders`,
      );
    }
    return left <= 0;
  };

  /** Copies for every counted VMA of the table but those of the range; answers false when there is none. */
  const tforkOneTable = (at: Slot, without?: Zap): boolean => {
    const vmas = at.vmas.filter(
      ({ mark, start, end }) => mark === COUNTED && !(without && start >= without.start && end <= without.end),
    );
    if (vmas.length === 0) return false;
    if (at.vmas.some(({ mark }) => mark !== COUNTED)) {
      k.suffer('copy-takes-all', `${at.space.name}: a break forgets a VMA that is younger than the last fork`);
    }
    const over = release(at, vmas.length);
    if (k.leaveTable(at, vmas, { protect: 'copy', flush: false, keepOld: !over }) === 'oom') {
      return k.crash('fault-makes-progress', 'no memory for a table: the result is not looked at');
    }
    count.set(at.table, vmas.length);
    return true;
  };

  const optIn = ({ child }: Fork, vma: VmaView): void => {
    pending = vma.mark !== COUNTED;
    k.markVma(vma, COUNTED);
    const copy = child.vmas.find(({ start }) => start === vma.start);
    if (copy) k.markVma(copy, COUNTED);
  };

  return {
    // Heap, files, shared memory, memory without an anon_vma: all is shared.
    dupVma(fork, vma) {
      optIn(fork, vma);
      return 'walk';
    },

    copyPteRange(_fork, pair) {
      const { src, dst } = pair;
      const writable = src.writable && src.vma?.writable !== true;
      const before = Math.max(count.get(src.table), 0);
      count.set(src.table, pending ? before + 2 : Math.max(before + 1, 2));
      if (dst.table === 0) k.shareTable(pair, 'fork');
      k.setWritable(src, writable);
      k.setWritable(dst, writable);
      return 'shared';
    },

    fault(at) {
      if (at.table === 0 || at.writable || !at.vma?.writable) return 'continue';
      if (at.whole && count.get(at.table) === 1) k.setWritable(at, true);
      else tforkOneTable(at);
      return 'continue';
    },

    zap(at, zap) {
      const counted = at.vma?.mark === COUNTED;
      if (at.writable || !counted) {
        if (counted) count.set(at.table, count.get(at.table) - 1);
        return 'continue';
      }
      if (!zap.detached && zap.cause !== 'exit') {
        return k.crash('entry-legal', 'the entry is left neither none nor present, for the next fault to meet');
      }
      if (!release(at, 1)) {
        // What others of this process map is copied first; what goes is not among it.
        if (!at.whole && tforkOneTable(at, zap)) return 'continue';
        if (at.refs > 1) k.dereference(at, true);
        else k.loseTable(at);
        return 'dropped';
      }
      k.dereference(at, true);
      return 'dropped';
    },

    freeTable: (table) => (count.get(table) > 0 ? 'leave' : 'free'),

    // Splits, moves, mprotect and get_user_pages do not look.
    touch: () => 'in-place',

    // The last VMA of an munmap cannot be cut once it has been counted. @kernel __do_munmap()
    mayChange: (_space: SpaceView, vma, op, end) =>
      op === 'split' && vma.mark === COUNTED && end !== undefined && vma.end > end ? 'refuse' : 'yes',
  };
};
