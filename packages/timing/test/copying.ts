/** Classic fork in a few lines: tests of this package may use core alone. */
import type { StrategyPlugin } from '@forklab/core';

export const copying: StrategyPlugin = {
  api: 1,
  name: 'copying',
  models: { title: 'fork', where: 'mm/memory.c' },
  traits: {
    shares: 'nothing',
    charges: 'owner',
    shootdown: 'own',
    hosts: [],
    keepsPins: true,
    unmodelled: [],
  },
  setup: (k) => ({
    copyPteRange: (_fork, pair) => (k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied'),
    fault: () => 'continue',
    zap: () => 'continue',
    touch: () => 'private',
  }),
};
