/** `forklab break-even`: the map of where a strategy stops paying. */
import { plain } from '@forklab/core';
import Table from 'cli-table3';
import pico from 'picocolors';
import { oneWord } from '../args.js';
import { breakEvenMap, type Cell, CHILDREN, type MapOfStrategy, PAGES_PER_TABLE, TABLES } from '../break-even-map.js';
import { formatShare } from '../format.js';
import { breathe, type Io, wantsColour } from '../io.js';
import type { WrittenOf } from '../layout.js';
import { pricesOf } from '../prices-option.js';
import { resolveColumns } from '../resolve.js';
import { parseStrategies } from '../spec.js';
import { type Command, KERNEL_ARG } from './command.js';
import { machineArgs } from './one-column.js';

const said = ({ share, loses }: Cell): string => {
  if (loses === 'never' || loses === 'always') return loses;
  return `${loses} ${formatShare(share!)}`;
};

/** Green where it may be written at will, red where the fork alone does not pay. */
const shaded = (cell: Cell, colour: boolean): string => {
  const c = pico.createColors(colour);
  const text = said(cell);
  if (cell.loses === 'always') return c.red(text);
  return cell.loses === 'never' ? c.green(text) : text;
};

const render = ({ strategy, of, cells }: MapOfStrategy, io: Io): string => {
  const colour = wantsColour(io);
  let out = `\n${plain(strategy)}: loses to classic, by the share of the ${of} that the parent writes while all children live\n`;
  for (const children of CHILDREN) {
    const table = new Table({
      head: [`${children} ${children === 1 ? 'child' : 'children'}`, ...PAGES_PER_TABLE.map((n) => `${n} a table`)],
      style: { head: [], border: [], compact: true },
    });
    for (const tables of TABLES) {
      const row = cells.filter((cell) => cell.children === children && cell.tables === tables);
      table.push([`${tables * 2} MiB`, ...row.map((cell) => shaded(cell, colour))]);
    }
    out += `${table.toString()}\n`;
  }
  return out;
};

export const command: Command = {
  name: 'break-even',
  about: 'Draws where a strategy stops paying: over memory, over pages in a table, over children that live at once.',
  more:
    'In each cell a parent fills memory, forks, writes a share while all children live, and everybody exits; the share at which that ' +
    'costs as much as under classic is found by search, to a sixty-fourth. "above 40 %" loses from there on, "never" wins whatever is ' +
    'written, "always" loses even if nothing is.',
  args: {
    strategies: { type: 'string', valueHint: 'A,B,C+D', description: 'default cow-pte,ondemand-fork' },
    of: {
      type: 'string',
      valueHint: 'tables|pages',
      description: 'what is written: a page in each of some tables (default), or pages evenly',
    },
    prices: {
      type: 'string',
      valueHint: 'NAME',
      description: 'a price list, or a file of forklab calibrate; default vm-linux-6.18',
    },
    kernel: KERNEL_ARG,
    json: { type: 'boolean', description: 'print the maps as one JSON document' },
  },
  examples: [
    { call: 'forklab break-even', does: 'by tables, under cow-pte and ondemand-fork' },
    {
      call: 'forklab break-even --of pages --strategies cow-pte --prices epyc-7302p',
      does: 'by pages, on another machine',
    },
  ],
  async run(args, io) {
    const of = oneWord<WrittenOf>('--of', args.one('of') ?? 'tables', ['tables', 'pages']);
    const prices = pricesOf(args.one('prices'), io.cwd);
    const entries = parseStrategies(args.one('strategies') ?? 'cow-pte,ondemand-fork');
    const columns = await resolveColumns(entries.map((entry) => ({ entry, dir: io.cwd })));
    const [baseline] = await resolveColumns([{ entry: 'classic', dir: io.cwd }]);
    const settings = { kernel: machineArgs(args).kernel ?? ('6.18' as const), check: false };
    const maps: MapOfStrategy[] = [];
    for (const column of columns) {
      const work = breakEvenMap(column, baseline!, of, settings, prices);
      let step = work.next();
      for (; !step.done; step = work.next()) await breathe(io);
      maps.push(step.value);
      if (!args.has('json')) await io.out(render(step.value, io));
    }
    if (args.has('json')) {
      await io.out(`${JSON.stringify({ forklab: 'break-even', version: 1, prices: prices.name, maps })}\n`);
    }
    return 0;
  },
};
