/** What is to be run: everything that configuration and command line said, with every default filled in. */
import { createHash } from 'node:crypto';
import type { KernelRelease } from '@forklab/core';
import type { PriceList } from '@forklab/timing';
import type { JsonObject } from './document.js';
import type { Input } from './inputs.js';
import type { MachineSettings } from './measure.js';
import type { Column } from './resolve.js';

export interface Plan {
  readonly inputs: readonly Input[];
  readonly columns: readonly Column[];
  /** What the break-even is measured against: the column called classic, else classic itself, run for that alone. */
  readonly baseline: Column;
  readonly settings: MachineSettings;
  readonly prices: PriceList;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly replay: string;
}

const RECLAIM: Readonly<Record<KernelRelease, 'pt-reclaim' | 'none'>> = {
  '6.18': 'pt-reclaim',
  '6.1': 'none',
  '5.6': 'none',
};

/** The options of a strategy as JSON: what cannot be written down is named instead. */
export const jsonOptions = (options: Readonly<Record<string, unknown>>): JsonObject =>
  JSON.parse(
    JSON.stringify(options, (_key, value: unknown) =>
      typeof value === 'function' || typeof value === 'bigint' ? String(value).slice(0, 100) : value,
    ),
  );

/** The configuration as it was used. Paths stay as they were written, so that another folder gives the same bytes. */
export const configOf = ({ inputs, columns, settings, prices, seed }: Plan): JsonObject => ({
  strategies: columns.map(({ label, parts }) => ({
    label,
    parts: parts.map(({ plugin, from, options }) => ({
      name: plugin.name,
      ...(from === null || from === plugin.name ? {} : { from }),
      options: jsonOptions(options),
    })),
  })),
  workloads: inputs.map(({ path }) => path),
  seeds: [seed],
  costs: prices.name,
  machine: {
    geometry: 'x86-64',
    kernel: settings.kernel,
    tableReclaim: settings.tableReclaim ?? RECLAIM[settings.kernel],
    memory: settings.memory ?? 'as the trace says, else unbounded',
    check: settings.check,
  },
});

export const configHash = (config: JsonObject): string =>
  createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16);
