/** The end of an address space: everything is unmapped, every table freed. @kernel mm/mmap.c exit_mmap() */
import { unlinkAnonVmas } from '../anon-vma.js';
import { W, type Why, Y } from '../counters.js';
import { PAGE_SIZE } from '../geometry.js';
import type { Machine } from '../machine.js';
import type { Space } from '../space.js';
import { removeVma } from '../vma.js';
import type { Errno } from './errno.js';
import { releaseFileIfUnused } from './file.js';
import { freePgtables } from './free-pgtables.js';
import { releasePins } from './pin.js';
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
  if (m.asPosted) checkCounters(m, space);
  m.tables.release(space.pgd);
  space.pgd = 0;
  m.spaces[space.id] = null;
  m.tlbs?.delete(space.id);
};

/** Is a process of this space a vfork child, whose parent waits? */
const borrowed = (m: Machine, space: Space): boolean => {
  let processes = 0;
  for (const other of m.procs.values()) if (other === space) processes++;
  return processes > 1;
};

/** What a kernel says of counters that are not zero in the end. @kernel kernel/fork.c check_mm() */
const checkCounters = (m: Machine, space: Space): void => {
  const { name, rssAnon, rssShmem, swapEnts, tables } = space;
  const rss = { MM_ANONPAGES: rssAnon, MM_SHMEMPAGES: rssShmem, MM_SWAPENTS: swapEnts };
  for (const [type, value] of Object.entries(rss)) {
    if (value !== 0) m.suffer('counters-end-at-zero', `${name}: bad rss-counter, ${type} ${value}`);
  }
  if (tables !== 0) m.suffer('counters-end-at-zero', `${name}: non-zero pgtables_bytes, ${tables * PAGE_SIZE}`);
};

/** A process ends. With the last one go the files that only descriptors kept. */
export const exit = (m: Machine, name: string): void => {
  const space = m.proc(name);
  releasePins(m, space, name);
  // What was borrowed stays with its owner: only a task ends.
  if (borrowed(m, space)) m.syscall('exit');
  else {
    m.counters.add(W.exits, Y.exit, 1);
    exitSpace(m, space, 'exit');
  }
  m.procs.delete(name);
  if (m.procs.size > 0) return;
  for (const file of m.files.values()) {
    file.held = false;
    releaseFileIfUnused(m, file, Y.exit);
  }
};

/** A vfork child gets an address space of its own, and its parent runs on. */
const leaveBorrowed = (m: Machine, space: Space, name: string): Errno => {
  const fresh = m.newSpace(name, 'mm');
  if (fresh === null) {
    m.counters.add(W.ooms, Y.exit, 1);
    return 'ENOMEM';
  }
  m.syscall('exit');
  releasePins(m, space, name);
  m.procs.set(name, fresh);
  return 0;
};

/**
 * A process starts another program: an empty address space, and the end of its pins, whose descriptors close on exec.
 * @kernel fs/exec.c exec_mmap(), io_uring/io_uring.c io_uring_install_fd()
 */
export const exec = (m: Machine, name: string): Errno => {
  const space = m.proc(name);
  if (borrowed(m, space)) return leaveBorrowed(m, space, name);
  m.counters.add(W.exits, Y.exit, 1);
  releasePins(m, space, name);
  exitMmap(m, space, 'exit');
  space.hasPins = false;
  space.hasHeld = false;
  space.heap = null;
  return 0;
};
