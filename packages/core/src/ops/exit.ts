/** The end of an address space: everything is unmapped, every table freed. @kernel mm/mmap.c exit_mmap() */
import { unlinkAnonVmas } from '../anon-vma.js';
import { W, type Why, Y } from '../counters.js';
import type { Machine } from '../machine.js';
import type { Space } from '../space.js';
import { removeVma } from '../vma.js';
import { releaseFileIfUnused } from './file.js';
import { freePgtables } from './free-pgtables.js';
import { releasePins } from './gup.js';
import { zapRange } from './zap.js';

/** Unmaps everything; the space keeps its root and may be used again, as exec does. */
export const exitMmap = (m: Machine, space: Space, why: Why): void => {
  m.strategy.exit?.(space);
  zapRange(m, space, 0, m.geometry.taskSize, why);
  const removed = space.vmas.map(({ start, end }) => ({ start, end }));
  freePgtables(m, space, removed, 0, Number.POSITIVE_INFINITY, why);
  for (const vma of [...space.vmas]) {
    unlinkAnonVmas(vma);
    removeVma(space.vmas, vma);
    if (vma.file) releaseFileIfUnused(m, vma.file, Y[why]);
  }
  m.flushAll(space, Y[why]);
};

/** Tears a space down for good. */
export const exitSpace = (m: Machine, space: Space, why: Why): void => {
  exitMmap(m, space, why);
  m.tables.release(space.pgd);
  space.pgd = 0;
  m.spaces[space.id] = null;
  m.tlbs?.delete(space.id);
};

/** A process ends. With the last one go the files that only descriptors kept. */
export const exit = (m: Machine, space: Space): void => {
  m.counters.add(W.exits, Y.exit, 1);
  releasePins(m, space);
  exitSpace(m, space, 'exit');
  m.procs.delete(space.name);
  if (m.procs.size > 0) return;
  for (const file of m.files.values()) {
    file.held = false;
    releaseFileIfUnused(m, file, Y.exit);
  }
};

/** A process starts another program: its address space is gone, its descriptors stay. */
export const exec = (m: Machine, space: Space): void => {
  m.counters.add(W.exits, Y.exit, 1);
  exitMmap(m, space, 'exit');
  space.hasPins = false;
};
