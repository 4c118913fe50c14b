import { formatNs, formatPercent } from '../format.js';
import { colourAt, type Palette } from '../palette.js';
import type { ShownStrategy } from '../shown.js';
import { amountAxis, base, gridOf, nameAxis, type Plot } from './axes.js';
import { tooltip } from './tooltip.js';

/** A kind of work, or all the lesser kinds together. */
export interface WorkShare {
  readonly name: string;
  readonly colour: string;
  /** Nanoseconds under each strategy, in the order of the strategies. */
  readonly ns: readonly number[];
}

const REST = 'everything else';

/** The kinds of work that cost most under any strategy, dearest first, and the rest as one. */
export const workShares = (palette: Palette, strategies: readonly ShownStrategy[]): readonly WorkShare[] => {
  const peaks = new Map<string, number>();
  for (const { strategy } of strategies)
    for (const [work, ns] of strategy.byWork) peaks.set(work, Math.max(peaks.get(work) ?? 0, ns));
  const dearest = [...peaks].filter(([, ns]) => ns > 0).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const room = palette.works.length - 1;
  const kept = dearest.slice(0, room).map(([work]) => work);
  const nsOf = (work: string): number[] => strategies.map(({ strategy }) => strategy.byWork.get(work) ?? 0);
  const shares = kept.map((work, i) => ({ name: work, colour: colourAt(palette.works, i), ns: nsOf(work) }));
  if (dearest.length <= room) return shares;
  const rest = strategies.map(({ strategy }) =>
    [...strategy.byWork].reduce((sum, [work, ns]) => (kept.includes(work) ? sum : sum + ns), 0),
  );
  return [...shares, { name: REST, colour: colourAt(palette.works, room), ns: rest }];
};

/** One bar a strategy, made of what its time went into. */
export const workPlot = (
  palette: Palette,
  strategies: readonly ShownStrategy[],
  shares: readonly WorkShare[],
): Plot => {
  const totals = strategies.map((_, i) => shares.reduce((sum, share) => sum + share.ns[i]!, 0));
  return {
    height: 44 + strategies.length * 34,
    option: {
      ...base(palette),
      grid: gridOf(4, 20, 4),
      tooltip: tooltip(palette, 'item', ([point]) => {
        const i = point?.dataIndex ?? 0;
        const lines = shares
          .filter((share) => share.ns[i]! > 0)
          .map((share) => ({
            colour: share.colour,
            name: share.name,
            value: `${formatNs(share.ns[i]!)} · ${formatPercent(share.ns[i]! / totals[i]!)}`,
          }));
        return { title: `${strategies[i]?.strategy.label ?? ''}: ${formatNs(totals[i] ?? 0)}`, lines };
      }),
      xAxis: amountAxis(palette, { format: formatNs }),
      yAxis: nameAxis(
        palette,
        strategies.map((s) => s.strategy.label),
        true,
      ),
      series: shares.map((share) => ({
        type: 'bar',
        name: share.name,
        stack: 'total',
        barMaxWidth: 20,
        cursor: 'default',
        itemStyle: { color: share.colour, borderColor: palette.paper, borderWidth: 0.5 },
        data: [...share.ns],
      })),
    },
  };
};
