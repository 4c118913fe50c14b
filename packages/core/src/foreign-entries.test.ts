import { expect, it } from 'vitest';
import { copyEntries } from './copy-entries.js';
import { Y } from './counters.js';
import { createMachine } from './machine.js';
import { PTE_LEVEL } from './page-table.js';
import { entryHi, entryLo, entryPfn, GUARD, isMarker, isPresent, isSwap, MARKER, SWAP, SWP_EXCLUSIVE } from './pte.js';
import type { StrategyPlugin } from './strategy.js';
import { recountTable } from './tally.js';
import { zapEntries } from './zap-entries.js';

// No process runs in this machine, so nothing is ever asked of it.
const nothing: StrategyPlugin = {
  api: 1,
  name: 'nothing',
  models: { title: 'a machine without a process', where: 'here' },
  traits: { shares: 'nothing', charges: 'owner', shootdown: 'own', hosts: [], keepsPins: true, unmodelled: [] },
  setup: () => ({
    copyPteRange: () => 'already',
    fault: () => 'continue',
    zap: () => 'continue',
    touch: () => 'private',
  }),
};

it('copies and removes swap entries and markers, and counts them', () => {
  const m = createMachine({ strategies: [nothing] });
  const src = m.tables.alloc(PTE_LEVEL);
  const dst = m.tables.alloc(PTE_LEVEL);
  const slot = m.swap.alloc(7);
  const words = m.tables.words(src);
  words[4] = entryLo(slot, SWAP | SWP_EXCLUSIVE);
  words[5] = entryHi(slot, 0);
  words[8] = MARKER | GUARD;
  m.book(src, 0, 0, 2);
  m.bookForeign(src, 1, 2);

  const rights = { cow: true, protectSource: true, copyPinned: false, writable: true, keepWp: false };
  expect(copyEntries(m, src, dst, 0, m.geometry.entries, rights, Y.fork)).toBe(2);
  const copy = m.tables.words(dst);
  expect([isSwap(copy[4]!), isPresent(copy[4]!), isMarker(copy[8]!), copy[8]! & GUARD]).toEqual([
    true,
    false,
    true,
    GUARD,
  ]);
  expect(entryPfn(copy[4]!, copy[5]!)).toBe(slot);
  expect([words[4]! & SWP_EXCLUSIVE, copy[4]! & SWP_EXCLUSIVE]).toEqual([0, 0]);
  expect(m.swap.count(slot)).toBe(2);
  expect(recountTable(copy, m.frames)).toEqual({ anon: 0, file: 0, swap: 1, foreign: 2, used: 2 });
  expect([m.tables.swap[dst], m.tables.foreign[dst]]).toEqual([1, 2]);

  zapEntries(m, src, 0, m.geometry.entries, Y.munmap);
  zapEntries(m, dst, 0, m.geometry.entries, Y.munmap);
  expect(m.swap.live).toBe(0);
  expect([m.tables.foreign[src], m.tables.used[dst], m.tables.swap[dst]]).toEqual([0, 0, 0]);
});
