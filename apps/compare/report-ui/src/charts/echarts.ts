/** The parts of echarts that the report draws with, and no others: the page carries them with it. */
import { BarChart, type BarSeriesOption, LineChart, type LineSeriesOption } from 'echarts/charts';
import {
  DataZoomComponent,
  type DataZoomComponentOption,
  GridComponent,
  type GridComponentOption,
  MarkPointComponent,
  TooltipComponent,
  type TooltipComponentOption,
} from 'echarts/components';
import { type ComposeOption, type EChartsType, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, LineChart, DataZoomComponent, GridComponent, MarkPointComponent, TooltipComponent, SVGRenderer]);

export type ChartOption = ComposeOption<
  BarSeriesOption | LineSeriesOption | DataZoomComponentOption | GridComponentOption | TooltipComponentOption
>;
export type { BarSeriesOption, DataZoomComponentOption, LineSeriesOption, TooltipComponentOption };

type XAxis = NonNullable<Exclude<ChartOption['xAxis'], readonly unknown[] | undefined>>;
type ForBoth<A> = A extends unknown ? Omit<A, 'mainType' | 'position'> : never;
/** An axis of values, of logarithms or of categories, across or upwards. */
export type Axis = ForBoth<XAxis>;

export type Chart = EChartsType;

/** A chart in an element, drawn as SVG. The caller disposes of it. */
export const draw = (element: HTMLElement): Chart => init(element, null, { renderer: 'svg' });
