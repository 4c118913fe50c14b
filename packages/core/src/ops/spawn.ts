/** Processes that begin without a copy of anybody's memory. @kernel kernel/fork.c copy_mm(), release 6.18 */
import { W, Y } from '../counters.js';
import type { Machine } from '../machine.js';
import type { Errno } from './errno.js';

/**
 * CLONE_VM and CLONE_VFORK: one mm under two names, until the child exits or executes another program. Until then the
 * parent waits, so a trace does not name it; whoever reads the trace has checked that.
 */
export const vfork = (m: Machine, parent: string, child: string): Errno => {
  m.counters.add(W.vforks, Y.fork, 1);
  m.procs.set(child, m.proc(parent));
  return 0;
};

/** An empty process that somebody outside of it builds up. */
export const spawn = (m: Machine, child: string): Errno => {
  const space = m.newSpace(child, 'mm');
  if (space === null) {
    m.counters.add(W.ooms, Y.fork, 1);
    return 'ENOMEM';
  }
  m.counters.add(W.spawns, Y.fork, 1);
  m.procs.set(child, space);
  return 0;
};
