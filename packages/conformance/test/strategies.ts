/** Two small strategies of the tests' own, and ways to get the second one wrong. */
import type { ForkStrategy, Kernel, Slot, StrategyPlugin, TouchSite, VmaView, Why } from '@forklab/core';

const plugin = (
  name: string,
  shares: 'nothing' | 'pte-tables',
  setup: (k: Kernel) => ForkStrategy,
): StrategyPlugin => ({
  api: 1,
  name,
  models: { title: name, where: 'the tests of this package' },
  traits: { shares, charges: 'owner', shootdown: 'own', hosts: [], keepsPins: true, unmodelled: [] },
  setup,
});

/** Copies every table at fork. */
export const eager = (): StrategyPlugin =>
  plugin('eager', 'nothing', (k) => ({
    copyPteRange: (_fork, pair) => (k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied'),
    fault: () => 'continue',
    zap: () => 'continue',
    touch: () => 'private',
  }));

/** What the author of `sharing` may forget. */
export type Mistake =
  | 'second fork'
  | 'dontfork neighbour'
  | 'wipeonfork neighbour'
  | 'protected neighbour'
  | 'pins'
  | 'reads'
  | 'last holder'
  | TouchSite;

const suits = (vma: VmaView, forgets: Mistake | null): boolean =>
  !vma.shared &&
  (forgets === 'dontfork neighbour' || !vma.dontCopy) &&
  (forgets === 'wipeonfork neighbour' || !vma.wipeOnFork) &&
  (forgets === 'protected neighbour' || !vma.uffdWp);

/** Shares every table that it may, and leaves a shared table before anything in it changes. */
export const sharing = (forgets: Mistake | null = null): StrategyPlugin =>
  plugin(forgets === null ? 'sharing' : 'careless', 'pte-tables', (k) => {
    const leave = (at: Slot, why: Why): 'private' | 'oom' => {
      if (at.table === 0 || at.writable) return 'private';
      return at.refs > 1 ? k.cloneTable(at, why, 'both') : k.adoptTable(at, why);
    };
    return {
      copyPteRange(_fork, pair) {
        const { src, dst } = pair;
        if (dst.table !== 0 && dst.table === src.table) return 'already';
        const pinned = forgets !== 'pins' && k.hasPins(src, 'fork');
        if (dst.table === 0 && !pinned && src.vmas.every((vma) => suits(vma, forgets))) {
          k.shareTable(pair, 'fork');
          return 'shared';
        }
        if (forgets !== 'second fork' && leave(src, 'fork again') === 'oom') return 'oom';
        return k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied';
      },
      fault(at, { access }) {
        if (forgets === 'reads' && access === 'read') return 'continue';
        return leave(at, 'fault') === 'oom' ? 'oom' : 'continue';
      },
      zap(at, { cause }) {
        if (at.writable) return 'continue';
        if (at.refs === 1 && forgets !== 'last holder') {
          k.adoptTable(at, cause);
          return 'continue';
        }
        if (at.refs === 1) return 'continue';
        k.dropTable(at, cause);
        return 'dropped';
      },
      touch: (at, site) => (site === forgets ? 'private' : leave(at, site)),
    };
  });
