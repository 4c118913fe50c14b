import type { Series } from '../data/types.js';
import { formatCount } from '../format.js';
import { colourAt, dashAt, type Palette, widthAt } from '../palette.js';
import type { ShownStrategy } from '../shown.js';
import { amountAxis, base, gridOf, type Plot } from './axes.js';
import type { Chart, DataZoomComponentOption } from './echarts.js';
import { tooltip } from './tooltip.js';

export type SeriesKey = Exclude<keyof Series, 'step'>;

/** A span of steps, both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const hasSeries = (strategies: readonly ShownStrategy[], key: SeriesKey): boolean =>
  strategies.some(({ strategy }) => strategy.series[key].some(Number.isFinite) && strategy.series.step.length > 0);

/** The span of all steps of these strategies. */
export const allSteps = (strategies: readonly ShownStrategy[]): Span => {
  const ends = strategies.flatMap(({ strategy: { series } }) => [series.step[0] ?? 0, series.step.at(-1) ?? 0]);
  return { from: Math.min(...ends), to: Math.max(...ends) };
};

/** The span that a chart shows now. */
export const spanOf = (chart: Chart): Span | null => {
  const zooms = chart.getOption().dataZoom as readonly DataZoomComponentOption[] | undefined;
  const { startValue, endValue } = zooms?.[0] ?? {};
  if (startValue === undefined || endValue === undefined) return null;
  return { from: Math.round(Number(startValue)), to: Math.round(Number(endValue)) };
};

/** Marks of an axis of memory: every so many kB, a power of two, so that they are round in MiB, too. */
const doublings = (strategies: readonly ShownStrategy[], key: SeriesKey): { max: number; interval: number } => {
  const most = Math.max(1, ...strategies.flatMap(({ strategy }) => strategy.series[key].filter(Number.isFinite)));
  const interval = 2 ** Math.ceil(Math.log2(most / 5));
  return { interval, max: Math.ceil(most / interval) * interval };
};

const SLIDER = 22;

/** A line a strategy over the steps of the trace, with a slider to look closer. */
export const stepsPlot = (
  palette: Palette,
  strategies: readonly ShownStrategy[],
  key: SeriesKey,
  format: (value: number) => string,
  exact: (value: number) => string,
  span: Span,
): Plot => ({
  height: 270,
  option: {
    ...base(palette),
    grid: gridOf(12, 16, SLIDER + 14),
    tooltip: tooltip(palette, 'axis', (points) => {
      const lines = points.flatMap((point) => {
        const shown = strategies[point.seriesIndex];
        if (!shown) return [];
        const value = shown.strategy.series[key][point.dataIndex] ?? Number.NaN;
        return { colour: colourAt(palette.strategies, shown.at), name: shown.strategy.label, value: exact(value) };
      });
      const first = points[0];
      const step = first ? strategies[first.seriesIndex]?.strategy.series.step[first.dataIndex] : undefined;
      return { title: step === undefined ? '' : `step ${formatCount(step)}`, lines };
    }),
    xAxis: {
      ...amountAxis(palette, { format: formatCount }),
      min: 'dataMin',
      max: 'dataMax',
      minInterval: 1,
      splitLine: { show: false },
      axisLine: { show: true, lineStyle: { color: palette.rule } },
    },
    yAxis: amountAxis(palette, { format, ...(key !== 'ns' && doublings(strategies, key)) }),
    dataZoom: [
      {
        type: 'slider',
        height: SLIDER,
        bottom: 4,
        left: 40,
        right: 40,
        filterMode: 'none',
        startValue: span.from,
        endValue: span.to,
        showDetail: false,
        brushSelect: false,
        borderColor: palette.rule,
        fillerColor: 'rgba(128, 128, 128, 0.16)',
        handleStyle: { color: palette.paper, borderColor: palette.muted },
        moveHandleStyle: { color: palette.rule },
        dataBackground: { lineStyle: { color: palette.muted }, areaStyle: { color: palette.rule } },
      },
      // The wheel scrolls the page; with the control key it zooms.
      { type: 'inside', filterMode: 'none', zoomOnMouseWheel: 'ctrl', startValue: span.from, endValue: span.to },
    ],
    series: strategies.map(({ strategy, at }) => ({
      type: 'line',
      name: strategy.label,
      cursor: 'default',
      step: 'end',
      symbol: 'none',
      sampling: 'lttb',
      emphasis: { disabled: true },
      itemStyle: { color: colourAt(palette.strategies, at) },
      lineStyle: { color: colourAt(palette.strategies, at), width: widthAt(at).width, type: dashAt(at) },
      data: strategy.series.step.map((step, i) => [step, strategy.series[key][i] ?? '-']),
    })),
  },
});
