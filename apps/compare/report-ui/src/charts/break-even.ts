import { type BreakEvenOf, type CurveOf, valueAt } from '../data/break-even.js';
import type { Curve } from '../data/types.js';
import { formatNs, formatPercent } from '../format.js';
import { colourAt, dashAt, type Palette, widthAt } from '../palette.js';
import { amountAxis, base, FONT_SIZE, gridOf, type Plot } from './axes.js';
import type { LineSeriesOption } from './echarts.js';
import { tooltip } from './tooltip.js';

/** Where the baseline is wherever it is not drawn as a curve of its own: nowhere above or below itself. */
const less = (curve: Curve, reference: Curve | undefined): Curve =>
  reference ? { ...curve, y: curve.x.map((x, i) => (curve.y[i] ?? Number.NaN) - valueAt(reference, x)) } : curve;

/** Are the curves so close together that only their difference from the baseline shows anything? */
export const tooClose = ({ curves, baseline }: BreakEvenOf): boolean => {
  const reference = baseline?.curve;
  if (!reference) return false;
  const gap = Math.max(...curves.flatMap(({ curve }) => less(curve, reference).y.map(Math.abs)));
  return gap < 0.15 * Math.max(...reference.y);
};

/** Total cost by the share of tables or pages written after fork, or what it is more than the baseline's. */
export const breakEvenPlot = (palette: Palette, { of, curves, baseline }: BreakEvenOf, difference: boolean): Plot => {
  const drawn = curves.map((shown) => (difference ? { ...shown, curve: less(shown.curve, baseline?.curve) } : shown));
  const signed = (ns: number): string => `${difference && ns > 0 ? '+' : ''}${formatNs(ns).replace('-', '−')}`;
  return {
    height: 270,
    option: {
      ...base(palette),
      grid: gridOf(24, 20, 22),
      tooltip: tooltip(palette, 'axis', (points) => {
        const first = points[0];
        const share = first ? drawn[first.seriesIndex]?.curve.x[first.dataIndex] : undefined;
        const lines = drawn.map(({ strategy, at, curve }) => ({
          colour: colourAt(palette.strategies, at),
          name: strategy.label,
          value: signed(valueAt(curve, share ?? 0)),
        }));
        return { title: `${formatPercent(share ?? 0)} of ${of} written`, lines };
      }),
      xAxis: amountAxis(palette, {
        format: formatPercent,
        name: `share of ${of} written after fork`,
        min: 0,
        max: 1,
        interval: 0.25,
      }),
      yAxis: amountAxis(palette, { format: signed }),
      series: drawn.map((shown) => seriesOf(palette, shown)),
    },
  };
};

const seriesOf = (palette: Palette, { strategy, at, curve, crossing }: CurveOf): LineSeriesOption => {
  const colour = colourAt(palette.strategies, at);
  return {
    type: 'line',
    name: strategy.label,
    cursor: 'default',
    symbol: 'none',
    emphasis: { disabled: true },
    itemStyle: { color: colour },
    lineStyle: { color: colour, width: widthAt(at).width, type: dashAt(at) },
    data: curve.x.map((x, i) => [x, curve.y[i] ?? '-']),
    ...(crossing !== null && {
      markPoint: {
        symbol: 'circle',
        symbolSize: 5 + widthAt(at).symbolSize,
        animation: false,
        itemStyle: { color: palette.paper, borderColor: colour, borderWidth: 2 },
        label: {
          show: true,
          position: crossing < 0.1 ? 'right' : 'top',
          distance: 6,
          // Beside the mark, but above the line through it.
          offset: crossing < 0.1 ? [0, -10] : [0, 0],
          color: palette.ink,
          fontSize: FONT_SIZE,
          formatter: formatPercent(crossing),
        },
        data: [{ name: 'break-even', coord: [crossing, valueAt(curve, crossing)] }],
      },
    }),
  };
};
