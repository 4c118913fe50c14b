/** Random traces for holding a model against the kernel. */

import type { Trace } from '@forklab/core';
import { AREA_NAMES, type Area } from './random/areas.js';
import { createDraw, type Weighted } from './random/draw.js';
import { accesses } from './random/families/accesses.js';
import { madvise, mlock } from './random/families/advice.js';
import { errors } from './random/families/errors.js';
import { files, firstFiles } from './random/families/files.js';
import { guard } from './random/families/guard.js';
import { heap } from './random/families/heap.js';
import { thp } from './random/families/huge.js';
import { large } from './random/families/large.js';
import { launch } from './random/families/launch.js';
import { drawMmap, mappings } from './random/families/mappings.js';
import { mremap } from './random/families/mremap.js';
import { pins } from './random/families/pins.js';
import { processes } from './random/families/processes.js';
import { free, swap } from './random/families/reclaim.js';
import { stacks } from './random/families/stacks.js';
import { uffd } from './random/families/uffd.js';
import type { Family, Maker } from './random/family.js';
import { World } from './random/world.js';

/** What kind of trace. */
export interface RandomTraceOptions {
  /** Any whole number below 2^32. The same options give the same trace. */
  readonly seed: number;
  /** What it is made of, besides `memory`, which it always has. Default: everything. */
  readonly areas?: readonly Area[];
  /** Random operations, besides the first process, its files, samples, and what is written and read at the end. Default 40. */
  readonly operations?: number;
  /** At most so many processes in all. Default: two to twelve, drawn. */
  readonly processes?: number;
  /** Default `random-SEED`. */
  readonly name?: string;
  /** Percent of operations that a sample follows. Default 45. There is one at the end in any case. */
  readonly samples?: number;
}

/** All that there are. A new area is a file in `random/families/` and a row here. */
const FAMILIES: readonly Family[] = [
  ...[mappings, accesses, processes, files, mremap, madvise],
  ...[mlock, large, errors, pins, heap, stacks, launch, guard, free, swap, thp, uffd],
];

/** How likely an operation is when its area is one of few: several times what it is among all of them. */
const FOCUS = 4;
const FEW_AREAS = 3;

/** What traces of every area are made of. */
const COMMON: ReadonlySet<Area> = new Set(['memory', 'processes']);

const makersOf = (areas: ReadonlySet<Area>): Weighted<Maker> => {
  const chosen = FAMILIES.filter(({ area }) => areas.has(area));
  const special = [...areas].filter((area) => !COMMON.has(area)).length;
  const focus = special <= FEW_AREAS ? FOCUS : 1;
  return chosen.flatMap(({ area, makers }) =>
    makers.map(([weight, make]) => [COMMON.has(area) ? weight : weight * focus, make] as const),
  );
};

/** False when this maker had nothing to act on. */
const add = (world: World, make: Maker): boolean => {
  const proc = world.drawProc();
  const layout = world.layouts.get(proc)!;
  const drawn = make({ world, draw: world.draw, proc, layout });
  if (drawn === undefined) return false;
  world.ops.push(drawn.op);
  if (drawn.layout) world.layouts.set(proc, drawn.layout);
  return true;
};

/**
 * A trace of random operations: most of them succeed, some fail or fault, and at the end what can be written is, and all that can be read.
 * The same options give the same trace.
 */
export const randomTrace = (options: RandomTraceOptions): Trace => {
  const { seed, operations = 40, name = `random-${seed}`, samples = 45 } = options;
  const areas: ReadonlySet<Area> = new Set(['memory', ...(options.areas ?? AREA_NAMES)]);
  const draw = createDraw(seed);
  const processesMax = options.processes ?? draw.int(2, 12);
  const world = new World(draw, areas, processesMax);
  world.ops.push({ op: 'process', proc: world.newProc([]) });
  if (areas.has('files')) world.ops.push(...firstFiles(world));
  const makers = makersOf(areas);
  for (let done = 0; done < operations; ) {
    // There is nothing to access yet in the beginning, and mmap is always possible.
    if (!add(world, done === 0 ? drawMmap : draw.weighted(makers))) continue;
    done++;
    if (draw.chance(samples)) world.sample();
  }
  world.sample();
  world.writeAll();
  world.readAll();
  world.sample();
  const source = { generator: 'randomTrace', seed, operations, processes: processesMax, areas: [...areas] };
  const thp = areas.has('thp') ? ({ thp: 'madvise' } as const) : {};
  return { header: { forklab: 'trace', version: 1, name, ...thp, source }, ops: world.ops };
};
