import { useState } from 'preact/hooks';
import { baselineOf, bestOf, type Row, rowGroups } from '../data/rows.js';
import type { Report, Strategy } from '../data/types.js';
import { formatCount, formatExact, formatIn, formatRatio } from '../format.js';
import { colourAt, type Palette } from '../palette.js';
import { Scroller } from './figure.js';
import { Help } from './help.js';

interface RowsTableProps {
  readonly report: Report;
  readonly strategies: readonly Strategy[];
  readonly palette: Palette;
}

/** The main table: a column a strategy, a row a measure, the best of a row marked. */
export const RowsTable = ({ report, strategies, palette }: RowsTableProps) => {
  const baseline = baselineOf(strategies);
  return (
    <Scroller label="Every measure under every strategy">
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Measure</span>
            </th>
            {strategies.map((strategy, at) => (
              <th key={strategy.label} scope="col">
                <ColumnHead strategy={strategy} colour={colourAt(palette.strategies, at)} />
              </th>
            ))}
          </tr>
        </thead>
        {rowGroups(report, strategies).map((group) => (
          <tbody key={group.title}>
            <tr class="group">
              <th scope="rowgroup" colSpan={strategies.length + 1}>
                {group.title}
              </th>
            </tr>
            {group.rows.map((row) => (
              <Measure key={row.key} row={row} strategies={strategies} baseline={baseline} />
            ))}
          </tbody>
        ))}
      </table>
    </Scroller>
  );
};

const ColumnHead = ({ strategy, colour }: { strategy: Strategy; colour: string }) => {
  const wrong = strategy.rows.get('violations') ?? strategy.violations.length;
  return (
    <>
      <span class="swatch" style={{ background: colour }} /> <span class="name">{strategy.label}</span>
      {wrong > 0 && (
        <a class="wrong" href="#findings">
          {formatCount(wrong)} {wrong === 1 ? 'violation' : 'violations'}
        </a>
      )}
    </>
  );
};

interface MeasureProps {
  readonly row: Row;
  readonly strategies: readonly Strategy[];
  readonly baseline: Strategy | undefined;
}

const Measure = ({ row, strategies, baseline }: MeasureProps) => {
  const [open, setOpen] = useState(false);
  const best = bestOf(row, strategies);
  const causes = new Set(strategies.flatMap((s) => (s.causes.get(row.key) ?? []).map(({ why }) => why)));
  return (
    <>
      <tr>
        <th scope="row">
          <Help says={row.says}>{row.label}</Help>
          {causes.size > 0 && (
            <button type="button" class="unfold" aria-expanded={open} onClick={() => setOpen(!open)}>
              {open ? '▾' : '▸'} by cause
            </button>
          )}
        </th>
        {strategies.map((s) => (
          <Cell key={s.label} row={row} value={s.rows.get(row.key)} best={best} base={baseline?.rows.get(row.key)} />
        ))}
      </tr>
      {open &&
        [...causes].map((why) => (
          <tr key={why} class="cause">
            <th scope="row">{why}</th>
            {strategies.map((s) => (
              <td key={s.label}>
                {formatCount(s.causes.get(row.key)?.find((cause) => cause.why === why)?.count ?? 0)}
              </td>
            ))}
          </tr>
        ))}
    </>
  );
};

interface CellProps {
  readonly row: Row;
  readonly value: number | undefined;
  readonly best: number | null;
  readonly base: number | undefined;
}

const Cell = ({ row, value, best, base }: CellProps) => {
  if (value === undefined) return <td class="absent">–</td>;
  const wrong = row.key === 'violations' && value > 0;
  const ratio = base === undefined ? '' : formatRatio(value, base);
  return (
    <td
      class={value === best ? 'best' : wrong ? 'bad' : value === 0 ? 'zero' : ''}
      title={formatExact(row.unit, value)}
    >
      {value === best && <span class="visually-hidden">best: </span>}
      <span class="value">{formatIn(row.unit, value)}</span>
      <span class="ratio">{ratio}</span>
    </td>
  );
};
