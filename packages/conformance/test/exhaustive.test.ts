import type { StrategyPlugin } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { type Breakage, type Enumerated, enumerate } from '../src/index.js';
import { eager, type Mistake, sharing } from './strategies.js';

const searched = (strategy: StrategyPlugin, depth: number): { all: Enumerated; found: Map<string, number> } => {
  const found = new Map<string, number>();
  const count = ({ invariant }: Breakage) => found.set(invariant, (found.get(invariant) ?? 0) + 1);
  const search = enumerate([strategy], new Set(), count, depth);
  for (let next = search.next(); ; next = search.next()) if (next.done) return { all: next.value, found };
};

describe('the exhaustive search', () => {
  it.each([eager(), sharing()])(
    'finds nothing in $name, and visits fewer states than there are sequences',
    (strategy) => {
      const { all, found } = searched(strategy, 3);
      expect([...found]).toEqual([]);
      expect(all.depth).toBe(3);
      expect(all.states).toBeGreaterThan(300);
      expect(all.states).toBeLessThan(all.transitions);
    },
  );

  it('takes siblings and frames for alike: two children of one parent are one state whichever exits', () => {
    // p0 forks twice, then one child exits: without symmetry there would be a state for each of the two.
    const { all } = searched(eager(), 1);
    const { all: deeper } = searched(eager(), 2);
    expect(deeper.states).toBeLessThan(deeper.transitions);
    expect(all.transitions).toBeGreaterThan(all.states - 1);
  });

  const mistakes: [Mistake, number, string][] = [
    ['reads', 2, 'no-change-while-shared'],
    ['munmap part', 2, 'no-change-while-shared'],
    ['dontneed', 2, 'no-change-while-shared'],
    ['mprotect', 2, 'no-change-while-shared'],
    ['pins', 2, 'pin-keeps-page'],
    ['gup', 3, 'pin-keeps-page'],
    ['mremap', 3, 'same-contents'],
  ];
  it.each(mistakes)(
    'finds what a strategy that forgets %s breaks within %i operations',
    (mistake, depth, invariant) => {
      expect([...searched(sharing(mistake), depth).found.keys()]).toContain(invariant);
    },
  );
});
