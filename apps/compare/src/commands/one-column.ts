/** What the commands that run single strategies have in common. */

import type { KernelRelease, MachineOptions, Trace } from '@forklab/core';
import { type Args, oneWord } from '../args.js';
import { readInput } from '../inputs.js';
import type { Io } from '../io.js';
import { type Column, resolveColumns } from '../resolve.js';
import { parseStrategy } from '../spec.js';

/** The strategy named on the command line. */
export const columnOf = async (name: string, io: Io): Promise<Column> => {
  const [column] = await resolveColumns([{ entry: parseStrategy(name), dir: io.cwd }]);
  return column!;
};

/** `--kernel` and `--check` as options of a machine. */
export const machineArgs = (args: Args): Pick<MachineOptions, 'kernel' | 'check'> => {
  const kernel = args.one('kernel');
  return {
    ...(kernel === undefined ? {} : { kernel: oneWord<KernelRelease>('--kernel', kernel, ['6.18', '6.1']) }),
    check: args.has('check'),
  };
};

/** A trace, or what a workload makes. */
export const traceAt = async (named: string, io: Io): Promise<Trace> => (await readInput(named, io.cwd)).trace;
