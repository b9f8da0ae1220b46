// Who types into a field goes on typing there, whatever takes the focus meanwhile.
import { type RefObject, useEffect } from 'react';

/**
 * Gives the focus back to a text field where an element takes it that was neither pressed nor reached by Tab: hightable focuses a row
 * that it brings into view, and rows move while a filter is typed.
 */
export function useTypingKept(taker: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const box = taker.current;
    if (!box) return;
    let wanted = false;
    const onPointer = ({ target }: PointerEvent) => {
      wanted = box.contains(target as Node);
    };
    const onKey = ({ key }: KeyboardEvent) => {
      wanted = key === 'Tab';
    };
    const onFocus = ({ relatedTarget: before }: FocusEvent) => {
      if (
        !wanted &&
        before instanceof HTMLElement &&
        before.matches('input, textarea') &&
        !box.contains(before)
      ) {
        before.focus({ preventScroll: true });
      }
    };
    document.addEventListener('pointerdown', onPointer, true);
    document.addEventListener('keydown', onKey, true);
    box.addEventListener('focusin', onFocus);
    return () => {
      document.removeEventListener('pointerdown', onPointer, true);
      document.removeEventListener('keydown', onKey, true);
      box.removeEventListener('focusin', onFocus);
    };
  }, [taker]);
}
