/**
 * Fork as Linux does it: every table is copied, entry by entry, and nothing is ever shared.
 *
 * Life of a table: allocated by a fault or by fork, refs 1, writable slot, paid for by its process, freed with the last
 * VMA in its span (or when MADV_DONTNEED covered and emptied it).
 *
 * @kernel mm/memory.c copy_pmd_range(), release 6.18
 */
import type { ForkStrategy, Kernel, StrategyPlugin } from '@forklab/core';

const hooks = (k: Kernel): ForkStrategy => ({
  copyPteRange(_fork, pair) {
    return k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied';
  },
  fault: () => 'continue',
  zap: () => 'continue',
  touch: () => 'private',
});

/** The classic strategy. It has no options: it is the kernel. */
export const classic = (): StrategyPlugin => ({
  api: 1,
  name: 'classic',
  models: { title: 'Linux', where: 'release 6.18', url: 'https://www.kernel.org/' },
  traits: {
    shares: 'nothing',
    charges: 'owner',
    shootdown: 'own',
    hosts: [],
    keepsPins: true,
    unmodelled: [],
  },
  setup: hooks,
});
