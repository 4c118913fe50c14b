import { formatNs } from '../format.js';
import { colourAt, dashAt, type Palette, widthAt } from '../palette.js';
import type { ShownStrategy } from '../shown.js';
import { amountAxis, base, gridOf, onAxis, type Plot } from './axes.js';
import { tooltip } from './tooltip.js';

export type RequestKey = 'worstNs' | 'perSecond';

/** A line a strategy over the time of the simulation. */
export const requestsPlot = (
  palette: Palette,
  strategies: readonly ShownStrategy[],
  key: RequestKey,
  format: (value: number) => string,
  log: boolean,
): Plot => ({
  height: 250,
  option: {
    ...base(palette),
    grid: gridOf(12, 16, 22),
    tooltip: tooltip(palette, 'axis', (points) => {
      const lines = points.flatMap((point) => {
        const shown = strategies[point.seriesIndex];
        const value = shown?.strategy.requests[key][point.dataIndex];
        if (!shown || value === undefined) return [];
        return { colour: colourAt(palette.strategies, shown.at), name: shown.strategy.label, value: format(value) };
      });
      const first = points[0];
      const at = first ? strategies[first.seriesIndex]?.strategy.requests.atNs[first.dataIndex] : undefined;
      return { title: at === undefined ? '' : `until ${formatNs(at)}`, lines };
    }),
    xAxis: { ...amountAxis(palette, { format: formatNs }), min: 0, splitLine: { show: false } },
    yAxis: amountAxis(palette, { format, log }),
    series: strategies.map(({ strategy: { label, requests }, at }) => ({
      type: 'line',
      name: label,
      cursor: 'default',
      step: 'start',
      symbol: 'none',
      emphasis: { disabled: true },
      itemStyle: { color: colourAt(palette.strategies, at) },
      lineStyle: { color: colourAt(palette.strategies, at), width: widthAt(at).width, type: dashAt(at) },
      // An interval without an answer has no latency: on a logarithmic axis nothing stands for it.
      data: requests.atNs.map((end, i) => [end, onAxis(requests[key][i] ?? 0, log)]),
    })),
  },
});
