import type { Palette } from '../palette.js';
import type { TooltipComponentOption } from './echarts.js';

/** One line of a tooltip. */
export interface TipLine {
  readonly colour: string;
  readonly name: string;
  readonly value: string;
}

export interface Tip {
  readonly title: string;
  readonly lines: readonly TipLine[];
}

/** What echarts tells of a point: the part of it that charts here use. */
export interface Point {
  readonly seriesIndex: number;
  readonly dataIndex: number;
}

/**
 * A tooltip from plain text. echarts takes a string for HTML, and names in a report come from traces, which anybody may
 * have written; so a formatter here answers with an element, whose text was set as text.
 */
export const tooltip = (
  palette: Palette,
  trigger: 'axis' | 'item',
  tell: (points: readonly Point[]) => Tip,
): TooltipComponentOption => ({
  trigger,
  confine: true,
  renderMode: 'html',
  transitionDuration: 0,
  backgroundColor: palette.paper,
  borderColor: palette.rule,
  borderWidth: 1,
  padding: [6, 8],
  extraCssText: 'box-shadow: none; border-radius: 2px;',
  textStyle: { color: palette.ink, fontSize: 12 },
  axisPointer: { type: 'line', lineStyle: { color: palette.muted, width: 1, type: 'solid' } },
  formatter: (params) => element(tell((Array.isArray(params) ? params : [params]) as readonly Point[])),
});

const element = (tip: Tip): HTMLElement => {
  const box = part('div', 'tip-box', '');
  box.append(part('div', 'tip-title', tip.title));
  for (const line of tip.lines) {
    const row = part('div', 'tip-line', '');
    const mark = part('span', 'tip-mark', '');
    mark.style.background = line.colour;
    row.append(mark, part('span', 'tip-name', line.name), part('span', 'tip-value', line.value));
    box.append(row);
  }
  return box;
};

const part = (tag: 'div' | 'span', className: string, content: string): HTMLElement => {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content;
  return made;
};
