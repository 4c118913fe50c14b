/** One random operation of each kind: the operation, and what the process has mapped if it succeeds. */

import { type Advice, type MmapFlag, type Op, PAGE_SIZE, type Prot, type TouchPattern } from '@forklab/core';
import type { Draw, Weighted } from './draw.js';
import {
  type Backing,
  changed,
  endOf,
  isCovered,
  isFree,
  type Layout,
  mapped,
  moved,
  type Region,
  unmapped,
  within,
} from './layout.js';
import { drawAddress, drawBeside, drawPages, drawRange } from './places.js';

/** What an operation is drawn from. */
export interface Scene {
  readonly draw: Draw;
  readonly proc: string;
  readonly layout: Layout;
  readonly files: readonly string[];
  readonly advices: readonly Advice[];
  /** A value that no write stored before. */
  readonly nextValue: () => number;
}

/** `layout` is there when the operation changes it. */
export interface Drawn {
  readonly op: Op;
  readonly layout?: Layout;
}

/** Undefined when there is nothing to do it to. */
export type Maker = (scene: Scene) => Drawn | undefined;

const PROTS: Weighted<Prot> = [
  [70, 'rw-'],
  [17, 'r--'],
  [13, '---'],
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

const STRIDES: Weighted<number | undefined> = [
  [30, undefined],
  [3, 2 * PAGE_SIZE],
  [2, 7 * PAGE_SIZE],
  [2, 512 * PAGE_SIZE],
];

const place = ({ draw, layout }: Scene, length: number): { addr: number; fixed: boolean } => {
  const over = draw.chance(15) ? drawRange(draw, layout) : undefined;
  if (over) return { addr: over.addr, fixed: true };
  const beside = draw.chance(25) ? drawBeside(draw, layout, length) : undefined;
  return { addr: beside ?? drawAddress(draw), fixed: draw.chance(5) };
};

export const drawMmap: Maker = (scene) => {
  const { draw, proc, layout } = scene;
  const length = drawPages(draw) * PAGE_SIZE;
  const { addr, fixed } = place(scene, length);
  const prot = draw.weighted(PROTS);
  const wanted = draw.weighted(BACKINGS);
  const file = wanted === 'file' || wanted === 'shared-file' ? draw.pickOr(scene.files) : undefined;
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

export const drawMunmap: Maker = ({ draw, proc, layout }) => {
  const range = drawRange(draw, layout);
  if (!range) return undefined;
  return { op: { op: 'munmap', proc, ...range }, layout: unmapped(layout, range.addr, range.addr + range.length) };
};

export const drawMprotect: Maker = ({ draw, proc, layout }) => {
  const range = drawRange(draw, layout);
  if (!range) return undefined;
  const prot = draw.weighted(PROTS);
  return {
    op: { op: 'mprotect', proc, ...range, prot },
    layout: changed(layout, range.addr, range.addr + range.length, { prot }),
  };
};

const ADVICE_CHANGES: { readonly [advice: string]: Partial<Region> } = {
  dontfork: { dontfork: true },
  dofork: { dontfork: false },
  wipeonfork: { wipeonfork: true },
  keeponfork: { wipeonfork: false },
};

export const drawMadvise: Maker = ({ draw, proc, layout, advices }) => {
  const range = drawRange(draw, layout);
  const advice = draw.pickOr(advices);
  if (!range || advice === undefined) return undefined;
  const op: Op = { op: 'madvise', proc, ...range, advice };
  const change = ADVICE_CHANGES[advice];
  const end = range.addr + range.length;
  const refused = advice === 'wipeonfork' && within(layout, range.addr, end).some((r) => r.backing !== 'anonymous');
  return change === undefined || refused ? { op } : { op, layout: changed(layout, range.addr, end, change) };
};

/** In place: a shrink, or a growth that succeeds when nothing is behind. */
const drawResize: Maker = ({ draw, proc, layout }) => {
  const region = draw.pickOr(layout);
  if (!region) return undefined;
  const oldLength = region.end - region.start;
  const newLength = draw.chance(50)
    ? oldLength + draw.int(1, 600) * PAGE_SIZE
    : draw.int(1, oldLength / PAGE_SIZE) * PAGE_SIZE;
  const op: Op = { op: 'mremap', proc, addr: region.start, oldLength, newLength };
  const end = region.start + newLength;
  if (end <= region.end) return { op, layout: unmapped(layout, end, region.end) };
  return isFree(layout, region.end, end) ? { op, layout: mapped(layout, { ...region, end }) } : { op };
};

type Length = 'same' | 'grow' | 'shrink';
const LENGTHS: Weighted<Length> = [
  [13, 'same'],
  [4, 'grow'],
  [2, 'shrink'],
];

const drawMove: Maker = ({ draw, proc, layout }) => {
  const range = drawRange(draw, layout);
  if (!range) return undefined;
  const { addr, length: oldLength } = range;
  const change = draw.int(1, 64) * PAGE_SIZE;
  const lengths = { same: oldLength, grow: oldLength + change, shrink: Math.max(PAGE_SIZE, oldLength - change) };
  const newLength = lengths[draw.weighted(LENGTHS)];
  // A place at the same page of another table lets the kernel move whole tables.
  const aligned = draw.chance(40);
  const target = draw.chance(85) ? drawAddress(draw) : (drawRange(draw, layout)?.addr ?? drawAddress(draw));
  const table = 512 * PAGE_SIZE;
  const newAddr = aligned ? target - (target % table) + (addr % table) : target;
  const op: Op = { op: 'mremap', proc, addr, oldLength, newLength, newAddr };
  const overlap = newAddr < addr + oldLength && newAddr + newLength > addr;
  const several = within(layout, addr, addr + oldLength).length > 1;
  const fails = overlap || !isCovered(layout, addr, addr + oldLength) || (several && newLength !== oldLength);
  return fails ? { op } : { op, layout: moved(layout, addr, oldLength, newAddr, newLength) };
};

export const drawMremap: Maker = (scene) => (scene.draw.chance(20) ? drawResize(scene) : drawMove(scene));

export const drawMlock: Maker = ({ draw, proc, layout }) => {
  const range = drawRange(draw, layout);
  return range && { op: { op: draw.chance(65) ? 'mlock' : 'munlock', proc, ...range } };
};

/** A range to access; now and then not of what is mapped. */
const drawTarget = (draw: Draw, layout: Layout) =>
  draw.chance(3) ? { addr: drawAddress(draw), length: PAGE_SIZE } : drawRange(draw, layout);

export const drawWrite: Maker = ({ draw, proc, layout, nextValue }) => {
  const range = drawTarget(draw, draw.chance(80) ? layout.filter(({ prot }) => prot[1] === 'w') : layout);
  const stride = draw.weighted(STRIDES);
  return range && { op: { op: 'write', proc, ...range, value: nextValue(), ...(stride ? { stride } : {}) } };
};

export const drawRead: Maker = ({ draw, proc, layout }) => {
  const range = drawTarget(draw, draw.chance(80) ? layout.filter(({ prot }) => prot[0] === 'r') : layout);
  const stride = draw.weighted(STRIDES);
  return range && { op: { op: 'read', proc, ...range, ...(stride ? { stride } : {}) } };
};

export const drawDigest: Maker = ({ draw, proc, layout }) => {
  const range = drawTarget(draw, layout);
  return range && { op: { op: 'digest', proc, ...range } };
};

export const drawTouch: Maker = ({ draw, proc, layout, nextValue }) => {
  const range = drawTarget(draw, layout);
  if (!range) return undefined;
  const pattern = draw.pick<TouchPattern>(['uniform', 'zipf', 'sequential']);
  const theta = pattern === 'zipf' ? { theta: draw.int(5, 15) / 10 } : {};
  const write = draw.chance(60) ? { write: true, value: nextValue() } : {};
  const count = draw.int(1, 200);
  return { op: { op: 'touch', proc, ...range, pattern, ...theta, count, seed: draw.int(0, 2 ** 31 - 1), ...write } };
};
