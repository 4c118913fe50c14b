/** The columns of a comparison: strategy entries loaded, checked, and given labels that tell them apart. */
import { ForklabError, machineName, type StrategyPlugin } from '@forklab/core';
import { isNameWithOptions, isPlugin, type OneStrategy, type StrategyEntry } from './config-schema.js';
import { type LoadedStrategy, loadStrategy } from './load-strategy.js';
import { parseStrategy } from './spec.js';

/** What is compared when nobody says otherwise. */
export const DEFAULT_STRATEGIES: readonly StrategyEntry[] = ['classic', 'cow-pte', 'ondemand-fork', 'mshare'];

export interface Column {
  /** The name of the strategy, or of the composition: 'mshare+cow-pte'. */
  readonly name: string;
  /** Unique among the columns. */
  readonly label: string;
  readonly parts: readonly LoadedStrategy[];
  readonly plugins: readonly StrategyPlugin[];
}

/** Entries, each with the folder that its paths are relative to. */
export interface EntryAt {
  readonly entry: StrategyEntry;
  readonly dir: string;
}

const partsOf = (entry: StrategyEntry): readonly OneStrategy[] => {
  if (typeof entry === 'string') {
    // A text means in a configuration what it means on the command line; a path may hold a plus or a colon.
    const parsed = /[\\/]/.test(entry) ? entry : parseStrategy(entry);
    return typeof parsed === 'string' ? [parsed] : partsOf(parsed);
  }
  if (isPlugin(entry) || isNameWithOptions(entry)) return [entry];
  return entry as readonly OneStrategy[];
};

const withOptions = ({ plugin, options }: LoadedStrategy): string => {
  const pairs = Object.entries(options).map(([key, value]) => {
    return `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
  });
  return pairs.length > 0 ? `${plugin.name}:${pairs.join(',')}` : plugin.name;
};

const withSource = ({ plugin, from }: LoadedStrategy): string =>
  from === null || from === plugin.name ? plugin.name : `${plugin.name} (${from})`;

/** The shortest spelling under which no two columns are alike: the name, then with options, then with its source. */
const labelsOf = (columns: readonly Omit<Column, 'label'>[]): readonly string[] => {
  const spellings = columns.map(({ name, parts }) => [
    name,
    parts.map(withOptions).join('+'),
    parts.map(withSource).join('+'),
    parts
      .map((part) => `${withOptions(part)}${part.from && part.from !== part.plugin.name ? ` (${part.from})` : ''}`)
      .join('+'),
  ]);
  return columns.map((column, i) => {
    const twins = spellings.filter((_, j) => j !== i && columns[j]!.name === column.name);
    const at = spellings[i]!.findIndex((label, form) => twins.every((twin) => twin[form] !== label));
    // With no options a column may keep the bare name, if its twins have some.
    const bare = spellings[i]![1] === column.name && twins.every((twin) => twin[1] !== column.name);
    if (bare) return column.name;
    if (at < 0) throw new ForklabError('FL1009', { name: spellings[i]![1]! });
    return spellings[i]![at]!;
  });
};

/** Loads all columns. Throws FL1008, FL1009 and FL3xxx before anything has run. */
export const resolveColumns = async (entries: readonly EntryAt[]): Promise<readonly Column[]> => {
  const columns: Omit<Column, 'label'>[] = [];
  for (const { entry, dir } of entries) {
    const parts: LoadedStrategy[] = [];
    for (const part of partsOf(entry)) parts.push(await loadStrategy(part, dir));
    const plugins = parts.map((part) => part.plugin);
    columns.push({ name: machineName(plugins), parts, plugins });
  }
  const labels = labelsOf(columns);
  return columns.map((column, i) => ({ ...column, label: labels[i]! }));
};
