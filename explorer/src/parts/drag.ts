// Dragging on a figure: where it started and where it is, in the pixels of the figure.
import type { PointerEvent } from 'react';
import { useRef } from 'react';

export interface Point {
  readonly x: number;
  readonly y: number;
}

interface DragHandlers<E extends Element> {
  readonly onPointerDown: (event: PointerEvent<E>) => void;
  readonly onPointerMove: (event: PointerEvent<E>) => void;
  readonly onPointerUp: (event: PointerEvent<E>) => void;
}

/** @param onDrag called at each movement, and with `end` when it is over */
export function useDrag<E extends Element>(
  onDrag: (from: Point, to: Point, end: boolean) => void,
): DragHandlers<E> {
  const from = useRef<Point>(undefined);
  const at = (event: PointerEvent<E>): Point => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  return {
    onPointerDown(event) {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      from.current = at(event);
      onDrag(from.current, from.current, false);
    },
    onPointerMove(event) {
      if (from.current) onDrag(from.current, at(event), false);
    },
    onPointerUp(event) {
      if (from.current) onDrag(from.current, at(event), true);
      from.current = undefined;
    },
  };
}
