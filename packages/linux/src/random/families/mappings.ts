/** mmap, munmap and mprotect. */

import { type MmapFlag, type Op, PAGE_SIZE, type Prot } from '@forklab/core';
import type { Weighted } from '../draw.js';
import type { Family, Maker, Scene } from '../family.js';
import { type Backing, changed, endOf, isFree, mapped, type Region, unmapped } from '../layout.js';
import { drawAddress, drawBeside, drawPages } from '../places.js';

const PROTS: Weighted<Prot> = [
  [70, 'rw-'],
  [17, 'r--'],
  [13, '---'],
  [2, 'rwx'],
  [1, '-w-'],
];

const BACKINGS: Weighted<Backing> = [
  [62, 'anonymous'],
  [12, 'shared'],
  [15, 'file'],
  [11, 'shared-file'],
];

const OFFSETS: Weighted<number> = [
  [12, 0],
  [5, 3 * PAGE_SIZE],
  [5, 100 * PAGE_SIZE],
  [5, 512 * PAGE_SIZE],
  [1, 1000],
];

const place = ({ world, draw, layout }: Scene, length: number): { addr: number; fixed: boolean } => {
  const over = draw.chance(15) ? world.drawRange(layout) : undefined;
  if (over) return { addr: over.addr, fixed: true };
  const beside = draw.chance(25) ? drawBeside(draw, layout, length) : undefined;
  return { addr: beside ?? drawAddress(draw), fixed: draw.chance(5) };
};

export const drawMmap: Maker = (scene) => {
  const { world, draw, proc, layout } = scene;
  const length = drawPages(draw) * PAGE_SIZE;
  const { addr, fixed } = place(scene, length);
  const prot = draw.weighted(PROTS);
  const wanted = draw.weighted(BACKINGS);
  const file = wanted === 'file' || wanted === 'shared-file' ? draw.pickOr(world.files) : undefined;
  const shared = wanted === 'shared' || wanted === 'shared-file';
  const backing: Backing = file === undefined ? (shared ? 'shared' : 'anonymous') : wanted;
  const flags: MmapFlag[] = [shared ? 'shared' : 'private'];
  if (file === undefined) flags.push('anonymous');
  if (fixed) flags.push('fixed');
  if (draw.chance(6)) flags.push('populate');
  if (draw.chance(2)) flags.push('noreserve');
  const offset = draw.weighted(OFFSETS);
  const op: Op = { op: 'mmap', proc, addr, length, prot, flags, ...(file === undefined ? {} : { file, offset }) };
  const end = endOf(addr, length);
  const fails = (file !== undefined && offset % PAGE_SIZE !== 0) || (!fixed && !isFree(layout, addr, end));
  const region: Region = { start: addr, end, prot, backing, dontfork: false, wipeonfork: false };
  return fails ? { op } : { op, layout: mapped(layout, region) };
};

const GAP_PAGES_MAX = 1024;

/** What fits exactly between two that are mapped, and is like the lower one: the three may become one. */
const drawFilling: Maker = ({ draw, proc, layout }) => {
  const gaps = layout.filter(({ end, large, backing }, k) => {
    const next = layout[k + 1];
    const gap = next ? next.start - end : 0;
    return gap > 0 && gap <= GAP_PAGES_MAX * PAGE_SIZE && !large && backing === 'anonymous';
  });
  const below = draw.pickOr(gaps);
  if (below === undefined) return undefined;
  const above = layout[layout.indexOf(below) + 1]!;
  const length = above.start - below.end;
  const { prot } = below;
  return {
    op: { op: 'mmap', proc, addr: below.end, length, prot, flags: ['private', 'anonymous'] },
    layout: mapped(layout, { ...below, start: below.end, end: above.start, dontfork: false, wipeonfork: false }),
  };
};

const drawMunmap: Maker = ({ world, proc, layout }) => {
  const range = world.drawRange(layout);
  if (!range) return undefined;
  return { op: { op: 'munmap', proc, ...range }, layout: unmapped(layout, range.addr, range.addr + range.length) };
};

/** Half of the time what lost its rights gets them back, since that is where present pages change. */
const drawMprotect: Maker = ({ world, draw, proc, layout }) => {
  const back = draw.chance(50) ? layout.filter(({ prot }) => prot !== 'rw-') : [];
  const range = world.drawRange(back.length > 0 ? back : layout);
  if (!range) return undefined;
  const prot = back.length > 0 ? 'rw-' : draw.weighted(PROTS);
  return {
    op: { op: 'mprotect', proc, ...range, prot },
    layout: changed(layout, range.addr, range.addr + range.length, { prot }),
  };
};

export const mappings: Family = {
  area: 'memory',
  makers: [
    [130, drawMmap],
    [30, drawFilling],
    [70, drawMprotect],
    [55, drawMunmap],
  ],
};
