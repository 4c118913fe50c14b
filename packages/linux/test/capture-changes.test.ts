/** The parts of capture that compute: runs, strides, differences, who wrote. */

import { describe, expect, it } from 'vitest';
import { type AccessGroup, createRecorder, DONTNEED, groupOps, READ, spansOf, WRITE } from '../src/capture/access.js';
import { assumedOps, DEFAULT_ASSUMPTION } from '../src/capture/assume.js';
import { actionsBetween, createComparer } from '../src/capture/changes.js';
import { aroundFaults } from '../src/capture/fault-around.js';
import { createFileTable } from '../src/capture/files.js';
import { diffMappings, likeness } from '../src/capture/map-diff.js';
import type { Mapping } from '../src/capture/maps.js';
import { EXCLUSIVE, PAGE, PRESENT } from '../src/capture/pagemap.js';
import type { Runs } from '../src/capture/pages.js';
import { ANON, addPage, blockOf, createDecoder, FILE, NONE, pagesIn, SWAP, ZERO } from '../src/capture/pages.js';
import { coarser, mergeRuns } from '../src/capture/replay.js';
import type { Interval } from '../src/capture/watch.js';
import { createRandom, type Random } from './capture-random.js';

const BASE = 0x7f00_0000_0000;

const mapping = (first: number, end: number, more: Partial<Mapping> = {}): Mapping => ({
  ...{ start: BASE + first * PAGE, end: BASE + end * PAGE, prot: 'rw-', shared: false, offset: 0 },
  ...{ fileKey: null, path: '', ...more },
});

const runsFrom = (pages: Iterable<number>): Runs => {
  const runs: Runs = [];
  for (const page of [...new Set(pages)].sort((a, b) => a - b)) addPage(runs, page);
  return runs;
};

const someRuns = (random: Random): Runs => runsFrom(Array.from({ length: random.below(40) }, () => random.below(100)));

const pagesFrom = (runs: Runs): number[] =>
  runs.flatMap((first, i) => (i % 2 ? [] : Array.from({ length: runs[i + 1]! }, (_, k) => first + k)));

describe('runs and spans', () => {
  it('become spans that touch the same pages in the same order, and no others (seeds 1 to 500)', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const runs = someRuns(createRandom(seed));
      const touched = spansOf(runs).flatMap(({ page, pages, step }) =>
        Array.from({ length: Math.ceil(pages / step) }, (_, k) => page + k * step),
      );
      expect(touched, `seed ${seed}`).toEqual(pagesFrom(runs));
    }
  });

  it('say pages at equal distances in one operation', () => {
    expect(spansOf(runsFrom([1, 4, 7, 10, 20, 21, 22, 30, 40]))).toEqual([
      { page: 1, pages: 10, step: 3 },
      { page: 20, pages: 3, step: 1 },
      { page: 30, pages: 1, step: 1 },
      { page: 40, pages: 1, step: 1 },
    ]);
  });

  it('merge to the union (seeds 1 to 500)', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = createRandom(seed);
      const [a, b] = [someRuns(random), someRuns(random)];
      expect(mergeRuns(a, b), `seed ${seed}`).toEqual(runsFrom([...pagesFrom(a), ...pagesFrom(b)]));
    }
  });

  it('drop sparse pages one by one, as madvise takes ranges only', () => {
    const group: AccessGroup = { proc: 'p1', action: DONTNEED, mapping: mapping(0, 100), runs: runsFrom([1, 3, 5, 7]) };
    expect(groupOps(group).map((op) => 'length' in op && op.length)).toEqual([PAGE, PAGE, PAGE, PAGE]);
  });

  it('open the rights of a mapping for a write that happened before it was sealed', () => {
    const group: AccessGroup = { proc: 'p0', action: WRITE, mapping: mapping(0, 9, { prot: 'r-x' }), runs: [5, 1] };
    const prots = groupOps(group).map((op) => (op.op === 'mprotect' ? op.prot : op.op));
    expect(prots).toEqual(['rwx', 'write', 'r-x']);
    expect(groupOps({ ...group, action: READ })).toHaveLength(1);
  });
});

