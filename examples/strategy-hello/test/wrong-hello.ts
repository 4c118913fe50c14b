/**
 * Hello, copied, and got wrong in three ways that an author may get wrong: see the lines marked. `forklab check` finds each of
 * them, and the test beside this file holds it to that.
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
      const simple = vma !== null && whole && vma.anonymous && !vma.shared;
      // Wrong: a page in the table may be pinned, and would then be written through two processes.
      if (simple) {
        k.shareTable(pair, 'fork');
        return 'shared';
      }
      if (leave(pair.src, 'fork again') === 'oom') return 'oom';
      return k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied';
    },
    // Wrong: a read that meets a hole fills it in place.
    fault: (at, { access }) => (access !== 'read' && leave(at, 'fault') === 'oom' ? 'oom' : 'continue'),
    zap(at, { cause }) {
      if (at.writable) return 'continue';
      if (at.refs > 1) {
        k.dropTable(at, cause);
        return 'dropped';
      }
      k.adoptTable(at, cause);
      return 'continue';
    },
    // Wrong: MADV_DONTNEED of a part goes on in the table that others hold, too.
    touch: (at, site) => (site === 'dontneed' ? 'in-place' : leave(at, site)),
  };
};

/** What `--strategy ./wrong-hello.ts` calls. */
export const strategy = (): StrategyPlugin => ({
  api: 1,
  name: 'wrong-hello',
  models: { title: 'An example of mistakes', where: 'forklab, examples/strategy-hello' },
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
