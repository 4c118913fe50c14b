import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { colourAt, type Palette } from '../palette.js';
import type { ShownStrategy } from '../shown.js';

interface FigureProps {
  readonly title: string;
  readonly says: string;
  /** Switches that change how it is drawn. */
  readonly actions?: ComponentChildren;
  /** Takes the whole width of the page. */
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** A chart with its title, what it says, its key and its numbers. */
export const Figure = ({ title, says, actions, wide, children }: FigureProps) => {
  const id = useId();
  return (
    <figure class={wide ? 'figure wide' : 'figure'} aria-labelledby={id}>
      <figcaption>
        <h3 id={id}>{title}</h3>
        <p class="note">{says}</p>
        {actions && <div class="actions">{actions}</div>}
      </figcaption>
      {children}
    </figure>
  );
};

/** A switch, as a labelled checkbox. */
export const Switch = ({ label, on, set }: { label: string; on: boolean; set: (on: boolean) => void }) => (
  <label class="switch">
    <input type="checkbox" checked={on} onChange={(event) => set(event.currentTarget.checked)} /> {label}
  </label>
);

interface KeyItem {
  readonly name: string;
  readonly colour: string;
}

/** Which colour is what. */
export const Key = ({ items }: { items: readonly KeyItem[] }) => (
  <ul class="key">
    {items.map((item) => (
      <li key={item.name}>
        <span class="swatch" style={{ background: item.colour }} /> {item.name}
      </li>
    ))}
  </ul>
);

/** The key of a chart with a line a strategy. */
export const strategyKey = (palette: Palette, strategies: readonly ShownStrategy[]): readonly KeyItem[] =>
  strategies.map(({ strategy, at }) => ({ name: strategy.label, colour: colourAt(palette.strategies, at) }));

interface NumbersProps {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The numbers of a chart as a table, folded away; the first cell of a row names it. */
export const Numbers = ({ head, rows }: NumbersProps) => (
  <details class="numbers">
    <summary>Numbers</summary>
    <Scroller label="The numbers of this chart">
      <table>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row[0]}>
              {row.map((cell, i) =>
                i === 0 ? (
                  <th key={head[i]} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={head[i]}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  </details>
);

/** A place that scrolls sideways where the window is narrow; the keyboard reaches it, too. */
export const Scroller = ({ label, children }: { label: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, the keyboard cannot scroll it.
  <section class="scroller" aria-label={label} tabIndex={0}>
    {children}
  </section>
);
