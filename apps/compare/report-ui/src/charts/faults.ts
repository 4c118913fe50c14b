import type { FaultClass } from '../data/types.js';
import { formatCount, formatNs, formatPercent } from '../format.js';
import { colourAt, dashAt, type Palette, widthAt } from '../palette.js';
import type { ShownStrategy } from '../shown.js';
import { amountAxis, base, decadeBelow, gridOf, nameAxis, onAxis, type Plot } from './axes.js';
import type { LineSeriesOption } from './echarts.js';
import { tooltip } from './tooltip.js';

/** The percentile rows of a fault, and the names they have on the axis. */
export const PERCENTILES: readonly (readonly [key: string, name: string])[] = [
  ['faultNsP50', 'p50'],
  ['faultNsP90', 'p90'],
  ['faultNsP99', 'p99'],
  ['faultNsP999', 'p99.9'],
  ['faultNsP9999', 'p99.99'],
  ['faultNsMax', 'worst'],
];

/** The percentiles that any of these strategies has. */
export const percentilesOf = (strategies: readonly ShownStrategy[]) =>
  PERCENTILES.filter(([key]) => strategies.some(({ strategy }) => strategy.rows.has(key)));

const line = (palette: Palette, { strategy, at }: ShownStrategy): LineSeriesOption => ({
  type: 'line',
  name: strategy.label,
  cursor: 'default',
  symbol: 'circle',
  symbolSize: widthAt(at).symbolSize,
  itemStyle: { color: colourAt(palette.strategies, at) },
  lineStyle: { color: colourAt(palette.strategies, at), width: widthAt(at).width, type: dashAt(at) },
  emphasis: { disabled: true },
});

/** Fault latency by percentile, a line a strategy. */
export const percentilePlot = (palette: Palette, strategies: readonly ShownStrategy[], log: boolean): Plot => {
  const percentiles = percentilesOf(strategies);
  const rowOf = (s: ShownStrategy, key: string): number => s.strategy.rows.get(key) ?? Number.NaN;
  const all = strategies.flatMap((s) => percentiles.map(([key]) => rowOf(s, key)));
  return {
    height: 240,
    option: {
      ...base(palette),
      grid: gridOf(12, 16, 4),
      tooltip: tooltip(palette, 'axis', (points) => {
        const [key, name] = percentiles[points[0]?.dataIndex ?? 0] ?? ['', ''];
        const lines = strategies.map((s) => ({
          colour: colourAt(palette.strategies, s.at),
          name: s.strategy.label,
          value: formatNs(rowOf(s, key)),
        }));
        return { title: `${name} fault`, lines };
      }),
      xAxis: nameAxis(
        palette,
        percentiles.map(([, name]) => name),
        false,
      ),
      yAxis: amountAxis(palette, { format: formatNs, log, ...(log && { min: decadeBelow(all) }) }),
      series: strategies.map((s) => ({
        ...line(palette, s),
        data: percentiles.map(([key]) => onAxis(rowOf(s, key), log)),
      })),
    },
  };
};

interface TailPoint {
  readonly ns: number;
  /** Of all faults, the share that took this long or longer. */
  readonly share: number;
  readonly atLeast: number;
  readonly kinds: string;
}

/** How many faults took so long or longer, from the quickest kind to the worst. */
export const tailOf = (faults: readonly FaultClass[]): readonly TailPoint[] => {
  const total = faults.reduce((sum, fault) => sum + fault.count, 0);
  const byNs = new Map<number, { count: number; kinds: Set<string> }>();
  for (const { ns, count, kind } of faults) {
    const seen = byNs.get(ns) ?? { count: 0, kinds: new Set<string>() };
    byNs.set(ns, { count: seen.count + count, kinds: seen.kinds.add(kind) });
  }
  let atLeast = 0;
  return [...byNs]
    .sort(([a], [b]) => b - a)
    .map(([ns, { count, kinds }]) => {
      atLeast += count;
      return { ns, share: atLeast / total, atLeast, kinds: [...kinds].filter(Boolean).join(', ') };
    })
    .reverse();
};

/** The tail of fault latency: time across, share of faults that took at least that long upwards, both logarithmic. */
export const tailPlot = (palette: Palette, strategies: readonly ShownStrategy[]): Plot => {
  const tails = strategies.map(({ strategy }) => tailOf(strategy.faults));
  return {
    height: 240,
    option: {
      ...base(palette),
      grid: gridOf(12, 24, 4),
      tooltip: tooltip(palette, 'item', ([point]) => {
        const at = point?.seriesIndex ?? 0;
        const shown = strategies[at];
        const tail = tails[at]?.[point?.dataIndex ?? 0];
        if (!shown || !tail) return { title: '', lines: [] };
        const colour = colourAt(palette.strategies, shown.at);
        const faults = `${formatCount(tail.atLeast)} (${formatPercent(tail.share)})`;
        return {
          title: shown.strategy.label,
          lines: [
            { colour, name: 'at least', value: formatNs(tail.ns) },
            { colour, name: 'faults', value: faults },
            { colour, name: 'kind', value: tail.kinds },
          ],
        };
      }),
      xAxis: amountAxis(palette, {
        format: formatNs,
        log: true,
        min: decadeBelow(tails.flatMap((tail) => tail.map(({ ns }) => ns))),
      }),
      yAxis: amountAxis(palette, {
        format: formatPercent,
        log: true,
        max: 1,
        min: decadeBelow(tails.flatMap((tail) => tail.map(({ share }) => share))),
      }),
      series: strategies.map((s, i) => ({
        ...line(palette, s),
        step: 'start',
        data: tails[i]!.filter(({ ns }) => ns > 0).map(({ ns, share }) => [ns, share]),
      })),
    },
  };
};
