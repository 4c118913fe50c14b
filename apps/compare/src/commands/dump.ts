/** `forklab dump`: the page tables of a process after a step. */
import { createRunner, dumpSpace, ForklabError } from '@forklab/core';
import { wholeNumber } from '../args.js';
import { type Command, KERNEL_ARG, STRATEGY_ARG } from './command.js';
import { columnOf, machineArgs, traceAt } from './one-column.js';

export const command: Command = {
  name: 'dump',
  about: 'Prints VMAs and page tables, one line each, as they are after a step of a trace.',
  more:
    'Marks of entries: . none, 0 zero page, W and r a page that this table alone maps (writable, read-only), s one that ' +
    'other tables map too, F and f a page of a file, n PROT_NONE. "sx12" stands for twelve s.',
  args: {
    TRACE: { type: 'positional', description: 'a trace (.jsonl or .jsonl.gz), or a workload (forklab workloads)' },
    step: {
      type: 'string',
      valueHint: 'N',
      description: 'stop after this line of the trace (the header is 0); default: the last',
    },
    proc: { type: 'string', valueHint: 'NAME', description: 'a process; default: all that live' },
    strategy: STRATEGY_ARG,
    kernel: KERNEL_ARG,
  },
  examples: [
    {
      call: 'forklab dump trace.jsonl --strategy cow-pte --step 4',
      does: 'shows the shared tables right after the fork on line 4',
    },
  ],
  async run(args, io) {
    const [path] = args.positionals;
    if (path === undefined) {
      throw new ForklabError('FL1004', {
        command: 'dump',
        problem: 'it needs a trace',
        usage: 'forklab dump TRACE --step N',
      });
    }
    const trace = await traceAt(path, io);
    const last = trace.ops.length;
    const until = args.one('step') === undefined ? last : wholeNumber('--step', args.one('step')!, 1, last);
    const column = await columnOf(args.one('strategy') ?? 'classic', io);
    const runner = createRunner(trace, { strategies: column.plugins, ...machineArgs(args) });
    for (let i = 0; i < until && runner.next(); i++);
    const { machine } = runner;
    const wanted = args.one('proc');
    const names = [...machine.procs.keys()];
    if (wanted !== undefined && !names.includes(wanted)) {
      const expected = `a process that lives after line ${until}: ${names.join(', ') || 'there is none'}`;
      throw new ForklabError('FL1003', { option: '--proc', arrived: wanted, expected });
    }
    await io.out(`after line ${until}: ${JSON.stringify(trace.ops[until - 1])}\n`);
    for (const name of wanted === undefined ? names : [wanted]) await io.out(`${dumpSpace(machine, name)}\n`);
    return 0;
  },
};
