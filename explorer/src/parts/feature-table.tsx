// A table of features as hightable draws it: heads that sort, and what every such table of the page is told.
import HighTable from 'hightable';
import { type ComponentProps, memo, useCallback, useMemo } from 'react';
import type { Column } from '../data/columns.js';
import type { Sort } from '../data/engine.js';
import type { RowFrame } from '../data/row-frame.js';
import { columnClass, WidthHandle } from './column-widths.js';

type HighTableProps = ComponentProps<typeof HighTable>;
type OrderBy = NonNullable<HighTableProps['orderBy']>;
export type CellProps = Parameters<NonNullable<HighTableProps['renderCellContent']>>[0];

/** Drawn again only when it is told something else: hundreds of cells cost more than all that is drawn beside them. */
const Table = memo(HighTable);

/** Functions and lists must stay the same while what they say does, or all cells are drawn again. */
interface FeatureTableProps
  extends Pick<
    HighTableProps,
    'renderCellContent' | 'onMouseDownCell' | 'onKeyDownCell' | 'cellPosition' | 'onCellPositionChange'
  > {
  readonly frame: RowFrame;
  /** The columns of the frame. */
  readonly visible: readonly Column[];
  readonly sort: Sort | undefined;
  readonly onSort: (sort: Sort | undefined) => void;
  /** Whether columns can be made wider and narrower. */
  readonly resizable?: boolean;
}

export function FeatureTable({
  frame,
  visible,
  sort,
  onSort,
  resizable = false,
  ...cells
}: FeatureTableProps) {
  const columnConfiguration = useMemo(
    () => Object.fromEntries(visible.map((column) => [column.id, configured(column, sort, resizable)])),
    [visible, sort, resizable],
  );
  const orderBy = useMemo(
    (): OrderBy =>
      sort ? [{ column: sort.column, direction: sort.descending ? 'descending' : 'ascending' }] : [],
    [sort],
  );
  const onOrderByChange = useCallback(
    ([first]: OrderBy) =>
      onSort(first && { column: first.column, descending: first.direction === 'descending' }),
    [onSort],
  );
  return (
    <Table
      data={frame as unknown as HighTableProps['data']}
      className="grid"
      styled={false}
      focus={false}
      stringify={String}
      padding={8}
      overscan={16}
      columnConfiguration={columnConfiguration}
      orderBy={orderBy}
      onOrderByChange={onOrderByChange}
      {...cells}
    />
  );
}

function configured({ title, formula, kind, id }: Column, sort: Sort | undefined, resizable: boolean) {
  const kindClass = kind === 'number' || kind === 'index' ? 'number' : kind;
  return {
    // The controls of hightable take more room than the numbers: a click on a head sorts, an arrow says how.
    headerComponent: () => (
      <span className="column-head" title={`${id} = ${formula}`} data-column={id}>
        <span className="column-title">{title}</span> <span className="unseen">{formula}</span>
        {sort?.column === id && <span aria-hidden="true">{sort.descending ? '↓' : '↑'}</span>}
        {resizable && <WidthHandle id={id} />}
      </span>
    ),
    className: resizable ? `${kindClass} ${columnClass(id)}` : kindClass,
  };
}
