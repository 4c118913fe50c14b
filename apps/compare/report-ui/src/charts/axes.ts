import type { Palette } from '../palette.js';
import type { Axis, ChartOption } from './echarts.js';

/** A chart that is ready to draw. */
export interface Plot {
  readonly option: ChartOption;
  /** Pixels. */
  readonly height: number;
}

export const FONT_SIZE = 11;

/** What all charts have in common. Nothing moves: a report is read, not watched. */
export const base = (palette: Palette): ChartOption => ({
  animation: false,
  backgroundColor: 'transparent',
  textStyle: { color: palette.ink, fontFamily: palette.font, fontSize: FONT_SIZE },
});

/** The place of the axes, labels included, within the chart. Pixels. */
export const gridOf = (top: number, right: number, bottom: number) => ({
  left: 4,
  top,
  right,
  bottom,
  outerBoundsMode: 'same' as const,
  outerBoundsContain: 'axisLabel' as const,
});

const label = (palette: Palette) => ({ color: palette.muted, fontSize: FONT_SIZE, hideOverlap: true });

const title = (palette: Palette, name: string, gap: number) => ({
  name,
  nameLocation: 'middle' as const,
  nameGap: gap,
  nameTextStyle: { color: palette.muted, fontSize: FONT_SIZE },
});

interface AmountAxis {
  readonly format: (value: number) => string;
  readonly log?: boolean;
  readonly name?: string;
  readonly min?: number;
  readonly max?: number;
  /** Between two marks. */
  readonly interval?: number;
}

/** An axis of amounts, from 0 unless it is logarithmic. */
export const amountAxis = (palette: Palette, { format, log, name, min, max, interval }: AmountAxis): Axis => ({
  type: log ? 'log' : 'value',
  ...(min !== undefined && { min }),
  ...(max !== undefined && { max }),
  ...(interval !== undefined && { interval }),
  ...(name !== undefined && title(palette, name, 24)),
  splitNumber: 4,
  axisLabel: { ...label(palette), formatter: (value: number) => format(value) },
  axisLine: { show: false },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: palette.rule, width: 1 } },
});

/** An axis of names. Long names are cut: the table beside the chart has them whole. */
export const nameAxis = (palette: Palette, names: readonly string[], inverse: boolean): Axis => ({
  type: 'category',
  data: [...names],
  inverse,
  axisLabel: { color: palette.ink, fontSize: FONT_SIZE, width: 120, overflow: 'truncate', interval: 0 },
  axisLine: { lineStyle: { color: palette.rule } },
  axisTick: { show: false },
});

/** A logarithmic axis has no place for 0 and less: such points are left out. */
export const onAxis = (value: number, log: boolean): number | '-' =>
  Number.isFinite(value) && (!log || value > 0) ? value : '-';

/** The power of ten at or below the least positive value, where a logarithmic axis starts. */
export const decadeBelow = (values: readonly number[]): number => {
  const positive = values.filter((value) => value > 0);
  return positive.length === 0 ? 1 : 10 ** Math.floor(Math.log10(Math.min(...positive)));
};
