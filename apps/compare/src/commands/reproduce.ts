/** `forklab reproduce`: published tables beside ours, with the difference and why. */
import { ForklabError, nearest, plain } from '@forklab/core';
import { epyc7302p } from '@forklab/timing';
import Table from 'cli-table3';
import { breathe, type Io } from '../io.js';
import { fold } from '../reporters/terminal.js';
import { type Experiment, type Outcome, outcomeOf, type Row, type Tools } from '../reproduce/experiment.js';
import { EXPERIMENTS, NOT_REPRODUCED } from '../reproduce/experiments.js';
import { run } from '../reproduce/run.js';
import type { Command } from './command.js';
import { columnOf } from './one-column.js';

interface Reproduced {
  readonly experiment: Experiment;
  readonly rows: readonly (Row & { readonly outcome: Outcome })[];
}

const toolsOf = async (io: Io): Promise<Tools> => {
  const plugins = async (name: string) => (await columnOf(name, io)).plugins;
  return {
    classic: await plugins('classic'),
    cowPte: await plugins('cow-pte'),
    ondemandFork: await plugins('ondemand-fork'),
    mshare: await plugins('mshare'),
    run,
  };
};

const chosen = (names: readonly string[]): readonly Experiment[] => {
  if (names.length === 0) return EXPERIMENTS;
  const known = EXPERIMENTS.map(({ name }) => name);
  return names.map((name) => {
    const found = EXPERIMENTS.find((each) => each.name === name);
    if (found) return found;
    throw new ForklabError('FL1015', { arrived: name, guess: nearest(name, known), known });
  });
};

const figure = (n: number): string =>
  Number.isInteger(n) ? n.toLocaleString('en-US') : String(Number(n.toPrecision(3)));

const difference = ({ published, ours }: Row): string => {
  if (published === ours) return '0';
  if (published === 0) return figure(ours);
  const share = ours / published - 1;
  return `${share > 0 ? '+' : ''}${Number((share * 100).toPrecision(2))} %`;
};

const rangeOf = ({ low, high }: Row): string => (low === high ? '' : `${figure(low)} to ${figure(high)}`);

const render = ({ experiment, rows }: Reproduced, width: number): string => {
  const table = new Table({
    head: ['', 'published', 'ours', 'our range', 'difference', ''],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) {
    const unit = row.unit === '' ? '' : `, ${row.unit}`;
    const values = [figure(row.published), figure(row.ours), rangeOf(row), difference(row), row.outcome];
    table.push([`${row.what}${unit}`, ...values]);
  }
  const reasons = new Set(rows.flatMap(({ why, outcome }) => (why && outcome !== 'same' ? [why] : [])));
  const said = [...reasons].map((why) => fold(plain(`Why it differs: ${why}.`, 8000), width));
  const head = [`${experiment.name}: ${experiment.title}`, `Source: ${experiment.source}`, experiment.about];
  return `\n${[...head.map((line) => fold(line, width)), table.toString(), ...said].join('\n')}\n`;
};

const documentOf = (all: readonly Reproduced[]): object => ({
  forklab: 'reproduction',
  version: 1,
  prices: epyc7302p.name,
  notReproduced: NOT_REPRODUCED,
  experiments: all.map(({ experiment: { name, title, source, about }, rows }) => ({
    name,
    title,
    source,
    about,
    rows,
  })),
});

const closing = (all: readonly Reproduced[]): string => {
  const left = Object.entries(NOT_REPRODUCED);
  const count = (outcome: Outcome): number =>
    all.flatMap(({ rows }) => rows).filter((r) => r.outcome === outcome).length;
  return (
    `\n${count('same')} counts the same, ${count('within')} values within range, ${count('same direction')} in the same ` +
    `direction, ${count('outside')} outside our range, ${count('wrong')} wrong. Times are priced by ${epyc7302p.name}.\n` +
    `Not reproduced:\n${left.map(([what, why]) => `  ${what}: ${why}\n`).join('')}`
  );
};

export const command: Command = {
  name: 'reproduce',
  about: 'Prints published tables beside ours: value, difference, and why it differs.',
  more:
    'A count that follows from the geometry must be the same. A time must lie within the range of the price list epyc-7302p, which ' +
    'is fitted from the paper itself; where it does not, the row says outside. A ratio must point in the same direction, also where ' +
    'the published result is that nothing changes. Exit status 1: a count or a direction is wrong.',
  args: {
    'NAME…': { type: 'positional', description: `${EXPERIMENTS.map(({ name }) => name).join(', ')}; default: all` },
    json: { type: 'boolean', description: 'print one JSON document' },
  },
  examples: [
    { call: 'forklab reproduce', does: 'every table' },
    { call: 'forklab reproduce meminfo fork-latency', does: 'two of them' },
  ],
  async run(args, io) {
    const tools = await toolsOf(io);
    const all: Reproduced[] = [];
    for (const experiment of chosen(args.positionals)) {
      const work = experiment.rows(tools);
      for (;;) {
        const { done, value } = work.next();
        await breathe(io);
        if (!done) continue;
        const rows = value.map((row) => ({ ...row, outcome: outcomeOf(row) }));
        all.push({ experiment, rows });
        break;
      }
      if (!args.has('json')) await io.out(render(all.at(-1)!, Math.min(io.columns, 120)));
    }
    await io.out(args.has('json') ? `${JSON.stringify(documentOf(all))}\n` : closing(all));
    return all.some(({ rows }) => rows.some(({ outcome }) => outcome === 'wrong')) ? 1 : 0;
  },
};
