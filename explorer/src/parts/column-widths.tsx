// How wide the columns of a table are: the edge of a head is dragged, or Shift and an arrow are pressed in it.
//
// The table measures its columns; one that was made wider or narrower has a rule of its own in a style sheet that the script
// makes, which the policy of the page allows, as it does not allow style elements.
import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { useAddress } from '../state/history.js';
import { type Session, useSession } from '../state/session.js';

const least = 40;
const most = 2000;
const step = 16;

/** The class of the cells of a column. */
export function columnClass(id: string): string {
  return `column-${id}`;
}

/**
 * Has the rules follow the address.
 * @returns another number whenever a column is to be measured again
 */
export function useColumnWidths(): number {
  const { address } = useSession();
  const { widths } = useAddress(address);
  const [sheet] = useState(() => new CSSStyleSheet());
  useEffect(() => {
    document.adoptedStyleSheets.push(sheet);
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    };
  }, [sheet]);
  const before = useRef(widths);
  const [measured, setMeasured] = useState(0);
  useEffect(() => {
    sheet.replaceSync(rulesOf(widths ?? {}));
    // A column may have been measured at the width that it was given, as after a page is loaded again.
    if (Object.keys(before.current ?? {}).some((id) => widths?.[id] === undefined)) {
      setMeasured((n) => n + 1);
    }
    before.current = widths;
  }, [sheet, widths]);
  return measured;
}

/** The head of a column, where the table is drawn again, keeps the focus that it had. */
export function useFocusKept(table: RefObject<HTMLElement | null>, measured: number): void {
  const focused = useRef<string>(undefined);
  useEffect(() => {
    const box = table.current;
    const onFocus = ({ target }: FocusEvent) => {
      focused.current = columnOf(target as Element);
    };
    box?.addEventListener('focusin', onFocus);
    return () => box?.removeEventListener('focusin', onFocus);
  }, [table]);
  useEffect(() => {
    if (measured === 0 || focused.current === undefined) return;
    const head = table.current?.querySelector(`[data-column="${focused.current}"]`)?.closest('th');
    head?.focus();
  }, [table, measured]);
}

function columnOf(element: Element): string | undefined {
  return element.closest('thead th')?.querySelector<HTMLElement>('[data-column]')?.dataset.column;
}

/** @param widths ids of columns are words, since the address has no others */
export function rulesOf(widths: Readonly<Record<string, number>>): string {
  return Object.entries(widths)
    .map(([id, pixels]) => {
      const width = `${pixels}px !important`;
      return `.grid .${columnClass(id)} { width: ${width}; min-width: ${width}; max-width: ${width}; }`;
    })
    .join('\n');
}

export function widthAfter(before: number, by: number): number {
  return Math.round(Math.min(most, Math.max(least, before + by)));
}

function setWidth({ address }: Session, id: string, pixels: number | undefined): void {
  const { [id]: _, ...others } = address.get().widths ?? {};
  const widths = pixels === undefined ? others : { ...others, [id]: pixels };
  address.move({ widths: Object.keys(widths).length > 0 ? widths : undefined });
}

/** The edge of a head, for the mouse: keys have `onWidthKey`. A double click fits the column to what is in it again. */
export function WidthHandle({ id }: { readonly id: string }) {
  const session = useSession();
  const from = useRef<{ readonly x: number; readonly width: number }>(undefined);
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    const head = event.currentTarget.closest('th');
    if (event.button !== 0 || !head) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, width: head.getBoundingClientRect().width };
  };
  const onPointerMove = ({ clientX }: PointerEvent<HTMLElement>) => {
    if (from.current) setWidth(session, id, widthAfter(from.current.width, clientX - from.current.x));
  };
  return (
    <span
      className="width-handle"
      aria-hidden="true"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        from.current = undefined;
      }}
      onMouseDown={(event) => event.stopPropagation()}
      onClick={(event) => event.stopPropagation()}
      onDoubleClick={(event) => {
        event.stopPropagation();
        setWidth(session, id, undefined);
      }}
    />
  );
}

/** Shift and ← or → in a head: narrower, wider. Shift and Home: as wide as what is in it. */
export function onWidthKey(session: Session, event: KeyboardEvent): void {
  const by = { ArrowLeft: -step, ArrowRight: step, Home: 0 }[event.key];
  const head = (event.target as Element).closest('thead th');
  const id = columnOf(event.target as Element);
  if (!event.shiftKey || by === undefined || !head || id === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  const { width } = head.getBoundingClientRect();
  setWidth(session, id, by === 0 ? undefined : widthAfter(width, by));
}
