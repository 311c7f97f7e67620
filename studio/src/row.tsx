import { ArrowDownLeft, ArrowUpRight, X } from 'lucide-react';
import { type Column, displayName, type ForeignKey, type Table } from './api';
import { CellText, type GridRow, valueOf } from './grid';
import { Button, CopyButton } from './ui';

// One row, from top to bottom, with what it refers to and what refers to it.
export function RowPanel({ table, columns, row, outgoing, incoming, onOpen, onFollowOut, onFollowIn, onClose }: {
  table: Table;
  columns: Column[];
  row: GridRow;
  outgoing: ForeignKey[];
  incoming: ForeignKey[];
  onOpen: (column: Column) => void;
  onFollowOut: (key: ForeignKey) => void;
  onFollowIn: (key: ForeignKey) => void;
  onClose: () => void;
}) {
  const value = (name: string) => {
    const index = columns.findIndex((column) => column.name === name);
    return index < 0 ? null : (valueOf(row, index, columns[index]) ?? null);
  };
  const known = (names: string[]) => names.every((name) => value(name) !== null);
  return (
    <aside className="row-panel" aria-label={`A row of ${table.name}`}>
      <header>
        <h2>{row.isNew ? 'New row' : 'Row'}</h2>
        <span className="grow" />
        <Button kind="ghost" icon={<X size={14} />} aria-label="Close the row" onClick={onClose} />
      </header>
      {(outgoing.length > 0 || incoming.length > 0) && (
        <section>
          <h3>Related</h3>
          {outgoing.map((key) => (
            <button key={key.name} type="button" className="relation" disabled={!known(key.columns)} onClick={() => onFollowOut(key)}>
              <ArrowUpRight size={13} aria-hidden />
              <span>{displayName(key.toSchema, key.toTable)}</span>
              <small>{key.columns.join(', ')}</small>
            </button>
          ))}
          {incoming.map((key) => (
            <button key={`${key.table} ${key.name}`} type="button" className="relation" disabled={!known(key.toColumns)} onClick={() => onFollowIn(key)}>
              <ArrowDownLeft size={13} aria-hidden />
              <span>{displayName(key.schema, key.table)}</span>
              <small>{key.columns.join(', ')}</small>
            </button>
          ))}
        </section>
      )}
      <dl>
        {columns.map((column, index) => {
          const shown = valueOf(row, index, column);
          return (
            <div key={column.name} className="field">
              <dt>
                {column.name} <small>{column.type}</small>
              </dt>
              <dd>
                <button type="button" className="field-value" onClick={() => onOpen(column)} title="Open">
                  <CellText value={shown} column={column} />
                </button>
                {shown != null && <CopyButton text={shown} label={`Copy ${column.name}`} />}
              </dd>
            </div>
          );
        })}
      </dl>
    </aside>
  );
}
