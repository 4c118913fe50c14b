import { formatNs } from '../format.js';
import { colourAt, type Palette, paler } from '../palette.js';
import type { ShownStrategy } from '../shown.js';
import { amountAxis, base, decadeBelow, FONT_SIZE, gridOf, nameAxis, onAxis, type Plot } from './axes.js';
import { tooltip } from './tooltip.js';

/** A row of the table to draw as bars. */
export interface Measure {
  readonly key: string;
  readonly label: string;
}

const SHADES = [1, 0.6, 0.35];

/** A bar a strategy and measure, the first measure solid, further ones paler. */
export const barsPlot = (
  palette: Palette,
  strategies: readonly ShownStrategy[],
  measures: readonly Measure[],
  log: boolean,
): Plot => {
  const rowOf = (s: ShownStrategy, m: Measure): number => s.strategy.rows.get(m.key) ?? Number.NaN;
  const all = strategies.flatMap((s) => measures.map((m) => rowOf(s, m)));
  return {
    height: 56 + strategies.length * (14 + 16 * measures.length),
    option: {
      ...base(palette),
      grid: gridOf(4, 64, 4),
      tooltip: tooltip(palette, 'item', ([point]) => {
        const shown = strategies[point?.dataIndex ?? 0];
        if (!shown) return { title: '', lines: [] };
        const colour = colourAt(palette.strategies, shown.at);
        const lines = measures.map((m) => ({ colour, name: m.label, value: formatNs(rowOf(shown, m)) }));
        return { title: shown.strategy.label, lines };
      }),
      xAxis: amountAxis(palette, { format: formatNs, log, ...(log && { min: decadeBelow(all) }) }),
      yAxis: nameAxis(
        palette,
        strategies.map((s) => s.strategy.label),
        true,
      ),
      series: measures.map((m, i) => ({
        type: 'bar',
        name: m.label,
        barMaxWidth: 14,
        barGap: '15%',
        cursor: 'default',
        label: {
          show: true,
          position: 'right',
          color: palette.ink,
          fontSize: FONT_SIZE,
          formatter: ({ dataIndex }) => formatNs(rowOf(strategies[dataIndex]!, m)),
        },
        data: strategies.map((s) => ({
          value: onAxis(rowOf(s, m), log),
          itemStyle: { color: paler(colourAt(palette.strategies, s.at), palette.paper, SHADES[i] ?? 0.3) },
        })),
      })),
    },
  };
};
