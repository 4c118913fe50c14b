import { useEffect, useState } from 'preact/hooks';

/** Colours of charts, read from the style sheet, so that they are written down once for light and once for dark. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  readonly paper: string;
  /** The page's typeface. Charts measure text by it, so a word such as `inherit` will not do. */
  readonly font: string;
  /** One a strategy, the baseline's first; used again from the start when there are more strategies. */
  readonly strategies: readonly string[];
  /** One a kind of work; the last is for the rest. */
  readonly works: readonly string[];
}

const DARK = '(prefers-color-scheme: dark)';

const read = (): Palette => {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const colours = (name: string): string[] => colour(name).split(/\s+/);
  return {
    ink: colour('--ink'),
    muted: colour('--muted'),
    rule: colour('--rule'),
    paper: colour('--paper'),
    font: getComputedStyle(document.body).fontFamily,
    strategies: colours('--strategies'),
    works: colours('--works'),
  };
};

/** The palette of the scheme in use; changes when the reader's scheme does. */
export const usePalette = (): Palette => {
  const [palette, setPalette] = useState(read);
  useEffect(() => {
    const scheme = matchMedia(DARK);
    const change = (): void => setPalette(read());
    scheme.addEventListener('change', change);
    return () => scheme.removeEventListener('change', change);
  }, []);
  return palette;
};

export const colourAt = (colours: readonly string[], at: number): string => colours[at % colours.length] ?? 'gray';

// Colour alone does not tell lines apart for everybody; the dash does.
const DASHES = ['solid', [6, 3], [2, 2], [8, 3, 2, 3], [12, 4]] as const;

/** The dash of a strategy's lines. */
export const dashAt = (at: number): 'solid' | number[] => {
  const dash = DASHES[at % DASHES.length]!;
  return dash === 'solid' ? dash : [...dash];
};

/** A line's width and its points' size: those behind are wider, so that equal lines show as one inside another. */
export const widthAt = (at: number): { readonly width: number; readonly symbolSize: number } => {
  const behind = Math.max(0, 3 - at);
  return { width: 1.5 + 1.1 * behind, symbolSize: 5 + 2 * behind };
};

/** A colour of the style sheet (`#rrggbb`) mixed with the paper: a paler one without transparency. */
export const paler = (colour: string, paper: string, share: number): string => {
  const [a, b] = [Number.parseInt(colour.slice(1), 16), Number.parseInt(paper.slice(1), 16)];
  const mixed = [16, 8, 0].map((shift) =>
    Math.round(((a >> shift) & 255) * share + ((b >> shift) & 255) * (1 - share)),
  );
  return `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
};
