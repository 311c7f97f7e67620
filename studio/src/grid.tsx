// The rows of a table: only those in sight are in the document, so a million of them scroll as ten do.
import { ArrowDown, ArrowUp, ArrowUpRight, Key, Link2 } from 'lucide-react';
import { memo, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type Ref } from 'react';
import { type Column, ownValue, type Sort, type Value } from './api';
import { CellEditor, needsDialog } from './editors';
import { isWritable, kindOf } from './types';

export const rowHeight = 32;
const headHeight = 44;

export interface GridRow {
  id: string;
  values: Value[];
  cut?: number[];
  isNew?: boolean;
  deleted?: boolean;
  edited?: Record<string, Value>; // by column
  unset?: boolean; // a new row: what was not typed gets its default
}
export interface Place {
  row: number;
  column: number;
}
export interface GridHandle {
  focus: () => void;
  edit: (place: Place) => void;
  toTop: () => void;
}

export interface GridProps {
  label: string;
  columns: Column[];
  rows: GridRow[];
  total: number | null;
  keyColumns: string[];
  linked: Set<string>; // columns with a foreign key
  sort: Sort | null;
  canEdit: boolean; // rows that are there
  canInsert: boolean;
  widths: Record<string, number>;
  selected: Set<string>;
  at: Place;
  onAt: (place: Place) => void;
  onSort: (column: string) => void;
  onWidth: (column: string, width: number) => void;
  onSelect: (ids: Set<string>) => void;
  onEdit: (row: GridRow, column: Column, value: Value) => void;
  onOpenValue: (row: GridRow, column: Column) => void;
  onFollow: (row: GridRow, column: Column) => void;
  onNearEnd: () => void;
  onKey?: (event: React.KeyboardEvent) => void;
  handle?: Ref<GridHandle>;
}

export function defaultWidth(column: Column) {
  switch (kindOf(column)) {
    case 'uuid':
      return 290;
    case 'bool':
      return 90;
    case 'number':
      return Math.max(100, column.name.length * 8 + 60);
    case 'timestamp':
      return 210;
    case 'json':
      return 260;
    default:
      return Math.max(160, column.name.length * 8 + 60);
  }
}

export const isEdited = (row: GridRow, column: Column) => ownValue(row.edited, column.name) !== undefined;

export function valueOf(row: GridRow, index: number, column: Column): Value | undefined {
  if (isEdited(row, column)) return ownValue(row.edited, column.name);
  return row.unset ? undefined : row.values[index];
}

export function CellText({ value, column }: { value: Value | undefined; column?: Column }) {
  if (value === undefined) return <span className="null">default</span>;
  if (value === null) return <span className="null">NULL</span>;
  if (column && kindOf(column) === 'bool') return <span className={value === 't' ? 'bool yes' : 'bool'}>{value === 't' ? 'true' : 'false'}</span>;
  if (column && kindOf(column) === 'enum') return <span className="enum-value">{value}</span>;
  if (value === '') return <span className="null">empty</span>;
  return <>{value.length > 300 ? value.slice(0, 300) : value}</>;
}

const Cell = memo(function Cell({ value, column, cut, active, edited, linked, width, row, at, editing, start, onMouseDown, onDouble, onDone, onCancel, onFollow }: {
  value: Value | undefined;
  column: Column;
  cut: boolean;
  active: boolean;
  edited: boolean;
  linked: boolean;
  width: number;
  row: number;
  at: number;
  editing: boolean;
  start: string | null;
  onMouseDown: (row: number, column: number) => void;
  onDouble: (row: number, column: number) => void;
  onDone: (value: Value | undefined, move: 'down' | 'right' | 'left' | null, left?: boolean) => void;
  onCancel: (left?: boolean) => void;
  onFollow: (row: number, column: number) => void;
}) {
  const kind = kindOf(column);
  return (
    <div
      role="gridcell"
      id={active ? 'active-cell' : undefined}
      aria-selected={active}
      aria-colindex={at + 2}
      className={`cell ${kind} ${active ? 'active' : ''} ${edited ? 'edited' : ''} ${editing ? 'editing' : ''}`}
      style={{ width }}
      onMouseDown={() => !editing && onMouseDown(row, at)}
      onDoubleClick={() => !editing && onDouble(row, at)}
    >
      {editing ? (
        <CellEditor column={column} value={value ?? null} start={start} onDone={onDone} onCancel={onCancel} />
      ) : (
        <>
          <span className="cell-text">
            <CellText value={value} column={column} />
            {cut && '…'}
          </span>
          {linked && value != null && (
            <button
              type="button"
              tabIndex={-1}
              className="follow"
              title="Go to the row it refers to (Ctrl+Enter)"
              aria-label={`Follow ${column.name}`}
              onMouseDown={(event) => event.stopPropagation()}
              onClick={() => onFollow(row, at)}
            >
              <ArrowUpRight size={13} aria-hidden />
            </button>
          )}
        </>
      )}
    </div>
  );
});

