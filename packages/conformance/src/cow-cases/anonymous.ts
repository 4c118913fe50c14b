/** Cases of anonymous memory, each with everything that may back it. @kernel tools/testing/selftests/mm/cow.c */
import { BACKINGS } from './backings.js';
import { type CowCase, type CowScript, cowCase, NEW, OLD, type Region, spliced } from './case.js';

interface Case {
  readonly id: string;
  readonly about: string;
  /** p0 has the region filled with OLD. */
  readonly steps: (s: CowScript, region: Region) => void;
}

const splice = (s: CowScript, proc: string, region: Region): void => {
  const part = spliced(region);
  s.get(proc, part.addr, part.length);
};

const fixedBuffer = (s: CowScript, { addr, length }: Region): void => s.pin('p0', addr, length);

/** A pin for reading that stays. */
const readPin = (s: CowScript, how: 'slow' | 'fast', { addr, length }: Region): void => {
  s.ops.push({ op: 'pin', proc: 'p0', addr, length, longterm: true, how });
};

const CHILD_SPLICES =
  'A child splices pages into a pipe and unmaps them; the parent stores; the pipe keeps what it got.';
const PARENT_SPLICES =
  'The parent splices pages into a pipe and unmaps them; the child stores; the pipe keeps what it got.';

const childSplices = (flips: boolean) => (s: CowScript, region: Region) => {
  s.fork('p0', 'p1');
  splice(s, 'p1', region);
  s.unmap('p1', region.addr, region.length);
  if (flips) s.flip('p0', region);
  s.fill('p0', region, NEW);
  s.holds('p1', spliced(region), OLD);
};

const parentSplices = (before: boolean) => (s: CowScript, region: Region) => {
  if (before) splice(s, 'p0', region);
  s.fork('p0', 'p1');
  if (!before) splice(s, 'p0', region);
  s.unmap('p0', region.addr, region.length);
  s.fill('p1', region, NEW);
  s.holds('p0', spliced(region), OLD);
};

const readPinned = (how: 'slow' | 'fast', shared: 'shared' | 'was shared' | 'exclusive') => {
  return (s: CowScript, region: Region) => {
    if (shared !== 'exclusive') s.fork('p0', 'p1');
    if (shared === 'was shared') s.exit('p1');
    // The selftest has soft-dirty tracking map exclusive pages read-only; here the right to write is gone meanwhile.
    if (shared === 'exclusive') s.protect('p0', region.addr, region.length, 'r--');
    readPin(s, how, region);
    if (shared === 'exclusive') s.protect('p0', region.addr, region.length, 'rw-');
    s.fill('p0', region, NEW);
    s.holds('p0', region, NEW);
  };
};

const READ_PIN = 'A pin for reading is taken of pages that are mapped read-only; it sees what is stored later.';

const CASES: readonly Case[] = [
  {
    id: 'A01',
    about: 'After a fork the parent stores, and the child does not see it.',
    steps(s, region) {
      s.fork('p0', 'p1');
      s.fill('p0', region, NEW);
      s.sees('p1', region, OLD);
    },
  },
  {
    id: 'A02',
    about: 'The same, and the parent has taken the right to write away and given it back.',
    steps(s, region) {
      s.fork('p0', 'p1');
      s.flip('p0', region);
      s.fill('p0', region, NEW);
      s.sees('p1', region, OLD);
    },
  },
  { id: 'A03', about: CHILD_SPLICES, steps: childSplices(false) },
  { id: 'A04', about: `${CHILD_SPLICES} The right to write was away in between.`, steps: childSplices(true) },
  { id: 'A05', about: `${PARENT_SPLICES} It has spliced before the fork.`, steps: parentSplices(true) },
  { id: 'A06', about: `${PARENT_SPLICES} It has spliced after the fork.`, steps: parentSplices(false) },
  {
    id: 'A07',
    about: 'Pages of a fixed buffer lose the right to be written and get it back; the buffer sees what is stored then.',
    steps(s, region) {
      fixedBuffer(s, region);
      s.flip('p0', region);
      s.fill('p0', region, NEW);
      s.holds('p0', region, NEW);
    },
  },
  {
    id: 'A08',
    about:
      'A fork leaves the pages of a fixed buffer to the parent: the buffer sees its stores, and the child does not.',
    steps(s, region) {
      fixedBuffer(s, region);
      s.fork('p0', 'p1');
      s.fill('p0', region, NEW);
      s.holds('p0', region, NEW);
      s.sees('p1', region, OLD);
    },
  },
  { id: 'A09', about: `${READ_PIN} They are shared.`, steps: readPinned('slow', 'shared') },
  { id: 'A10', about: `${READ_PIN} They are shared, and found without locks.`, steps: readPinned('fast', 'shared') },
  { id: 'A11', about: `${READ_PIN} They were shared.`, steps: readPinned('slow', 'was shared') },
  {
    id: 'A12',
    about: `${READ_PIN} They were shared, and are found without locks.`,
    steps: readPinned('fast', 'was shared'),
  },
  { id: 'A13', about: `${READ_PIN} They are exclusive.`, steps: readPinned('slow', 'exclusive') },
  {
    id: 'A14',
    about: `${READ_PIN} They are exclusive, and found without locks.`,
    steps: readPinned('fast', 'exclusive'),
  },
];

export const ANONYMOUS: readonly CowCase[] = CASES.flatMap(({ id, about, steps }) =>
  BACKINGS.map(({ name, prepare }) =>
    cowCase(`${id} ${name}`, about, (s) => {
      s.process('p0');
      steps(s, prepare(s));
    }),
  ),
);
