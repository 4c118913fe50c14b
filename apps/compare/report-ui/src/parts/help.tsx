import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

interface Place {
  readonly left: number;
  readonly top: number;
}

const WIDTH = 320;
const MARGIN = 12;

/**
 * A term with an explanation that shows while the pointer or the focus is on it; Escape puts it away. It lies above the
 * page at a fixed place, because the term may be in a table that scrolls, and would be cut off by it.
 */
export const Help = ({ says, children }: { says: string; children: ComponentChildren }) => {
  const id = useId();
  const term = useRef<HTMLButtonElement>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const show = (): void => {
    const box = term.current?.getBoundingClientRect();
    if (!box) return;
    const room = document.documentElement.clientWidth - Math.min(WIDTH, window.innerWidth) - MARGIN;
    setPlace({ left: Math.max(MARGIN, Math.min(box.left, room)), top: box.bottom + 4 });
  };
  const hide = (): void => setPlace(null);
  useEffect(() => {
    if (!place) return;
    // What was placed by the window's edges has no place any more once the page has moved.
    addEventListener('scroll', hide, { capture: true, passive: true, once: true });
    return () => removeEventListener('scroll', hide, { capture: true });
  }, [place]);
  if (says === '') return <span>{children}</span>;
  return (
    <>
      <button
        type="button"
        class="term"
        ref={term}
        aria-describedby={id}
        onMouseEnter={show}
        onMouseLeave={hide}
        onFocus={show}
        onBlur={hide}
        onClick={show}
        onKeyDown={(event) => event.key === 'Escape' && hide()}
      >
        {children}
      </button>
      <span role="tooltip" id={id} class="help" hidden={!place} style={place ? { ...place } : {}}>
        {says}
      </span>
    </>
  );
};
