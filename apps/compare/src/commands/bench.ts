/** `forklab bench`: how fast the engine is, beside the kernel that it models and the same loop in C. */
import Table from 'cli-table3';
import { wholeNumber } from '../args.js';
import type { BenchResult } from '../bench/bench.js';
import { formatFactor } from '../format.js';
import { breathe } from '../io.js';
import type { Command } from './command.js';

const figure = (n: number | null): string => (n === null ? '-' : n >= 1000 ? String(Math.round(n)) : n.toPrecision(3));

const times = (n: number | null, engine: number): string => (n === null ? '-' : `1/${formatFactor(n / engine)}`);

const render = (result: BenchResult): string => {
  const table = new Table({
    head: ['', 'unit', 'engine', 'kernel', 'of kernel', 'C loop', 'x C loop'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { what, unit, engine, kernel, loop } of result.rows) {
    const ratio = loop === null ? '-' : formatFactor(engine / loop);
    table.push([what, unit, figure(engine), figure(kernel), times(kernel, engine), figure(loop), ratio]);
  }
  const lines = [
    table.toString(),
    `${result.mib} MiB in ${result.pages} pages; medians of ${result.rounds} interleaved rounds.`,
    `Engine memory: ${result.bytesPerPage.toFixed(2)} bytes a resident page, page-table entry included.`,
  ];
  if (result.withoutKernel) lines.push(`Without the kernel: ${result.withoutKernel}.`);
  return `${lines.join('\n')}\n`;
};

export const command: Command = {
  name: 'bench',
  about: 'Measures the engine beside the kernel of this machine and the same loop in C, interleaved in one run.',
  more: 'Machines are noisy: quote the ratios, not the nanoseconds. Without a C compiler only the engine is measured.',
  args: {
    rounds: { type: 'string', valueHint: 'N', description: 'rounds, of which the median is shown; default 9' },
    mib: { type: 'string', valueHint: 'N', description: 'MiB that is forked, even; default 1024' },
    json: { type: 'boolean', description: 'print the figures as JSON' },
  },
  examples: [
    { call: 'forklab bench', does: 'fork and exit of 1 GiB, first touch, copying and reusing writes, munmap' },
  ],
  async run(args, io) {
    const rounds = wholeNumber('--rounds', args.one('rounds') ?? '9', 1, 1000);
    const mib = wholeNumber('--mib', args.one('mib') ?? '1024', 1, 16384);
    const { bench } = await import('../bench/bench.js');
    const onRound = async (round: number): Promise<void> => {
      if (io.errTty) io.err(`\rround ${round + 1} of ${rounds} `);
      await breathe(io);
    };
    const result = await bench({ rounds, mib: mib + (mib % 2), onRound });
    if (io.errTty) io.err('\r\x1b[K');
    await io.out(
      args.has('json') ? `${JSON.stringify({ forklab: 'bench', version: 1, ...result })}\n` : render(result),
    );
    return 0;
  },
};
