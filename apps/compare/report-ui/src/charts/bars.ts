import { formatNs } from '../format.js';
import { colourAt, type Palette } from '../palette.js';
import type { ShownStrategy } from '../shown.js';
import { amountAxis, base, decadeBelow, FONT_SIZE, nameAxis, onAxis, type Plot } from './axes.js';
import { tooltip } from './tooltip.js';

/** A row of the table to draw as bars. */
export interface Measure {
  readonly key: string;
  readonly label: string;
}

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
      grid: { left: 4, right: 64, top: 4, bottom: 4 },
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
          itemStyle: { color: colourAt(palette.strategies, s.at), opacity: i === 0 ? 1 : 0.45 },
        })),
      })),
    },
  };
};
