import { parseTrace, TINY, type Trace, X86_64 } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import {
  checkStrategy,
  checkTrace,
  type Finding,
  findIn,
  formatFinding,
  lifeOfATable,
  missing,
  neverOf,
  REGRESSIONS,
  sometimesOf,
  starve,
} from '../src/index.js';
import { eager, type Mistake, sharing } from './strategies.js';

const regressionTrace = (name: string, geometry = TINY): Trace => {
  const found = REGRESSIONS.find((regression) => regression.name === name);
  if (!found) throw new Error(`there is no regression ${name}`);
  return found.trace(geometry);
};

describe('a right strategy', () => {
  it.each([eager(), sharing()])('$name passes random traces', (strategy) => {
    const { findings, runs } = checkStrategy(strategy, { geometry: TINY, runs: 300 });
    expect(findings.map(formatFinding)).toEqual([]);
    expect(runs).toBe(300);
  });

  it('is reported in the same way each time', () => {
    const options = { geometry: TINY, runs: 20, seed: 9 };
    expect(checkStrategy(sharing(), options)).toEqual(checkStrategy(sharing(), options));
  });

  it('tells how far it has come', () => {
    const seen: number[] = [];
    checkStrategy(eager(), { geometry: TINY, runs: 3, onRun: (run) => seen.push(run) });
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe('a wrong strategy', () => {
  // Each mistake with the invariants of which one must name it.
  const mistakes: [Mistake, string[]][] = [
    ['second fork', ['verb-precondition', 'same-contents', 'no-change-while-shared']],
    ['dontfork neighbour', ['entry-in-vma']],
    ['wipeonfork neighbour', ['same-contents', 'same-result']],
    ['pins', ['pin-keeps-page']],
    ['reads', ['no-change-while-shared']],
    ['munmap part', ['no-change-while-shared']],
    ['dontneed', ['no-change-while-shared']],
    ['truncate', ['no-change-while-shared']],
    ['mprotect', ['no-change-while-shared']],
    ['mremap', ['same-contents', 'no-change-while-shared', 'cow-slot-read-only', 'no-stale-translation', 'same-place']],
    ['guard', ['no-change-while-shared']],
    ['uffd', ['no-change-while-shared']],
    ['mremap to', ['entry-in-vma', 'no-change-while-shared']],
    ['gup', ['pin-keeps-page']],
  ];

  it.each(mistakes)('that forgets %s is found, by name and with a small trace', (mistake, invariants) => {
    const { findings } = checkStrategy(sharing(mistake), { geometry: TINY, runs: 1000 });
    expect(findings).toHaveLength(1);
    const finding = findings[0] as Finding;
    expect(invariants).toContain(finding.invariant);
    expect(finding.trace.ops.length).toBeLessThanOrEqual(12);
    // The trace alone shows it again, at its last operation, and the right strategy passes it.
    const again = checkTrace(finding.trace, [sharing(mistake)], { geometry: TINY }).breakage;
    expect(again).toMatchObject({ invariant: finding.invariant, step: finding.step });
    expect(finding.step).toBe(finding.trace.ops.length);
    expect(checkTrace(finding.trace, [sharing()], { geometry: TINY }).breakage).toBeNull();
  });

  it('is found by a fixed trace, too', () => {
    const trace = regressionTrace('dontneed of one page', X86_64);
    expect(findIn(trace, [sharing('dontneed')])).toMatchObject({ invariant: 'no-change-while-shared', seed: null });
    expect(findIn(trace, [sharing()])).toBeNull();
    // A child with stale marks of its parent would have to use a userfaultfd itself for anybody to notice.
    const marks = regressionTrace('protected before fork', X86_64);
    expect(findIn(marks, [sharing('protected neighbour')])).toMatchObject({ invariant: 'same-events' });
    expect(findIn(marks, [sharing()])).toBeNull();
  });

  it('is reported with its seed, its trace as lines, and the command that runs it again', () => {
    const { findings } = checkStrategy(sharing('mprotect'), { runs: 200, seed: 40 });
    const finding = findings[0] as Finding;
    const text = formatFinding(finding);
    expect(finding.seed).toBeGreaterThanOrEqual(40);
    expect(text).toContain(`shrunk from seed ${finding.seed}`);
    expect(text).toContain('forklab run trace.jsonl --strategy careless --check');
    const lines = text.split('\n').filter((line) => line.startsWith('{'));
    expect(parseTrace(lines.join('\n'), 'finding.jsonl')).toEqual(finding.trace);
  });

  it('is found more than once, by different invariants, when asked for', () => {
    const { findings } = checkStrategy(sharing('dontneed'), { geometry: TINY, runs: 300, findingsMax: 3 });
    expect(new Set(findings.map(({ invariant }) => invariant)).size).toBe(findings.length);
    expect(findings.length).toBeGreaterThan(0);
  });

  it('that throws is a finding, and one that is none is an error', () => {
    const throws = {
      ...eager(),
      setup: (k: Parameters<ReturnType<typeof eager>['setup']>[0]) => ({
        ...eager().setup(k),
        copyPteRange(): never {
          throw new RangeError('beyond me');
        },
      }),
    };
    const found = findIn(regressionTrace('partial zap'), [throws], { geometry: TINY });
    expect(found).toMatchObject({ invariant: 'no-exception', title: expect.stringContaining('beyond me') });
    expect(() => checkTrace(regressionTrace('partial zap'), [])).toThrow('FL3004');
  });
});

describe('memory that runs out', () => {
  it('lets operations fail and nothing else', () => {
    const { finding, runs } = starve(regressionTrace('nested forks'), [sharing()], { geometry: TINY });
    expect(finding).toBeNull();
    expect(runs).toBeGreaterThan(10);
  });

  it('finds a strategy that has shared half of what it could not', () => {
    const wrong = sharing();
    const broken = {
      ...wrong,
      name: 'no-rollback',
      setup(k: Parameters<typeof wrong.setup>[0]) {
        const hooks = wrong.setup(k);
        // Says that it has left the table although there was no memory for a copy.
        return {
          ...hooks,
          touch(...args: Parameters<typeof hooks.touch>) {
            hooks.touch(...args);
            return 'private' as const;
          },
        };
      },
    };
    const { finding } = starve(regressionTrace('partial zap'), [broken], { geometry: TINY });
    expect(finding).not.toBeNull();
    expect(finding?.trace.header.memory).toBeGreaterThan(0);
  });
});

describe('what must have happened', () => {
  it('is a life of a table for a strategy that shares, and nothing for one that does not', () => {
    expect(lifeOfATable([eager()])).toEqual([]);
    const phases = lifeOfATable([sharing()]);
    expect(phases.map(({ phase }) => phase)).toEqual([
      'shared at fork',
      'broken by a write',
      'let go of at exit',
      'adopted by the last holder',
      'freed at the last exit',
    ]);
    for (const { count } of phases) expect(count).toBeGreaterThan(0);
  });

  it('is not so for a strategy that only says that it shares', () => {
    const boasts = { ...eager(), traits: sharing().traits };
    expect(lifeOfATable([boasts])[0]).toMatchObject({ work: 'tablesShared', count: 0 });
    const { events } = checkStrategy(boasts, { geometry: TINY, runs: 20 });
    expect(missing(sometimesOf([boasts]), events)).toContain('tablesShared: fork');
  });

  it('knows what a strategy without sharing never does', () => {
    expect(neverOf([eager()])).toContain('tablesShared');
    expect(neverOf([sharing()])).toEqual([]);
    expect(missing(['a or b', 'c'], { b: 1 })).toEqual(['c']);
  });
});
