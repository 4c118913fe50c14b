/**
 * COW-PTE: fork shares PTE tables copy-on-write, with a reference count and an owner who pays.
 *
 * Life of a table:
 *
 * ```
 *   state                 refs   slots           pays
 *   private                1     writable        its process
 *   shared by fork         n     read-only       the owner: whoever paid before
 *   owner broke or left    n-1   read-only       nobody, until somebody forks again or adopts
 *   last holder            1     read-only       nobody or the owner; adopted at its next fault
 * ```
 *
 * A table is shared without looking at its entries, so pages in it keep one mapcount and one reference however many
 * processes reach them. Whoever wants to change an entry leaves first: by a copy that write-protects both sides, or,
 * as the last holder, by taking the table over as it is.
 *
 * @paper "Introduce Copy-On-Write to Page Table", RFC PATCH v1 (2022-05-19) and v2 (2022-09-27), linux-mm
 */
import type { ForkStrategy, Kernel, Slot, StrategyPlugin, VmaView, Why } from '@forklab/core';
import { asPosted, type CowPteVariant } from './variants.js';

export interface CowPteOptions {
  /** A form as posted, with its defects. Left out: the repaired one. */
  readonly variant?: CowPteVariant;
}

/**
 * May a table be shared, as far as the VMAs over it are concerned? Shared memory is left to faults, as classic fork
 * leaves it; a part that the child must not see, or must see empty, means that the two tables would differ.
 */
const shareable = (vmas: readonly VmaView[]): boolean => {
  for (const vma of vmas) if (vma.shared || vma.dontCopy || vma.wipeOnFork || vma.uffdWp) return false;
  return true;
};

const hooks = (k: Kernel): ForkStrategy => {
  /** Leaves the shared state: @paper v2 7/9, break_cow_pte(), cow_pte_fallback(). */
  const breakCow = (at: Slot, why: Why): 'private' | 'oom' => {
    if (at.table === 0 || at.writable) return 'private';
    return at.refs > 1 ? k.cloneTable(at, why, 'both') : k.adoptTable(at, why);
  };

  return {
    copyPteRange(_fork, pair) {
      const { src, dst } = pair;
      // Two VMAs may meet in one table: the first of them has settled it.
      if (dst.table !== 0 && dst.table === src.table) return 'already';
      if (dst.table !== 0 || !shareable(src.vmas) || k.hasPins(src, 'fork')) {
        // The table may be shared since an earlier fork, and copying write-protects its entries.
        if (breakCow(src, 'fork again') === 'oom') return 'oom';
        return k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied';
      }
      // Its owner has left: who forks again pays again.
      if (src.payers === 0) k.charge(src.space, src.table, 'fork again');
      k.shareTable(pair, 'fork');
      return 'shared';
    },

    // Any fault, not writes alone: a read that finds a hole fills it in place.
    fault: (at) => (breakCow(at, 'fault') === 'oom' ? 'oom' : 'continue'),

    zap(at, { cause }) {
      if (at.writable) return 'continue';
      if (at.refs === 1) {
        k.adoptTable(at, cause);
        return 'continue';
      }
      // All that is mapped here goes, so the table is let go of whole; its entries stay for the others.
      k.dropTable(at, cause);
      return 'dropped';
    },

    touch: (at, site) => breakCow(at, site),
  };
};

/** COW-PTE: repaired, so that every trace gives the results that classic fork gives, or a variant as posted. */
export const cowPte = (options: CowPteOptions = {}): StrategyPlugin => {
  const unknown = Object.keys(options).find((name) => name !== 'variant');
  if (unknown !== undefined) throw new TypeError(`cow-pte has no option "${unknown}"; it has variant`);
  return options.variant === undefined ? repaired(options) : asPosted(options.variant, options);
};

const repaired = (options: CowPteOptions): StrategyPlugin => {
  return {
    api: 1,
    name: 'cow-pte',
    models: {
      title: 'Introduce Copy-On-Write to Page Table',
      where: 'RFC PATCH v1 and v2, linux-mm, 2022',
      url: 'https://lore.kernel.org/linux-mm/20220927162957.270460-1-shiyn.lin@gmail.com/',
    },
    traits: {
      shares: 'pte-tables',
      charges: 'owner',
      shootdown: 'own',
      hosts: [],
      keepsPins: true,
      unmodelled: [],
    },
    options: { ...options },
    setup: hooks,
  };
};
