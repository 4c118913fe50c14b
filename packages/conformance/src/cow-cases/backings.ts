/** What backs the memory of a case: small pages or large ones, whole or in parts, in memory or in swap. */
import { type CowScript, OLD, type Region } from './case.js';

export interface Backing {
  readonly name: string;
  /** Maps and fills memory of p0; answers the part that the case is about. */
  readonly prepare: (s: CowScript) => Region;
}

const basePage = (s: CowScript): Region => {
  const region = { addr: s.base, length: s.page };
  s.map('p0', region.addr, region.length);
  s.fill('p0', region, OLD);
  return region;
};

/** A large page mapped by one entry. */
const large = (s: CowScript): Region => {
  const region = { addr: s.base, length: s.table };
  s.map('p0', region.addr, region.length);
  s.advise('p0', region.addr, region.length, 'hugepage');
  s.fill('p0', region, OLD);
  return region;
};

/** A large page that a table maps page by page, since one of them had other rights for a while. */
const inParts = (s: CowScript): Region => {
  const region = large(s);
  s.flip('p0', { addr: region.addr + s.page, length: s.page });
  return region;
};

/** Of which one page is left. */
const onePart = (s: CowScript): Region => {
  const { addr, length } = inParts(s);
  s.advise('p0', addr + s.page, length - s.page, 'dontneed');
  return { addr, length: s.page };
};

/** Half of which has moved elsewhere. */
const halfMoved = (s: CowScript): Region => {
  const { addr, length } = inParts(s);
  const half = length / 2;
  s.remap('p0', addr + half, half, half, addr + s.gib + half);
  return { addr, length: half };
};

/** All but one page of which an earlier child did not get. */
const partlyShared = (s: CowScript): Region => {
  const region = inParts(s);
  const [addr, length] = [region.addr + s.page, region.length - s.page];
  s.advise('p0', addr, length, 'dontfork');
  s.fork('p0', 'earlier');
  s.exit('earlier');
  s.advise('p0', addr, length, 'dofork');
  return region;
};

const swapped = (name: string, prepare: (s: CowScript) => Region): Backing => ({
  name,
  prepare(s) {
    const region = prepare(s);
    s.ops.push({ op: 'swapout', proc: 'p0', ...region });
    return region;
  },
});

export const BACKINGS: readonly Backing[] = [
  { name: 'base page', prepare: basePage },
  swapped('base page in swap', basePage),
  { name: 'large page', prepare: large },
  swapped('large page in swap', large),
  { name: 'large page in parts', prepare: inParts },
  swapped('large page in parts in swap', inParts),
  { name: 'one part of a large page', prepare: onePart },
  swapped('one part of a large page in swap', onePart),
  { name: 'half of a large page', prepare: halfMoved },
  { name: 'large page partly shared before', prepare: partlyShared },
];
