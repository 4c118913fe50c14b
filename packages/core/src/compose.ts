/**
 * One machine, several strategies: a table goes to whoever shared it, else to the first that claims a VMA over it, else
 * to the last one.
 */
import { ForklabError } from './errors.js';
import type { File } from './file.js';
import type { Machine } from './machine.js';
import type { Space } from './space.js';
import type { ForkStrategy, Slot, StrategyPlugin, VmaView } from './strategy.js';
import { Verbs } from './verbs.js';
import { vmaNeedsCopy } from './vma.js';

export interface Composition {
  /** What core asks. */
  readonly hooks: ForkStrategy;
  /** The space that owns a file's tables under a key. */
  host(file: File, key: string): Space | 'oom';
  /** Forgets a host that has no tables but its root, and frees that. */
  dropHost(space: Space): void;
}

export const compose = (m: Machine, plugins: readonly StrategyPlugin[]): Composition => {
  for (const plugin of plugins) {
    if (plugin.api !== 1) throw new ForklabError('FL3003', { from: plugin.name, arrived: plugin.api });
  }
  const strategies = plugins.map((plugin, i) => plugin.setup(new Verbs(m, i + 1)));
  const hosts = new Map<string, Space>();
  return {
    hooks: strategies.length === 1 ? strategies[0]! : mixture(m, strategies),
    host(file, key) {
      const name = `file ${file.id} ${key}`;
      const there = hosts.get(name);
      if (there) return there;
      const space = m.newSpace(name, 'host');
      if (space === null) return 'oom';
      hosts.set(name, space);
      return space;
    },
    dropHost(space) {
      hosts.delete(space.name);
      m.tables.release(space.pgd);
      m.spaces[space.id] = null;
    },
  };
};

const mixture = (m: Machine, strategies: readonly ForkStrategy[]): ForkStrategy => {
  const last = strategies[strategies.length - 1]!;
  const claimant = (vma: VmaView): ForkStrategy => strategies.find((s) => s.claims?.(vma)) ?? last;
  const of = (at: Slot): ForkStrategy => {
    const sharer = at.table === 0 ? 0 : m.tables.sharedBy[at.table]!;
    if (sharer > 0) return strategies[sharer - 1]!;
    for (const vma of at.vma ? [at.vma, ...at.vmas] : at.vmas) {
      const found = strategies.find((s) => s.claims?.(vma));
      if (found) return found;
    }
    return last;
  };
  return {
    copyPteRange: (fork, pair) => of(pair.src).copyPteRange(fork, pair),
    fault: (at, vmf) => of(at).fault(at, vmf),
    zap: (at, zap) => of(at).zap(at, zap),
    touch: (at, site) => of(at).touch(at, site),
    mayChange: (space, vma, op) => claimant(vma).mayChange?.(space, vma, op) ?? 'yes',
    dupVma: (fork, vma) => claimant(vma).dupVma?.(fork, vma) ?? (vmaNeedsCopy(vma) ? 'walk' : 'skip'),
    exit(space) {
      for (const strategy of strategies) strategy.exit?.(space);
    },
  };
};
