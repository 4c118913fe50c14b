import { useMemo, useState } from 'preact/hooks';
import { type RequestKey, requestsPlot } from '../charts/requests.js';
import { formatCount, formatNs } from '../format.js';
import { Chart } from './chart.js';
import type { FigureData } from './cost-figures.js';
import { Figure, Key, Numbers, Switch, strategyKey } from './figure.js';

/** What requests wait for while a process forks, over time; nothing for an input that serves none. */
export const RequestFigures = (data: FigureData) => {
  if (!data.strategies.some(({ strategy }) => strategy.requests.atNs.length > 0)) return null;
  return (
    <>
      <Worst {...data} />
      <Throughput {...data} />
    </>
  );
};

const rowsOf = ({ strategies }: FigureData, key: RequestKey, format: (value: number) => string) =>
  strategies.map(({ strategy: { label, requests } }) => [
    label,
    ...[Math.min(...requests[key]), Math.max(...requests[key])].map(format),
  ]);

const Worst = (data: FigureData) => {
  const { strategies, palette } = data;
  const [log, setLog] = useState(true);
  const plot = useMemo(() => requestsPlot(palette, strategies, 'worstNs', formatNs, log), [palette, strategies, log]);
  return (
    <Figure
      title="Slowest requests over time"
      says="The slowest answer of each hundredth of the simulated time."
      actions={<Switch label="log scale" on={log} set={setLog} />}
    >
      <Key items={strategyKey(palette, strategies)} />
      <Chart plot={plot} label="Slowest request by time, a line a strategy" />
      <Numbers head={['strategy', 'least', 'most']} rows={rowsOf(data, 'worstNs', formatNs)} />
    </Figure>
  );
};

const Throughput = (data: FigureData) => {
  const { strategies, palette } = data;
  const plot = useMemo(() => requestsPlot(palette, strategies, 'perSecond', formatCount, false), [palette, strategies]);
  return (
    <Figure title="Answers over time" says="Requests answered per second, in each hundredth of the simulated time.">
      <Key items={strategyKey(palette, strategies)} />
      <Chart plot={plot} label="Answers per second by time, a line a strategy" />
      <Numbers head={['strategy', 'least', 'most']} rows={rowsOf(data, 'perSecond', formatCount)} />
    </Figure>
  );
};
