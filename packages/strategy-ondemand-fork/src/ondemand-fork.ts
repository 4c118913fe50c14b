/**
 * On-Demand Fork: fork shares the last-level tables of private anonymous memory and copies each one when, and if,
 * somebody faults in it.
 *
 * Life of a table:
 *
 * ```
 *   state                 refs   slots           pays
 *   private                1     writable        its process
 *   shared by fork         n     read-only       whoever paid before; the child pays nothing
 *   payer broke or left    n-1   read-only       nobody, until the last holder adopts
 *   last holder            1     read-only       adopted at its next fault, without a copy
 * ```
 *
 * Against COW-PTE it is choosier: a table is shared only when one private anonymous VMA covers all of it, so a table at
 * a VMA's edge, of a file, or of shared memory is copied as by classic fork.
 *
 * @paper Zhao, Gong, Fonseca, "On-demand-fork", EuroSys 2021, §3.1 to §3.7
 */
import type { ForkStrategy, Kernel, Slot, StrategyPlugin, VmaView, Why } from '@forklab/core';
import { asPosted, type OndemandForkVariant } from './variants.js';

export interface OndemandForkOptions {
  /** The authors' code as it was, with its defects. Left out: the repaired form. */
  readonly variant?: OndemandForkVariant;
}

/** @paper §3.7, and the final code: anonymous, private, and all of the table in this one VMA. */
const shareable = (vma: VmaView | null, whole: boolean): boolean =>
  vma !== null && whole && vma.anonymous && !vma.shared && !vma.dontCopy && !vma.wipeOnFork && !vma.uffdWp;

const hooks = (k: Kernel): ForkStrategy => {
  /**
   * @paper §3.4: copy the table, or, when the count says that nobody else is left, keep it. Both sides lose the write
   * bits of their entries, since the survivor may otherwise write pages that the copy maps.
   */
  const unshare = (at: Slot, why: Why): 'private' | 'oom' => {
    if (at.table === 0 || at.writable) return 'private';
    return at.refs > 1 ? k.cloneTable(at, why, 'both') : k.adoptTable(at, why);
  };

  return {
    copyPteRange(_fork, pair) {
      const { src } = pair;
      if (shareable(src.vma, src.whole) && !k.hasPins(src, 'fork')) {
        k.shareTable(pair, 'fork');
        return 'shared';
      }
      // Shared while its VMA covered it, and split since: this process leaves before entries change.
      if (unshare(src, 'fork again') === 'oom') return 'oom';
      return k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied';
    },

    // The access is not asked about: a read fault on a hole fills it in place.
    fault: (at) => (unshare(at, 'fault') === 'oom' ? 'oom' : 'continue'),

    // @paper §3.3: clear the reference, keep the entries, destroy at zero.
    zap(at, { cause }) {
      if (at.writable) return 'continue';
      if (at.refs === 1) {
        k.adoptTable(at, cause);
        return 'continue';
      }
      k.dropTable(at, cause);
      return 'dropped';
    },

    touch: (at, site) => unshare(at, site),
  };
};

/** On-Demand Fork: repaired, so that every trace gives the results that classic fork gives, or a variant as it was. */
export const ondemandFork = (options: OndemandForkOptions = {}): StrategyPlugin => {
  const unknown = Object.keys(options).find((name) => name !== 'variant');
  if (unknown !== undefined) throw new TypeError(`ondemand-fork has no option "${unknown}"; it has variant`);
  return options.variant === undefined ? repaired(options) : asPosted(options.variant, options);
};

const repaired = (options: OndemandForkOptions): StrategyPlugin => {
  return {
    api: 1,
    name: 'ondemand-fork',
    models: {
      title: 'On-demand-fork: a microsecond fork for memory-intensive and latency-sensitive applications',
      where: 'EuroSys 2021',
      url: 'https://doi.org/10.1145/3447786.3456258',
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
