/** Two small strategies for tests of core, which knows none of the published ones. */
import type { ForkStrategy, Kernel, StrategyPlugin, StrategyTraits } from '../src/index.js';

const traits: StrategyTraits = {
  shares: 'nothing',
  charges: 'owner',
  shootdown: 'own',
  hosts: [],
  keepsPins: true,
  unmodelled: [],
};

const plugin = (
  name: string,
  shares: StrategyTraits['shares'],
  setup: (k: Kernel) => ForkStrategy,
): StrategyPlugin => ({
  api: 1,
  name,
  models: { title: name, where: 'a test' },
  traits: { ...traits, shares },
  setup,
});

export const copying = (): StrategyPlugin =>
  plugin('copying', 'nothing', (k) => ({
    copyPteRange: (_fork, pair) => (k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied'),
    fault: () => 'continue',
    zap: () => 'continue',
    touch: () => 'private',
  }));

/** Shares every table, whatever lies over it. `hooks` replaces single answers, to plant mistakes. */
export const sharing = (hooks: (k: Kernel) => Partial<ForkStrategy> = () => ({})): StrategyPlugin =>
  plugin('sharing', 'pte-tables', (k) => {
    const leave = (at: Parameters<ForkStrategy['touch']>[0]) => {
      if (at.table === 0 || at.writable) return 'private';
      return at.refs > 1 ? k.cloneTable(at, 'fault', 'both') : k.adoptTable(at, 'fault');
    };
    return {
      copyPteRange(_fork, pair) {
        if (pair.dst.table !== 0) return 'already';
        k.shareTable(pair, 'fork');
        return 'shared';
      },
      fault: (at) => (leave(at) === 'oom' ? 'oom' : 'continue'),
      zap(at, { cause }) {
        if (at.writable) return 'continue';
        if (at.refs > 1) {
          k.dropTable(at, cause);
          return 'dropped';
        }
        k.adoptTable(at, cause);
        return 'continue';
      },
      touch: leave,
      ...hooks(k),
    };
  });
