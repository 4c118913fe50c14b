/**
 * The verdict on one input: who forks cheapest, who is cheapest in total, what is paid later, what memory it takes, and
 * how far to trust that. Never the fork alone.
 */
import type { BreakEven, Stability, StrategyResult } from './document.js';
import { formatCount, formatFactor, formatKb, formatNs, formatShare } from './format.js';
import type { RowKey } from './row-docs.js';

/** What the others are held against: classic, else the first column. */
export const baselineOf = <C extends { readonly name: string }>(columns: readonly C[]): C =>
  columns.find((column) => column.name === 'classic') ?? columns[0]!;

/** Two values this close are called alike. */
const ALIKE = 1.005;

const names = (columns: readonly StrategyResult[]): string => {
  const labels = columns.map((column) => column.label);
  return labels.length < 2 ? labels.join('') : `${labels.slice(0, -1).join(', ')} and ${labels.at(-1)}`;
};

const alike = (a: number, b: number): boolean => Math.max(a, b) <= Math.min(a, b) * ALIKE;

/** The columns that have about the least of a row. */
const best = (columns: readonly StrategyResult[], row: RowKey): readonly StrategyResult[] => {
  const least = Math.min(...columns.map((column) => column.rows[row]));
  return columns.filter((column) => alike(column.rows[row], least));
};

interface Words {
  readonly row: RowKey;
  readonly subject: string;
  readonly verb: string;
  readonly show: (value: number) => string;
}

/** A factor above 1 as people say it: small ones as a percentage, since "1.1 times less" is read in two ways. */
const lessBy = (factor: number): string =>
  factor < 1.5 ? `${formatShare(1 - 1 / factor)} less` : `${formatFactor(factor)} times less`;

/** "Forking is cheapest under X: 12 µs, 38 times less than under classic (460 µs)." */
const cheapest = (columns: readonly StrategyResult[], words: Words): string => {
  const { row, subject, verb, show } = words;
  const base = baselineOf(columns);
  const winners = best(columns, row);
  const value = winners[0]!.rows[row];
  if (columns.length === 1) return `${subject} ${show(value)}.`;
  if (winners.length === columns.length) return `${subject} the same under all: ${show(value)}.`;
  const ranked = `${subject} ${verb} under ${names(winners)}: ${show(value)}`;
  if (winners.includes(base)) {
    const worst = columns.reduce((a, b) => (b.rows[row] > a.rows[row] ? b : a));
    return `${ranked}, against up to ${show(worst.rows[row])} under ${worst.label}.`;
  }
  const less = value > 0 ? `, ${lessBy(base.rows[row] / value)} than under` : ', against';
  return `${ranked}${less} ${base.label} (${show(base.rows[row])}).`;
};

/** Columns that say the same, said once: `2 µs under classic and mshare, 42 µs under cow-pte`. */
const together = (
  columns: readonly StrategyResult[],
  say: (column: StrategyResult) => string,
): readonly (readonly [said: string, who: readonly StrategyResult[]])[] => {
  const groups = new Map<string, StrategyResult[]>();
  for (const column of columns) groups.set(say(column), [...(groups.get(say(column)) ?? []), column]);
  return [...groups];
};

const laterOf = (columns: readonly StrategyResult[]): string => {
  const base = baselineOf(columns);
  const groups = together(columns, ({ rows }) => formatNs(rows.faultNsMax));
  const all = columns.length > 1 ? ' under all' : '';
  if (groups.length === 1) return `The worst fault after the fork costs ${groups[0]![0]}${all}.`;
  const said = groups.map(([ns, who]) => `${ns} under ${names(who)}`).join(', ');
  const paying = columns.filter(({ rows }) => rows.forkNs < base.rows.forkNs && rows.faultNsMax > base.rows.faultNsMax);
  const paid = paying.length > 0 ? `: what the fork saves under ${names(paying)} is partly paid by faults` : '';
  return `The worst fault after the fork costs ${said}${paid}.`;
};

const lossesOf = (columns: readonly StrategyResult[], { points }: BreakEven, baseline: string): string => {
  const said = together(columns, ({ label }) =>
    points
      .flatMap(({ strategy, of, share }) =>
        strategy === label && share !== null ? `${formatShare(share)} of the ${of}` : [],
      )
      .join(' or '),
  ).filter(([shares]) => shares !== '');
  const losses = said.map(([shares, who]) => `under ${names(who)} above ${shares}`);
  return losses.length > 0
    ? `By the share written after a fork, pages spread evenly over all tables, it costs more than ${baseline} ${losses.join(', ')}.`
    : '';
};

const homeless = ({ label, rows }: StrategyResult): string =>
  `${formatCount(rows.unchargedTablesMax)} table${rows.unchargedTablesMax === 1 ? '' : 's'} under ${label}`;

const wrongOf = (columns: readonly StrategyResult[]): string => {
  const broken = columns.filter(({ rows }) => rows.violations > 0);
  const missing = columns.filter(({ rows }) => rows.unmodelledSteps > 0);
  const uncharged = columns.filter(({ rows }) => rows.unchargedTablesMax > 0);
  return [
    broken.length > 0
      ? `NOT SOUND: ${broken.map(({ label, rows }) => `${formatCount(rows.violations)} violations under ${label}`).join(', ')}.`
      : '',
    missing.length > 0
      ? `Not modelled, and so missing from these numbers: ${[
          ...new Set(
            missing.flatMap(({ unmodelled }) => unmodelled.map(({ site, count }) => `${site} (${formatCount(count)})`)),
          ),
        ].join(', ')}.`
      : '',
    uncharged.length > 0 ? `Charged to nobody at times: ${uncharged.map(homeless).join(', ')}.` : '',
  ]
    .filter((text) => text !== '')
    .join(' ');
};

/** The verdict. `columns` are the strategies of one input, at least one. */
export const verdictOf = (columns: readonly StrategyResult[], breakEven: BreakEven, stability: Stability): string => {
  const base = baselineOf(columns);
  if (base.rows.forks === 0) {
    return ['This trace does not fork.', cheapest(columns, TOTAL), wrongOf(columns)].filter((s) => s !== '').join(' ');
  }
  return [
    cheapest(columns, { row: 'forkNs', subject: 'A fork is', verb: 'cheapest', show: formatNs }),
    cheapest(columns, SINCE_FORK),
    laterOf(columns),
    columns.some(({ rows }) => rows.requests > 0) ? cheapest(columns, REQUESTS) : '',
    cheapest(columns, TOTAL),
    cheapest(columns, {
      row: 'pageTablesKbMax',
      subject: 'Page tables are',
      verb: 'smallest',
      show: (kb) => `${formatKb(kb)} at most`,
    }),
    lossesOf(columns, breakEven, base.label),
    columns.length > 1 ? stability.says : '',
    wrongOf(columns),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
};

const REQUESTS: Words = {
  row: 'requestNsP999',
  subject: 'The 99.9th percentile of requests is',
  verb: 'lowest',
  show: formatNs,
};
const SINCE_FORK: Words = {
  row: 'sinceForkNsTotal',
  subject: 'Forks and all that follows them are',
  verb: 'cheapest',
  show: formatNs,
};
const TOTAL: Words = { row: 'totalNs', subject: 'The whole trace is', verb: 'cheapest', show: formatNs };
