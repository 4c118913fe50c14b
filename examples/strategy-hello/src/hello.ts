/**
 * Hello: the smallest strategy that shares tables and stays right. Copy this folder to start your own.
 *
 * Life of a table: private (refs 1, writable slot) until fork shares it (refs 2 and more, read-only slots). Whoever
 * faults in it, or changes it in any other way, leaves with a copy, or takes it over when nobody else is left.
 */
import type { ForkStrategy, Kernel, Slot, StrategyPlugin, Why } from '@forklab/core';

const hooks = (k: Kernel): ForkStrategy => {
  const leave = (at: Slot, why: Why): 'private' | 'oom' => {
    if (at.table === 0 || at.writable) return 'private';
    return at.refs > 1 ? k.cloneTable(at, why, 'both') : k.adoptTable(at, why);
  };
  return {
    copyPteRange(_fork, pair) {
      const { vma, whole } = pair.src;
      const simple = vma !== null && whole && vma.anonymous && !vma.shared && !vma.uffdWp;
      if (simple && !k.hasPins(pair.src, 'fork')) {
        k.shareTable(pair, 'fork');
        return 'shared';
      }
      if (leave(pair.src, 'fork again') === 'oom') return 'oom';
      return k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied';
    },
    fault: (at) => (leave(at, 'fault') === 'oom' ? 'oom' : 'continue'),
    zap(at, { cause }) {
      if (at.writable) return 'continue';
      if (at.refs > 1) {
        k.dropTable(at, cause);
        return 'dropped';
      }
      k.adoptTable(at, cause);
      return 'continue';
    },
    touch: (at, site) => leave(at, site),
  };
};

/** The factory: what a configuration calls, by name or by path. */
export const hello = (): StrategyPlugin => ({
  api: 1,
  name: 'hello',
  models: { title: 'An example', where: 'forklab, examples/strategy-hello' },
  traits: {
    shares: 'pte-tables',
    charges: 'owner',
    shootdown: 'own',
    hosts: [],
    keepsPins: true,
    unmodelled: [],
  },
  setup: hooks,
});
