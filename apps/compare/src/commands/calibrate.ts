/** `forklab calibrate`: measures this machine, fits prices, and says how well they predict what they were not fitted to. */
import { resolve } from 'node:path';
import { calibratedList, type FittedOperation, fitOperations, hostVm, type PriceList } from '@forklab/timing';
import Table from 'cli-table3';
import { wholeNumber } from '../args.js';
import { type HostMeasured, measureHost } from '../calibrate/measure-host.js';
import { formatNs, formatShare } from '../format.js';
import { breathe } from '../io.js';
import { writeFileWhole } from '../output.js';
import type { Command } from './command.js';

/** Draws of the bootstrap; the same measurements give the same intervals. */
const SEED = 1;

const TERM_DOCS = {
  base: 'each call',
  vma: 'a VMA more',
  table: 'a table more',
  entry: 'a page more',
  apart: 'a page apart from its neighbours, more',
} as const;

const tableOf = (fitted: readonly FittedOperation[]): string => {
  const table = new Table({
    head: ['', 'price', '95 % interval', 'error, fitted', 'error, held out'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { operation, terms, medianError, heldOutMedianError } of fitted) {
    table.push([operation, '', '', formatShare(medianError), formatShare(heldOutMedianError)]);
    for (const { term, ns, low, high } of terms) {
      table.push([`  ${TERM_DOCS[term]}`, formatNs(ns), `${formatNs(low)} to ${formatNs(high)}`, '', '']);
    }
  }
  return table.toString();
};

const render = (
  { host, shootdownNs, load, measurements }: HostMeasured,
  fitted: readonly FittedOperation[],
): string => {
  const lines = [
    host,
    tableOf(fitted),
    `${measurements.length} measurements; every third was held out, and its error is the median of what its prediction misses.`,
  ];
  if (shootdownNs !== null)
    lines.push(`A flush that another processor must be told of takes ${formatNs(shootdownNs)} more.`);
  if (load > 0.5) {
    lines.push(
      `This machine was busy meanwhile: ${load.toFixed(1)} runnable tasks a processor. Calibrate when it is idle.`,
    );
  }
  return `${lines.join('\n')}\n`;
};

const documentOf = (measured: HostMeasured, fitted: readonly FittedOperation[], list: PriceList): object => ({
  forklab: 'calibration',
  version: 1,
  ...measured,
  operations: fitted,
  list,
});

export const command: Command = {
  name: 'calibrate',
  about: 'Measures fork, faults and unmapping on this machine, and fits prices to what it found.',
  more:
    'Fits by non-negative least squares of relative errors, each operation by itself, with intervals by bootstrap. Every third ' +
    'measurement is kept out of the fit and predicted. What a stock kernel cannot show (sharing and breaking a table) keeps its ' +
    'price and wide range. Needs Linux on x86-64, a C compiler, and a machine that has nothing else to do.',
  args: {
    rounds: { type: 'string', valueHint: 'N', description: 'rounds, of which the median is taken; default 5' },
    mib: { type: 'string', valueHint: 'N', description: 'the largest memory that is measured, in MiB; default 1024' },
    out: { type: 'string', valueHint: 'FILE', description: 'write the price list, for compare --prices FILE' },
    json: { type: 'boolean', description: 'print measurements, fit and list as one JSON document' },
  },
  examples: [
    {
      call: 'forklab calibrate --mib 4096 --out here.json',
      does: 'up to 4 GiB; then forklab compare --prices here.json',
    },
  ],
  async run(args, io) {
    const rounds = wholeNumber('--rounds', args.one('rounds') ?? '5', 1, 1000);
    const mib = wholeNumber('--mib', args.one('mib') ?? '1024', 256, 65_536);
    const { openCosts } = await import('@forklab/linux');
    const costs = await openCosts();
    const onRound = async (round: number): Promise<void> => {
      if (io.errTty) io.err(`\rround ${round + 1} of ${rounds} `);
      await breathe(io);
    };
    try {
      const measured = await measureHost(costs, { rounds, mib, onRound });
      if (io.errTty) io.err('\r\x1b[K');
      const fitted = fitOperations(measured.measurements, SEED);
      const list = calibratedList(hostVm, fitted, measured.host);
      const out = args.one('out');
      if (out !== undefined) await writeFileWhole(resolve(io.cwd, out), `${JSON.stringify(list, null, 2)}\n`);
      await io.out(
        args.has('json') ? `${JSON.stringify(documentOf(measured, fitted, list))}\n` : render(measured, fitted),
      );
    } finally {
      costs.close();
    }
    return 0;
  },
};
