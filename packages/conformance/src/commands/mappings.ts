/** mmap, munmap, mprotect and truncate. */
import { type MmapFlag, PAGE_SIZE } from '@forklab/core';
import fc from 'fast-check';
import { arbProt, arbTarget, arbWho } from './draws.js';
import { arbPlace, placeOf, type Range } from './pool.js';
import { type Command, command, procOf, targetOf, type World } from './world.js';

type Kind = 'anonymous' | 'shared-anonymous' | 'file' | 'shared-file';

const arbMmapDraw = fc.record({
  who: arbWho,
  place: arbPlace,
  kind: fc.constantFrom<Kind>(
    'anonymous',
    'anonymous',
    'anonymous',
    'anonymous',
    'shared-anonymous',
    'file',
    'shared-file',
    'shared-file',
  ),
  prot: arbProt,
  fixed: fc.boolean(),
  populate: fc.constantFrom(false, false, false, true),
  noreserve: fc.constantFrom(false, false, false, false, false, true),
  growsdown: fc.constantFrom(false, false, false, true),
  file: fc.nat(1),
  /** Where the file begins: at its start, at the same offset into a table as the address, or pages into it. */
  offset: fc.oneof(fc.constant('start' as const), fc.constant('congruent' as const), fc.nat(4)),
});

const fileFields = (world: World, { addr }: Range, file: number, offset: number | 'start' | 'congruent') => {
  const names = [...world.oracle.files.keys()];
  const bytes =
    offset === 'start' ? 0 : offset === 'congruent' ? addr % world.pool.geometry.slotBytes : offset * PAGE_SIZE;
  return { file: names[file % names.length] as string, offset: bytes };
};

export const arbMmap: fc.Arbitrary<Command> = arbMmapDraw.map((draw) =>
  command('mmap', draw, (world) => {
    const range = placeOf(world.pool, draw.place);
    const flags: MmapFlag[] = [draw.kind.startsWith('shared') ? 'shared' : 'private'];
    const anonymous = draw.kind.endsWith('anonymous');
    if (anonymous) flags.push('anonymous');
    if (draw.fixed) flags.push('fixed');
    if (draw.populate) flags.push('populate');
    if (draw.noreserve) flags.push('noreserve');
    if (draw.growsdown && draw.kind === 'anonymous') flags.push('growsdown');
    const proc = procOf(world, draw.who).name;
    const file = anonymous ? {} : fileFields(world, range, draw.file, draw.offset);
    return { op: 'mmap', proc, ...range, prot: draw.prot, flags, ...file };
  }),
);

export const arbMunmap: fc.Arbitrary<Command> = arbTarget.map((draw) =>
  command('munmap', draw, (world) => {
    const found = targetOf(world, draw);
    return found && { op: 'munmap', proc: found.proc, addr: found.addr, length: found.length };
  }),
);

export const arbMprotect: fc.Arbitrary<Command> = fc.record({ target: arbTarget, prot: arbProt }).map((draw) =>
  command('mprotect', draw, (world) => {
    const found = targetOf(world, draw.target);
    return found && { op: 'mprotect', proc: found.proc, addr: found.addr, length: found.length, prot: draw.prot };
  }),
);

export const arbTruncate: fc.Arbitrary<Command> = fc
  .record({ file: fc.nat(1), pages: fc.nat(8), tail: fc.constantFrom(0, 0, 2, 100) })
  .map((draw) =>
    command('truncate', draw, (world) => {
      const names = [...world.oracle.files.keys()];
      // From either end: a few pages left, or all but a few of the size that the file began with.
      const k = draw.file % names.length;
      const full = world.pool.fileSizes[k] as number;
      const bytes = draw.pages * PAGE_SIZE + draw.tail;
      return {
        op: 'truncate',
        file: names[k] as string,
        size: draw.pages % 2 === 0 ? bytes : Math.max(0, full - bytes),
      };
    }),
  );
