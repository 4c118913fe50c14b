import { connect, disconnect } from 'echarts/core';
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import type { Chart as Drawn } from '../charts/echarts.js';
import { allSteps, hasSeries, type SeriesKey, type Span, spanOf, stepsPlot } from '../charts/steps.js';
import { formatKb, formatKbShort, formatNs } from '../format.js';
import { Chart } from './chart.js';
import type { FigureData } from './cost-figures.js';
import { Figure, Key, Numbers, strategyKey } from './figure.js';

interface StepFigure {
  readonly key: SeriesKey;
  readonly title: string;
  readonly says: string;
  readonly axis: (value: number) => string;
  readonly exact: (value: number) => string;
}

const FIGURES: readonly StepFigure[] = [
  {
    key: 'pageTablesKb',
    title: 'Table memory over the trace',
    says: 'Each table once, however many share it.',
    axis: formatKbShort,
    exact: formatKb,
  },
  {
    key: 'framesKb',
    title: 'Frame memory over the trace',
    says: 'Data frames in use, each once.',
    axis: formatKbShort,
    exact: formatKb,
  },
  { key: 'ns', title: 'Time over the trace', says: 'The bill so far.', axis: formatNs, exact: formatNs },
];

const GROUP = 'steps';

/** What changes from step to step. The charts show one span of steps, which the sliders and the two fields set. */
export const StepFigures = ({ strategies, palette }: FigureData) => {
  const all = useMemo(() => allSteps(strategies), [strategies]);
  const [span, setSpan] = useState<Span>(all);
  // Charts that are drawn anew start from here; a state would draw them anew at each move of a slider.
  const latest = useRef<Span>(all);
  const charts = useRef(new Set<Drawn>());
  useEffect(() => {
    connect(GROUP);
    return () => disconnect(GROUP);
  }, []);
  const onReady = useCallback((chart: Drawn) => {
    chart.group = GROUP;
    charts.current.add(chart);
    const moved = (): void => {
      const now = spanOf(chart);
      if (!now) return;
      latest.current = now;
      setSpan(now);
    };
    chart.on('datazoom', moved);
    return () => charts.current.delete(chart);
  }, []);
  const show = (wanted: Span): void => {
    const from = Math.max(all.from, Math.min(wanted.from, wanted.to));
    const to = Math.min(all.to, Math.max(wanted.from, wanted.to));
    for (const chart of charts.current) chart.dispatchAction({ type: 'dataZoom', startValue: from, endValue: to });
  };
  const shown = FIGURES.filter(({ key }) => hasSeries(strategies, key));
  if (shown.length === 0 || all.from >= all.to) return null;
  return (
    <>
      {shown.map((figure, i) => (
        <Figure key={figure.key} title={figure.title} says={figure.says} wide={shown.length % 2 === 1 && i === 0}>
          <Key items={strategyKey(palette, strategies)} />
          <Steps figure={figure} strategies={strategies} palette={palette} latest={latest} onReady={onReady} />
          {i === 0 && <SpanFields span={span} all={all} show={show} />}
        </Figure>
      ))}
    </>
  );
};

interface StepsProps extends Omit<FigureData, 'report'> {
  readonly figure: StepFigure;
  readonly latest: { readonly current: Span };
  readonly onReady: (chart: Drawn) => () => void;
}

const Steps = ({ figure, strategies, palette, latest, onReady }: StepsProps) => {
  const plot = useMemo(
    () => stepsPlot(palette, strategies, figure.key, figure.axis, figure.exact, latest.current),
    [palette, strategies, figure, latest],
  );
  return (
    <>
      <Chart plot={plot} label={`${figure.title}, a line a strategy`} onReady={onReady} />
      <Numbers
        head={['strategy', 'first', 'most', 'last']}
        rows={strategies.map(({ strategy }) => {
          const values = strategy.series[figure.key];
          return [strategy.label, values[0] ?? 0, Math.max(...values), values.at(-1) ?? 0].map((cell) =>
            typeof cell === 'number' ? figure.exact(cell) : cell,
          );
        })}
      />
    </>
  );
};

interface SpanFieldsProps {
  readonly span: Span;
  readonly all: Span;
  readonly show: (span: Span) => void;
}

/** The slider for those who do not use a pointer. */
const SpanFields = ({ span, all, show }: SpanFieldsProps) => {
  const id = useId();
  const field = (name: 'from' | 'to') => (
    <>
      <label for={`${id}${name}`}>{name === 'from' ? 'steps from' : 'to'}</label>
      <input
        id={`${id}${name}`}
        type="number"
        min={all.from}
        max={all.to}
        value={span[name]}
        onChange={(event) => show({ ...span, [name]: event.currentTarget.valueAsNumber || 0 })}
      />
    </>
  );
  return (
    <div class="span">
      {field('from')}
      {field('to')}
      <button type="button" onClick={() => show(all)}>
        all steps
      </button>
      <span class="note">The charts over the trace move together; ctrl and the wheel zoom, too.</span>
    </div>
  );
};
