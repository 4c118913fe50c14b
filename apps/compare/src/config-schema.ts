/** What a configuration may hold, checked with words that say what arrived, where, and what to write instead. */
import { ForklabError, nearest, PAGE_SIZE, parseBytes, type StrategyPlugin } from '@forklab/core';
import { z } from 'zod';

/** Options of a strategy, as its README lists them. */
export type StrategyOptions = Readonly<Record<string, unknown>>;

/** One strategy: a name, a package, a path, a name with options, or the plugin itself. */
export type OneStrategy = string | readonly [name: string, options: StrategyOptions] | StrategyPlugin;

/** One column: a strategy, or several that share the work, as in `[mshare(), cowPte()]` or `'mshare+cow-pte'`. */
export type StrategyEntry = OneStrategy | readonly OneStrategy[];

export const REPORT_FORMATS = ['markdown', 'json', 'csv', 'html'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** The largest seed. */
export const SEED_MAX = 2 ** 32 - 1;

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isPlugin = (value: unknown): value is StrategyPlugin =>
  isPlain(value) && typeof value.setup === 'function' && 'api' in value;

/** `[name, options]`, told apart from a composition by what its second part is. */
export const isNameWithOptions = (value: unknown): value is readonly [string, StrategyOptions] =>
  Array.isArray(value) &&
  value.length === 2 &&
  typeof value[0] === 'string' &&
  isPlain(value[1]) &&
  !isPlugin(value[1]);

const FORMS = 'a name, a package, a path, [name, options], a plugin, or a list of those to compose';

const isOne = (value: unknown): value is OneStrategy =>
  (typeof value === 'string' && value !== '') || isNameWithOptions(value) || isPlugin(value);

const strategyEntry = z.custom<StrategyEntry>(
  (value) => isOne(value) || (Array.isArray(value) && value.length > 0 && value.every(isOne)),
  {
    error: (issue) => (typeof issue.input === 'function' ? `${FORMS}; call the factory: cowPte(), not cowPte` : FORMS),
  },
);

const bytes = z.custom<number | string>((value) => (parseBytes(value) ?? 0) >= PAGE_SIZE, {
  error: 'a number of bytes, at least 4096, such as 1073741824 or "1GiB"',
});

const machine = z.strictObject({
  kernel: z.enum(['6.18', '6.1']).optional(),
  tableReclaim: z.enum(['pt-reclaim', 'none']).optional(),
  memory: bytes.optional(),
  check: z.boolean().optional(),
});

const report = z.union(
  [
    z.literal(false),
    z.strictObject({ dir: z.string().min(1).optional(), formats: z.array(z.enum(REPORT_FORMATS)).optional() }),
  ],
  { error: 'false, or an object with "dir" (a folder) and "formats" (of markdown, json, csv, html)' },
);

export const configSchema = z.strictObject({
  strategies: z.array(strategyEntry).min(1).optional(),
  workloads: z.array(z.string().min(1)).min(1).optional(),
  seeds: z.array(z.int().min(0).max(SEED_MAX)).min(1).optional(),
  costs: z.string().min(1).optional(),
  machine: machine.optional(),
  report: report.optional(),
});

/** What zod calls a type, in our words. */
const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  string: 'a text',
  object: 'an object',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
};

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(configSchema.shape),
  machine: Object.keys(machine.shape),
  report: ['dir', 'formats'],
};

/** Other words for our fields that people try first. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['inputs', 'workloads'],
  ['traces', 'workloads'],
  ['prices', 'costs'],
  ['seed', 'seeds'],
]);

const at = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );

const spell = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (out, key) => (typeof key === 'number' ? `${out}[${key}]` : out ? `${out}.${String(key)}` : String(key)),
    '',
  );

const expectedOf = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? `a value of type ${issue.expected}`;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'too_small':
      return issue.origin === 'array' ? `a list of at least ${issue.minimum}` : `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return issue.message;
  }
};

const unknownField = (file: string, root: unknown, path: readonly PropertyKey[], key: string): ForklabError => {
  const known = KNOWN[spell(path)] ?? [];
  const guess = MEANT.get(key) ?? nearest(key, known);
  return new ForklabError('FL1007', {
    file,
    field: spell([...path, key]),
    arrived: at(root, [...path, key]),
    expected: `one of the fields ${known.join(', ')}`,
    hint: guess ? `write ${guess} if that is what was meant` : `leave ${key} out`,
  });
};

/** Checks a configuration that came from `file`. Throws FL1007 for the first thing that does not fit. */
export const checkConfig = (file: string, value: unknown): z.infer<typeof configSchema> => {
  const checked = configSchema.safeParse(value);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') throw unknownField(file, value, issue.path, issue.keys[0]!);
  const field = spell(issue.path) || 'the default export';
  throw new ForklabError('FL1007', { file, field, arrived: at(value, issue.path), expected: expectedOf(issue) });
};

/** What `defineConfig` takes. Every field may be left out; see forklab.config.ts of this package for all of them. */
export interface ForklabConfig {
  /** The columns of the comparison, in order. */
  readonly strategies?: readonly StrategyEntry[];
  /** Traces, and folders of traces, relative to the configuration; and workloads, as `forklab workloads` lists them. */
  readonly workloads?: readonly string[];
  /** Seeds, from 0 to 2^32-1. A trace brings its own; this one picks what the break-even runs write. */
  readonly seeds?: readonly number[];
  /** Name of a price list. */
  readonly costs?: string;
  readonly machine?: {
    /** The kernel that classic answers as: '6.18' (default) or '6.1'. */
    readonly kernel?: '6.18' | '6.1';
    /** Are tables freed when MADV_DONTNEED empties them? Default: as that kernel does. */
    readonly tableReclaim?: 'pt-reclaim' | 'none';
    /** Physical memory: bytes, or a text such as '4GiB'. Default: as the trace says, else unbounded. */
    readonly memory?: number | string;
    /** Check every invariant after each step. Slow. */
    readonly check?: boolean;
  };
  /** false: write no report. */
  readonly report?: false | { readonly dir?: string; readonly formats?: readonly ReportFormat[] };
}
