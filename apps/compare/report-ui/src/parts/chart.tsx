import { useEffect, useRef } from 'preact/hooks';
import type { Plot } from '../charts/axes.js';
import { type Chart as Drawn, draw } from '../charts/echarts.js';

interface ChartProps {
  readonly plot: Plot;
  /** What the chart shows, for those who do not see it. Its numbers are in the table below it. */
  readonly label: string;
  /** Gets the chart once it is there; what it answers is called before the chart goes. */
  readonly onReady?: (chart: Drawn) => () => void;
}

/** A chart that keeps to the width of its place. */
export const Chart = ({ plot, label, onReady }: ChartProps) => {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<Drawn | null>(null);
  useEffect(() => {
    const drawn = draw(host.current!);
    chart.current = drawn;
    const watch = new ResizeObserver(() => drawn.resize());
    watch.observe(host.current!);
    const undo = onReady?.(drawn);
    return () => {
      undo?.();
      watch.disconnect();
      drawn.dispose();
      chart.current = null;
    };
  }, [onReady]);
  useEffect(() => {
    chart.current?.setOption(plot.option, { notMerge: true });
    chart.current?.resize();
  }, [plot]);
  return <div class="chart" ref={host} role="img" aria-label={label} style={{ height: `${plot.height}px` }} />;
};
