import type { ReactNode } from 'react';
import {
  Cell as AriaCell,
  Column as AriaColumn,
  Row as AriaRow,
  Table as AriaTable,
  TableBody as AriaTableBody,
  TableHeader as AriaTableHeader,
  type CellProps,
  type ColumnProps,
  type RowProps,
  type TableBodyProps,
  type TableProps,
} from 'react-aria-components/Table';

/** React Aria's table as this page looks; it scrolls sideways by itself when there is no room. */
export const Table = (props: Omit<TableProps, 'className' | 'style'>) => (
  <div className="table-frame">
    <AriaTable {...props} className="table" />
  </div>
);

export const TableHeader = ({ children }: { children: ReactNode }) => (
  <AriaTableHeader className="table__head">{children}</AriaTableHeader>
);

/** `align="end"` for numbers. */
export const Column = ({ align, ...props }: Omit<ColumnProps, 'className' | 'style'> & { align?: 'end' }) => (
  <AriaColumn {...props} className={`table__column ${align ? `table__column--${align}` : ''}`} />
);

export const TableBody = <Item extends object>(props: Omit<TableBodyProps<Item>, 'className' | 'style'>) => (
  <AriaTableBody {...props} className="table__body" />
);

export const Row = <Item extends object>(props: Omit<RowProps<Item>, 'className' | 'style'>) => (
  <AriaRow {...props} className="table__row" />
);

export const Cell = ({ align, ...props }: Omit<CellProps, 'className' | 'style'> & { align?: 'end' }) => (
  <AriaCell {...props} className={`table__cell ${align ? `table__cell--${align}` : ''}`} />
);