describe('differences of mappings', () => {
  const someMappings = (random: Random): Mapping[] => {
    const list: Mapping[] = [];
    for (let page = random.below(3); page < 40; ) {
      const end = page + 1 + random.below(6);
      const file = random.below(3) === 0 ? { fileKey: 'fe:00 1', offset: page * PAGE } : {};
      list.push(mapping(page, end, { prot: random.pick(['rw-', 'r--'] as const), ...file }));
      page = end + random.below(3);
    }
    return list;
  };

  /** What stands at each page: enough to tell whether two lists say the same. */
  const flat = (list: readonly Mapping[]): Map<number, string> => {
    const pages = new Map<number, string>();
    for (const { start, end, prot, fileKey, offset } of list) {
      const at = (page: number) => (fileKey === null ? '' : `${fileKey} ${offset + page - start}`);
      for (let page = start; page < end; page += PAGE) pages.set(page, `${prot} ${at(page)}`);
    }
    return pages;
  };

  it('turn the one list into the other when they are applied (seeds 1 to 1000)', () => {
    for (let seed = 1; seed <= 1000; seed++) {
      const random = createRandom(seed);
      const [before, after] = [someMappings(random), someMappings(random)];
      const { gone, made, protectedAnew } = diffMappings(before, after);
      const pages = flat(before);
      for (const { start, end } of gone) for (let page = start; page < end; page += PAGE) pages.delete(page);
      for (const [page, what] of flat(made)) {
        expect(pages.has(page), `seed ${seed}: mapped over what is there`).toBe(false);
        pages.set(page, what);
      }
      for (const [page, what] of flat(protectedAnew)) pages.set(page, what);
      expect([...pages].sort(), `seed ${seed}`).toEqual([...flat(after)].sort());
    }
  });

  it('join what belongs together', () => {
    const before = [mapping(0, 2), mapping(2, 4, { prot: 'r--' })];
    expect(diffMappings(before, []).gone).toEqual([{ start: BASE, end: BASE + 4 * PAGE }]);
    expect(diffMappings([], [mapping(0, 8)]).made).toEqual([mapping(0, 8)]);
    expect(diffMappings(before, before)).toEqual({ gone: [], made: [], protectedAnew: [] });
  });

  it('measure how alike two address spaces are', () => {
    const before = [mapping(0, 2), mapping(4, 6)];
    expect(likeness(before, before)).toBe(1);
    expect(likeness(before, [mapping(0, 3)])).toBe(0.5);
    expect(likeness(before, [mapping(8, 9)])).toBe(0);
  });
});

describe('joining looks', () => {
  const none = { gone: [], made: [], protectedAnew: [] };
  const at = mapping(0, 100);
  const group = (action: AccessGroup['action'], ...pages: number[]): AccessGroup => ({
    ...{ proc: 'p0', action, mapping: at },
    runs: runsFrom(pages),
  });
  const look = (untilMs: number, ...groups: AccessGroup[]): Interval => ({
    ...{ untilMs, parentMaps: none, childMaps: none, groups },
  });

  it('keeps every page and loses only the time', () => {
    const looks = [look(1, group(WRITE, 1)), look(2, group(WRITE, 2), group(READ, 9)), look(3, group(WRITE, 4))];
    expect(coarser(looks)).toEqual([look(2, group(WRITE, 1, 2), group(READ, 9)), look(3, group(WRITE, 4))]);
  });

  it('does not join where the order matters', () => {
    const looks = [look(1, group(WRITE, 1)), look(2, group(DONTNEED, 1))];
    expect(coarser(looks)).toEqual(looks);
    const mapped = { ...look(2, group(WRITE, 1)), parentMaps: { ...none, gone: [{ start: 0, end: PAGE }] } };
    expect(coarser([looks[0]!, mapped])).toHaveLength(2);
  });
});

