import { type BreakEvenOf, type CurveOf, valueAt } from '../data/break-even.js';
import { formatNs, formatPercent } from '../format.js';
import { colourAt, dashAt, type Palette } from '../palette.js';
import { amountAxis, base, FONT_SIZE, type Plot } from './axes.js';
import type { LineSeriesOption } from './echarts.js';
import { tooltip } from './tooltip.js';

/** Total cost by the share of tables or pages written after fork, a line a strategy, crossings marked. */
export const breakEvenPlot = (palette: Palette, { of, curves }: BreakEvenOf, log: boolean): Plot => ({
  height: 270,
  option: {
    ...base(palette),
    grid: { left: 4, right: 20, top: 24, bottom: 26 },
    tooltip: tooltip(palette, 'axis', (points) => {
      const first = points[0];
      const share = first ? curves[first.seriesIndex]?.curve.x[first.dataIndex] : undefined;
      const lines = curves.map(({ strategy, at, curve }) => ({
        colour: colourAt(palette.strategies, at),
        name: strategy.label,
        value: formatNs(valueAt(curve, share ?? 0)),
      }));
      return { title: `${formatPercent(share ?? 0)} of ${of} written`, lines };
    }),
    xAxis: amountAxis(palette, { format: formatPercent, name: `share of ${of} written after fork`, min: 0, max: 1 }),
    yAxis: amountAxis(palette, { format: formatNs, log }),
    series: curves.map((shown) => seriesOf(palette, shown, log)),
  },
});

const seriesOf = (palette: Palette, { strategy, at, curve, crossing }: CurveOf, log: boolean): LineSeriesOption => {
  const colour = colourAt(palette.strategies, at);
  return {
    type: 'line',
    name: strategy.label,
    cursor: 'default',
    symbol: 'none',
    emphasis: { disabled: true },
    itemStyle: { color: colour },
    lineStyle: { color: colour, width: 1.5, type: dashAt(at) },
    data: curve.x.map((x, i) => [x, !log || curve.y[i]! > 0 ? (curve.y[i] ?? '-') : '-']),
    ...(crossing !== null && {
      markPoint: {
        symbol: 'circle',
        symbolSize: 9,
        animation: false,
        itemStyle: { color: palette.paper, borderColor: colour, borderWidth: 2 },
        label: {
          show: true,
          position: 'top',
          distance: 6,
          color: colour,
          fontSize: FONT_SIZE,
          fontWeight: 'bold',
          formatter: formatPercent(crossing),
        },
        data: [{ name: 'break-even', coord: [crossing, valueAt(curve, crossing)] }],
      },
    }),
  };
};
