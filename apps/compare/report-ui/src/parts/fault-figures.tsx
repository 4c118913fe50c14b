import { useMemo, useState } from 'preact/hooks';
import { percentilePlot, percentilesOf, tailPlot } from '../charts/faults.js';
import { formatCount, formatNs } from '../format.js';
import { Chart } from './chart.js';
import type { FigureData } from './cost-figures.js';
import { Figure, Key, Numbers, Switch, strategyKey } from './figure.js';

/** How long single faults take: percentiles, and the whole tail. */
export const FaultFigures = (data: FigureData) => (
  <>
    <Percentiles {...data} />
    <Tail {...data} />
  </>
);

const Percentiles = ({ strategies, palette }: FigureData) => {
  const [log, setLog] = useState(true);
  const plot = useMemo(() => percentilePlot(palette, strategies, log), [palette, strategies, log]);
  const percentiles = percentilesOf(strategies);
  if (percentiles.length === 0) return null;
  return (
    <Figure
      title="Faults after fork"
      says="What a fork postpones comes back here: the median fault, the slow ones, the worst."
      actions={<Switch label="log scale" on={log} set={setLog} />}
    >
      <Key items={strategyKey(palette, strategies)} />
      <Chart plot={plot} label="Fault latency by percentile, a line a strategy" />
      <Numbers
        head={['strategy', ...percentiles.map(([, name]) => name)]}
        rows={strategies.map(({ strategy }) => [
          strategy.label,
          ...percentiles.map(([key]) => formatNs(strategy.rows.get(key) ?? Number.NaN)),
        ])}
      />
    </Figure>
  );
};

const Tail = ({ strategies, palette }: FigureData) => {
  const plot = useMemo(() => tailPlot(palette, strategies), [palette, strategies]);
  if (!strategies.some(({ strategy }) => strategy.faults.length > 0)) return null;
  const rows = strategies.flatMap(({ strategy }) =>
    strategy.faults.map(({ kind, ns, count }) => [strategy.label, kind, formatNs(ns), formatCount(count)]),
  );
  return (
    <Figure
      title="The tail of faults"
      says="The share of faults that took at least so long. Both axes are logarithmic."
    >
      <Key items={strategyKey(palette, strategies)} />
      <Chart plot={plot} label="Share of faults by least latency, a line a strategy" />
      <Numbers head={['strategy', 'kind', 'each', 'faults']} rows={rows} />
    </Figure>
  );
};
