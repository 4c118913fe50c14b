import { useMemo, useState } from 'preact/hooks';
import { barsPlot, type Measure } from '../charts/bars.js';
import { workPlot, workShares } from '../charts/work.js';
import type { Report } from '../data/types.js';
import { formatNs, words } from '../format.js';
import type { Palette } from '../palette.js';
import type { ShownStrategy } from '../shown.js';
import { Chart } from './chart.js';
import { Figure, Key, Numbers, Switch } from './figure.js';

export interface FigureData {
  readonly report: Report;
  readonly strategies: readonly ShownStrategy[];
  readonly palette: Palette;
}

const FORK = ['forkNs', 'forkNsMax'];
// Not the total: what came before the fork is alike for all, and would hide what is not.
const BILL = ['forkNsTotal', 'afterForkNsTotal', 'sinceForkNsTotal'];

/** What fork costs, what comes after it, and what all of it is made of. */
export const CostFigures = (data: FigureData) => (
  <>
    <Bars
      {...data}
      keys={FORK}
      title="Fork"
      says="What one fork costs. Read it together with the bill beside it."
      startLog={true}
    />
    <Bars
      {...data}
      keys={BILL}
      title="The bill"
      says="All forks, all that follows the first fork, and both together."
    />
    <Work {...data} />
  </>
);

interface BarsProps extends FigureData {
  readonly keys: readonly string[];
  readonly title: string;
  readonly says: string;
  readonly startLog?: boolean;
}

const Bars = ({ report, strategies, palette, keys, title, says, startLog = false }: BarsProps) => {
  const [log, setLog] = useState(startLog);
  const measures = useMemo((): readonly Measure[] => {
    const valuesOf = (key: string): string => strategies.map(({ strategy }) => strategy.rows.get(key)).join();
    const present = keys.filter((key) => strategies.some(({ strategy }) => strategy.rows.has(key)));
    // With one fork, the worst fork is the median fork: one bar says it.
    const told = present.filter((key, i) => present.findIndex((other) => valuesOf(other) === valuesOf(key)) === i);
    return told.map((key) => ({ key, label: report.rowDocs.get(key)?.label ?? words(key) }));
  }, [report, strategies, keys]);
  const plot = useMemo(() => barsPlot(palette, strategies, measures, log), [palette, strategies, measures, log]);
  if (measures.length === 0) return null;
  const rows = strategies.map(({ strategy }) => [
    strategy.label,
    ...measures.map(({ key }) => formatNs(strategy.rows.get(key) ?? Number.NaN)),
  ]);
  return (
    <Figure title={title} says={says} actions={<Switch label="log scale" on={log} set={setLog} />}>
      <Chart plot={plot} label={`${title}: ${rows.map((row) => row.join(' ')).join('; ')}`} />
      <p class="note">
        {measures.length > 1 && 'From the top, strongest first: '}
        {measures.map(({ label }) => label).join('; ')}.
      </p>
      <Numbers head={['strategy', ...measures.map(({ label }) => label)]} rows={rows} />
    </Figure>
  );
};

const Work = ({ strategies, palette }: FigureData) => {
  const shares = useMemo(() => workShares(palette, strategies), [palette, strategies]);
  const plot = useMemo(() => workPlot(palette, strategies, shares), [palette, strategies, shares]);
  if (shares.length === 0) return null;
  return (
    <Figure wide title="Where the time goes" says="The whole trace by kind of work: count times price.">
      <Chart plot={plot} label="Time of the whole trace by kind of work, a bar a strategy" />
      <Key items={shares} />
      <Numbers
        head={['work', ...strategies.map(({ strategy }) => strategy.label)]}
        rows={shares.map((share) => [share.name, ...share.ns.map(formatNs)])}
      />
    </Figure>
  );
};