export function Grid(props: GridProps) {
  const { columns, rows, widths, at, onAt } = props;
  const canEdit = rows[at.row]?.isNew ? props.canInsert : props.canEdit;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [editing, setEditing] = useState<(Place & { start: string | null }) | null>(null);
  const latest = useRef(props);
  latest.current = props;

  useLayoutEffect(() => {
    const element = box.current!;
    const observer = new ResizeObserver(() => setView((now) => ({ ...now, height: element.clientHeight })));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(view.top / rowHeight) - 8);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + 8);
  useEffect(() => {
    if (last >= rows.length - 40) props.onNearEnd();
  }, [last, rows.length]);

  const scrollTo = (place: Place) => {
    const element = box.current!;
    const top = place.row * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight - headHeight) element.scrollTop = top + rowHeight - element.clientHeight + headHeight;
    const left = columns.slice(0, place.column).reduce((sum, column) => sum + widthOf(column), 0);
    const right = left + (columns[place.column] ? widthOf(columns[place.column]) : 0);
    if (left < element.scrollLeft) element.scrollLeft = left;
    else if (right > element.scrollLeft + element.clientWidth - 44) element.scrollLeft = right - element.clientWidth + 44;
  };
  const move = (place: Place) => {
    const next = { row: Math.max(0, Math.min(rows.length - 1, place.row)), column: Math.max(0, Math.min(columns.length - 1, place.column)) };
    onAt(next);
    scrollTo(next);
  };
  const mover = useRef(move);
  mover.current = move;
  const widthOf = (column: Column) => ownValue(widths, column.name) ?? defaultWidth(column);
  const edit = useCallback((place: Place, start: string | null = null) => {
    const { rows, columns, canInsert, canEdit, onOpenValue } = latest.current;
    const row = rows[place.row];
    const column = columns[place.column];
    if (!row || !column) return;
    const value = valueOf(row, place.column, column) ?? null;
    const cut = (row.cut?.includes(place.column) ?? false) && !isEdited(row, column);
    if (!(row.isNew ? canInsert : canEdit) || !isWritable(column) || row.deleted) return value !== null && needsDialog(column, value, cut) ? onOpenValue(row, column) : undefined;
    if (needsDialog(column, value, cut)) return onOpenValue(row, column);
    setEditing({ ...place, start });
  }, []);
  useImperativeHandle(props.handle, () => ({ focus: () => box.current?.focus(), edit: (place) => (move(place), edit(place)), toTop: () => void (box.current!.scrollTop = 0) }));

  // The next key is the grid's, at once; but a click elsewhere keeps the focus.
  const refocus = useRef(false);
  useLayoutEffect(() => {
    if (!editing && refocus.current) box.current?.focus({ preventScroll: true });
    refocus.current = false;
  }, [editing]);
  const onDone = useCallback((value: Value | undefined, go: 'down' | 'right' | 'left' | null, left?: boolean) => {
    refocus.current = !left;
    setEditing((now) => {
      if (!now) return null;
      const { rows, columns, onEdit } = latest.current;
      const row = rows[now.row];
      const column = columns[now.column];
      queueMicrotask(() => {
        if (value !== undefined && value !== valueOf(row, now.column, column)) onEdit(row, column, value);
        if (go) mover.current({ row: now.row + (go === 'down' ? 1 : 0), column: now.column + (go === 'right' ? 1 : go === 'left' ? -1 : 0) });
      });
      return null;
    });
  }, []);
  const onCancel = useCallback((left?: boolean) => {
    refocus.current = !left;
    setEditing(null);
  }, []);
  const onMouseDown = useCallback((row: number, column: number) => latest.current.onAt({ row, column }), []);
  const onDouble = useCallback((row: number, column: number) => edit({ row, column }), [edit]);
  const onFollow = useCallback((row: number, column: number) => latest.current.onFollow(latest.current.rows[row], latest.current.columns[column]), []);

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (editing || event.target !== box.current) return;
    const withMod = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 2);
    const step = (row: number, column: number) => {
      event.preventDefault();
      move({ row: at.row + row, column: at.column + column });
    };
    switch (event.key) {
      case 'ArrowDown':
        return step(withMod ? rows.length : 1, 0);
      case 'ArrowUp':
        return step(withMod ? -rows.length : -1, 0);
      case 'ArrowRight':
        return step(0, withMod ? columns.length : 1);
      case 'ArrowLeft':
        return step(0, withMod ? -columns.length : -1);
      case 'PageDown':
        return step(page, 0);
      case 'PageUp':
        return step(-page, 0);
      case 'Home':
        return step(withMod ? -rows.length : 0, -columns.length);
      case 'End':
        return step(withMod ? rows.length : 0, columns.length);
      case 'Enter':
      case 'F2':
        event.preventDefault();
        if (withMod && rows[at.row] && columns[at.column]) return props.onFollow(rows[at.row], columns[at.column]);
        return edit(at);
      case ' ':
        event.preventDefault();
        return toggle(rows[at.row]?.id);
      case 'Delete':
      case 'Backspace':
        if (!withMod && canEdit && rows[at.row] && !columns[at.column]?.notNull && isWritable(columns[at.column])) {
          event.preventDefault();
          return props.onEdit(rows[at.row], columns[at.column], null);
        }
    }
    props.onKey?.(event);
    if (!event.defaultPrevented && canEdit && event.key.length === 1 && !withMod && !event.altKey) {
      event.preventDefault();
      const kind = columns[at.column] && kindOf(columns[at.column]);
      edit(at, kind === 'bool' || kind === 'enum' ? null : event.key);
    }
  };
  const toggle = (id?: string) => {
    if (!id) return;
    const next = new Set(props.selected);
    if (!next.delete(id)) next.add(id);
    props.onSelect(next);
  };

  const width = columns.reduce((sum, column) => sum + widthOf(column), 44);
  return (
    <div
      className="grid"
      ref={box}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={props.total ?? -1}
      aria-colcount={columns.length + 1}
      aria-activedescendant="active-cell"
      onScroll={(event) => setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}
      onKeyDown={onKeyDown}
    >
      <div className="grid-head" role="row" style={{ width }}>
        <div className="cell check" role="columnheader">
          <input
            type="checkbox"
            aria-label="Select all rows that are loaded"
            checked={rows.length > 0 && props.selected.size >= rows.length}
            onChange={(event) => props.onSelect(event.target.checked ? new Set(rows.map(({ id }) => id)) : new Set())}
          />
        </div>
        {columns.map((column) => {
          const sorted = props.sort?.column === column.name ? (props.sort.descending ? 'descending' : 'ascending') : 'none';
          return (
            <div key={column.name} className="cell head" role="columnheader" aria-sort={sorted} style={{ width: widthOf(column) }}>
              <button type="button" className="head-button" onClick={() => props.onSort(column.name)} title={column.comment ?? `${column.name} ${column.type}`}>
                <span className="head-name">
                  {props.keyColumns.includes(column.name) && <Key size={11} className="key" aria-label="key" />}
                  {props.linked.has(column.name) && <Link2 size={11} className="link" aria-label="foreign key" />}
                  {column.name}
                  {sorted === 'ascending' && <ArrowUp size={12} aria-hidden />}
                  {sorted === 'descending' && <ArrowDown size={12} aria-hidden />}
                </span>
                <small>
                  {column.type}
                  {column.notNull ? '' : ' ?'}
                </small>
              </button>
              <Resizer width={widthOf(column)} onWidth={(next) => props.onWidth(column.name, next)} />
            </div>
          );
        })}
      </div>
      <div className="grid-body" style={{ height: rows.length * rowHeight, width }}>
        {rows.slice(first, last).map((row, offset) => {
          const index = first + offset;
          return (
            <div
              key={row.id}
              role="row"
              aria-rowindex={index + 2}
              className={`grid-row ${row.isNew ? 'new' : ''} ${row.deleted ? 'deleted' : ''} ${props.selected.has(row.id) ? 'selected' : ''}`}
              style={{ transform: `translateY(${index * rowHeight}px)`, width }}
            >
              <div className="cell check" role="gridcell">
                <input type="checkbox" tabIndex={-1} aria-label={`Select row ${index + 1}`} checked={props.selected.has(row.id)} onChange={() => toggle(row.id)} />
              </div>
              {columns.map((column, place) => {
                const isActive = at.row === index && at.column === place;
                const isEditing = editing?.row === index && editing.column === place;
                const edited = isEdited(row, column);
                return (
                  <Cell
                    key={column.name}
                    value={valueOf(row, place, column)}
                    column={column}
                    cut={!edited && (row.cut?.includes(place) ?? false)}
                    active={isActive}
                    edited={edited}
                    linked={props.linked.has(column.name)}
                    width={widthOf(column)}
                    row={index}
                    at={place}
                    editing={isEditing}
                    start={isEditing ? editing.start : null}
                    onMouseDown={onMouseDown}
                    onDouble={onDouble}
                    onDone={onDone}
                    onCancel={onCancel}
                    onFollow={onFollow}
                  />
                );
              })}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Resizer({ width, onWidth }: { width: number; onWidth: (width: number) => void }) {
  return (
    <span
      className="resizer"
      aria-hidden
      onPointerDown={(event) => {
        event.preventDefault();
        const from = event.clientX;
        const target = event.currentTarget;
        target.setPointerCapture(event.pointerId);
        target.onpointermove = (moved) => onWidth(Math.max(60, Math.min(900, width + moved.clientX - from)));
        target.onpointerup = () => {
          target.onpointermove = null;
          target.onpointerup = null;
        };
      }}
    />
  );
}