describe('what happened to a page', () => {
  it.each([
    [NONE, ANON, WRITE],
    [NONE, FILE, READ],
    [ZERO, ANON, WRITE],
    [FILE, ANON, WRITE],
    [ANON, NONE, DONTNEED],
    [FILE, NONE, 0],
    [SWAP, ANON, READ],
    [ANON, ZERO, DONTNEED | READ],
    [ANON, ANON, 0],
  ])('from kind %i to kind %i', (before, now, actions) => {
    expect(actionsBetween(before, now)).toBe(actions);
  });

  const PRIVATE = mapping(0, 512);
  const first = Math.floor(BASE / PAGE);

  /** Both sides of one page: the frame that each has (0: none), and whether it is mapped only there. */
  type Seen = readonly [parent: number, child: number, exclusive?: boolean];

  /** Looks at one page as often as there are entries; `pre` is the frame of the parent before the fork. */
  const history = (pre: number, ...seen: Seen[]) => {
    const recorder = createRecorder();
    const comparer = createComparer(createDecoder([[1, 2]]), recorder);
    const block = blockOf(new Map(), first / 512);
    block.parent[0] = pre === 0 ? NONE : ANON;
    block.frame[0] = pre;
    recorder.begin(PRIVATE);
    for (const [i, [parent, child, exclusive = false]] of seen.entries()) {
      const words = (frame: number) =>
        Uint32Array.of(frame, frame === 0 ? 0 : (PRESENT | (exclusive ? EXCLUSIVE : 0)) >>> 0);
      const part = { number: first / 512, index: 0, count: 1, skip: 0, block };
      const both = { ...part, parent: words(parent), child: words(child) };
      if (i === 0) comparer.first(both, PRIVATE, true);
      else comparer.again(both, PRIVATE);
    }
    const did = recorder.end().map(({ proc, action }) => `${proc} ${action}`);
    return { did, atFork: block.atFork[0], counts: comparer.counts };
  };

  it('is nothing while both map the frame of the fork, wherever the kernel moves it', () => {
    expect(history(7, [7, 7], [7, 7], [8, 8])).toMatchObject({ did: [], atFork: ANON });
  });

  it('is a write by the side whose frame changed', () => {
    expect(history(7, [7, 7], [9, 7])).toMatchObject({ did: [`p0 ${WRITE}`], counts: { parentCopied: 1 } });
    expect(history(7, [7, 7], [7, 9])).toMatchObject({ did: [`p1 ${WRITE}`], counts: { childCopied: 1 } });
    expect(history(7, [9, 7])).toMatchObject({ did: [`p0 ${WRITE}`], atFork: ANON, counts: { parentCopied: 1 } });
    expect(history(7, [7, 9])).toMatchObject({ did: [`p1 ${WRITE}`], atFork: ANON, counts: { childCopied: 1 } });
  });

  it('is recorded once, and a third frame later is no news', () => {
    expect(history(7, [7, 7], [9, 7], [10, 7], [10, 11]).did).toEqual([`p0 ${WRITE}`]);
  });

  it('is put down to the parent, and counted, where nothing tells who wrote', () => {
    expect(history(5, [9, 7])).toMatchObject({ did: [`p0 ${WRITE}`], counts: { writerUnknown: 1 } });
  });

  it('is told apart: given back by the child, or new to one side', () => {
    expect(history(7, [7, 0])).toMatchObject({ did: [`p1 ${DONTNEED}`], atFork: ANON, counts: { childDropped: 1 } });
    expect(history(0, [7, 0])).toMatchObject({ did: [`p0 ${WRITE}`], atFork: NONE, counts: { parentNew: 1 } });
    expect(history(0, [0, 7])).toMatchObject({ did: [`p1 ${WRITE}`], atFork: NONE, counts: { childNew: 1 } });
    expect(history(7, [0, 7])).toMatchObject({ did: [`p0 ${DONTNEED}`], atFork: ANON });
    expect(history(7, [7, 7], [7, 0])).toMatchObject({ did: [`p1 ${DONTNEED}`] });
  });

  it('is the zero page, when its frame belongs to the kernel', () => {
    expect(history(0, [1, 0])).toMatchObject({ did: [], atFork: ZERO });
    expect(history(0, [1, 1], [9, 1])).toMatchObject({ atFork: ZERO, counts: { parentNew: 1 } });
  });
});

describe('files', () => {
  const text = (first: number, end: number, offset: number): Mapping =>
    mapping(first, end, { prot: 'r--', fileKey: 'fe:00 1', offset: offset * PAGE, path: '/lib/\u001bx.so' });

  it('are as large as what is mapped of them, and grow', () => {
    const files = createFileTable('basename');
    expect(files.declare([text(0, 4, 0), text(8, 10, 6)])).toEqual([{ op: 'file', file: 'f0-_x.so', size: 8 * PAGE }]);
    expect(files.declare([text(20, 24, 8)])).toEqual([{ op: 'truncate', file: 'f0-_x.so', size: 12 * PAGE }]);
    expect(files.declare([text(20, 22, 0), mapping(0, 1)])).toEqual([]);
  });

  it('lose the pages that fault-around would add by way of another mapping', () => {
    const files = createFileTable('none');
    const [a, b] = [text(0, 8, 0), text(100, 140, 6)];
    files.declare([a, b]);
    const read = (at: Mapping, ...pages: number[]): AccessGroup => ({
      ...{ proc: 'p0', action: READ, mapping: at },
      runs: runsFrom(pages.map((page) => first(at) + page)),
    });
    const first = (at: Mapping): number => at.start / PAGE;
    // File pages 6 and 7 are read through `a`; `b` reads file page 10, so that 6 and 7 would come with it.
    const dropped = aroundFaults([read(a, 6, 7), read(b, 4)], files);
    expect(dropped).toEqual([{ proc: 'p0', action: DONTNEED, mapping: b, runs: [first(b), 2] }]);
    expect(aroundFaults([read(a, 6, 7), read(b, 30)], files)).toEqual([]);
  });
});

describe('the assumption', () => {
  it('adds up to the share, however the pages lie (seeds 1 to 200)', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = createRandom(seed);
      const store = new Map();
      const runs = someRuns(random);
      const block = blockOf(store, BASE / PAGE / 512);
      for (const page of pagesFrom(runs)) block.atFork[page] = ANON;
      const writtenShare = random.pick([0, 0.05, 0.3, 1, 2.5]);
      const ops = assumedOps(store, [mapping(0, 100)], { ...DEFAULT_ASSUMPTION, writtenShare });
      const count = ops.reduce((sum, op) => sum + (op.op === 'touch' ? op.count : Number.NaN), 0);
      expect(count, `seed ${seed}`).toBe(Math.round(pagesIn(runs) * writtenShare));
    }
  });
});
