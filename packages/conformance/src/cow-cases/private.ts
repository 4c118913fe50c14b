/** Cases of private mappings of what is not anonymous. @kernel tools/testing/selftests/mm/cow.c */
import { type CowCase, type CowScript, cowCase, NEW, OLD, type Region } from './case.js';

interface Backing {
  readonly name: string;
  /** Maps it in p0 privately, reads it, and maps it a second time, where what it holds can be seen. */
  readonly prepare: (s: CowScript) => { readonly region: Region; readonly other: Region; readonly holds: number };
}

const zeroes = (pages: (s: CowScript) => number, huge: boolean) => (s: CowScript) => {
  const region = { addr: s.base, length: pages(s) };
  const other = { addr: s.base + 2 * s.gib, length: region.length };
  for (const { addr, length } of [region, other]) {
    s.map('p0', addr, length);
    if (huge) s.advise('p0', addr, length, 'hugepage');
    s.read('p0', addr, length);
  }
  return { region, other, holds: 0 };
};

const BACKINGS: readonly Backing[] = [
  { name: 'zero page', prepare: zeroes((s) => s.page, false) },
  { name: 'huge zero page', prepare: zeroes((s) => s.table, true) },
  {
    name: 'memory file',
    prepare(s) {
      const region = { addr: s.base, length: s.page };
      const other = { addr: s.base + 2 * s.gib, length: s.page };
      s.file('f', s.page);
      s.map('p0', other.addr, other.length, { flags: ['shared'], file: 'f' });
      s.fill('p0', other, OLD);
      s.map('p0', region.addr, region.length, { file: 'f' });
      s.read('p0', region.addr, region.length);
      return { region, other, holds: OLD };
    },
  },
];

interface Case {
  readonly id: string;
  readonly about: string;
  /** How memory is pinned before the store. */
  readonly pin: 'slow' | 'fast' | null;
}

const PINNED =
  'A pin for reading is taken of a private mapping; it sees what is stored through the mapping, which alone changes.';

const CASES: readonly Case[] = [
  { id: 'N1', about: 'A store through a private mapping leaves other mappings as they are.', pin: null },
  { id: 'N2', about: PINNED, pin: 'slow' },
  { id: 'N3', about: `${PINNED} It is found without locks.`, pin: 'fast' },
];

export const PRIVATE: readonly CowCase[] = CASES.flatMap(({ id, about, pin }) =>
  BACKINGS.map(({ name, prepare }) =>
    cowCase(`${id} ${name}`, about, (s) => {
      s.process('p0');
      const { region, other, holds } = prepare(s);
      if (pin) s.ops.push({ op: 'pin', proc: 'p0', ...region, longterm: true, how: pin });
      s.fill('p0', region, NEW);
      if (pin) s.holds('p0', region, NEW);
      s.sees('p0', region, NEW);
      s.sees('p0', other, holds);
    }),
  ),
);
