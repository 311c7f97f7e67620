import {
  ArrowDownToLine, ArrowUpFromLine, Columns3, Eye, Filter as FilterIcon, Lock, PanelLeft, PanelRight, Plus, RefreshCw, Table2, Trash2, X,
} from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import {
  type Column, type Filter, type ForeignKey, type Page, type Problem, type Row, type Sort, type Table, type Value,
  copyable, displayName, download, post, problemOf, tableId,
} from './api';
import { DatabasePicker, useStudio } from './app';
import { FilterBar } from './filters';
import { Grid, type GridHandle, type GridRow, isEdited, type Place, valueOf } from './grid';
import { ImportDialog } from './import';
import { ValueDialog } from './editors';
import { RowPanel } from './row';
import { go, guardLeaving, tableOf, tablePath, usePlace } from './router';
import { hasDefault, isWritable } from './types';
import { bytesText, Button, copyText, Dialog, Empty, Menu, MenuItem, mod, numberText, ProblemBox, Spinner, toast, useStored } from './ui';
import { SqlText } from './code';

export function TablesPage() {
  const { objects } = useStudio();
  const place = usePlace();
  const [schema, name] = tableOf(place.path);
  const [open, setOpen] = useState(false);
  const table = objects?.tables.find((each) => each.schema === schema && each.name === name);
  return (
    <div className={open ? 'split list-open' : 'split'}>
      <ObjectList current={table} onPick={() => setOpen(false)} />
      <section className="content" aria-label="Rows">
        <Button className="show-list" kind="ghost" icon={<PanelLeft size={16} />} aria-label="Tables" onClick={() => setOpen(!open)} />
        {!objects ? (
          <div className="alone">
            <Spinner />
          </div>
        ) : table ? (
          <TableView key={tableId(table)} table={table} filters={place.filters} />
        ) : (
          <Empty icon={<Table2 size={28} />} title={objects.tables.length ? 'Choose a table' : 'This database has no tables yet'}>
            {objects.tables.length ? `${mod}K finds one by its name.` : 'Apply the migrations, and they appear here.'}
          </Empty>
        )}
      </section>
    </div>
  );
}

function ObjectList({ current, onPick }: { current?: Table; onPick: () => void }) {
  const { objects, reload } = useStudio();
  const [search, setSearch] = useState('');
  const found = (objects?.tables ?? []).filter((table) => displayName(table.schema, table.name).toLowerCase().includes(search.toLowerCase()));
  const schemas = [...new Set(found.map(({ schema }) => schema))].sort((a, b) => Number(b === 'public') - Number(a === 'public') || a.localeCompare(b));
  return (
    <aside className="side" aria-label="Tables and views">
      <div className="side-head">
        <DatabasePicker />
        <Button kind="ghost" icon={<RefreshCw size={14} />} aria-label="Reload the schema" title="Reload the schema" onClick={() => void reload()} />
      </div>
      <div className="side-search">
        <input type="search" aria-label="Find a table" placeholder="Find a table" value={search} onChange={(event) => setSearch(event.target.value)} />
      </div>
      <nav className="side-list" aria-label="Tables">
        {schemas.map((schema) => (
          <div key={schema}>
            <h3>{schema}</h3>
            {found
              .filter((table) => table.schema === schema)
              .map((table) => (
                <a
                  key={table.name}
                  href={tablePath(table.schema, table.name)}
                  aria-current={table === current ? 'page' : undefined}
                  className={table === current ? 'side-link current' : 'side-link'}
                  title={table.comment ?? undefined}
                  onClick={(event) => {
                    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                    event.preventDefault();
                    onPick();
                    go(tablePath(table.schema, table.name));
                  }}
                >
                  {table.kind === 'v' || table.kind === 'm' ? <Eye size={14} aria-label="view" /> : <Table2 size={14} aria-hidden />}
                  <span className="grow ellipsis">{table.name}</span>
                  {table.estimate > 0 && <small>{compact(table.estimate)}</small>}
                </a>
              ))}
          </div>
        ))}
      </nav>
    </aside>
  );
}

const compact = (value: number) => Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(value);

interface NewRow {
  id: string;
  set: Record<string, Value>;
}
const pageSize = 200;
const rowId = (row: Row, index: number) => (row.key ? JSON.stringify(row.key) : `#${index}`);

function TableView({ table, filters: given }: { table: Table; filters?: Filter[] }) {
  const { database, objects } = useStudio();
  const [filters, setFilters] = useState<Filter[]>(given ?? []);
  const [filtering, setFiltering] = useState(Boolean(given?.length));
  const [sort, setSort] = useState<Sort | null>(null);
  const [rows, setRows] = useState<Row[]>([]);
  const [next, setNext] = useState<Page['next']>(null);
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [count, setCount] = useState<{ count: number; exact: boolean } | null>(null);
  const [hidden, setHidden] = useStored<string[]>(`hidden:${database.id}:${tableId(table)}`, []);
  const [widths, setWidths] = useStored<Record<string, number>>(`widths:${database.id}:${tableId(table)}`, {});
  const [edits, setEdits] = useState<Record<string, Record<string, Value>>>({});
  const [news, setNews] = useState<NewRow[]>([]);
  const [deleted, setDeleted] = useState<Set<string>>(new Set());
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [at, setAt] = useState<Place>({ row: 0, column: 0 });
  const [panel, setPanel] = useStored('row-panel', false);
  const [open, setOpen] = useState<{ row: GridRow; column: Column; value: Value } | null>(null);
  const [statements, setStatements] = useState<string[] | null>(null);
  const [saving, setSaving] = useState(false);
  const [saveProblem, setSaveProblem] = useState<Problem | null>(null);
  const [importing, setImporting] = useState(false);
  const grid = useRef<GridHandle>(null);
  const loads = useRef(0);

  const where = { database: database.id, schema: table.schema, table: table.name };
  const columns = useMemo(() => table.columns.filter(({ name }) => !hidden.includes(name)), [table, hidden]);
  const isTable = table.kind === 'r' || table.kind === 'p';
  const canInsert = isTable && !database.readOnly;
  const canTellApart = table.key !== null || (table.kind === 'r' && !table.hasChildren);
  const canEdit = canInsert && canTellApart;
  const changes = Object.keys(edits).length + news.length + deleted.size;

  // A history step back to other filters.
  const settled = useRef(given);
  useEffect(() => {
    if (settled.current === given) return;
    settled.current = given;
    setFilters(given ?? []);
    if (given?.length) setFiltering(true);
  }, [given]);

  const load = useCallback(
    async (after: Page['next'], limit = pageSize) => {
      const load = ++loads.current;
      setLoading(true);
      try {
        const page = await post<Page>('/api/rows', { ...where, filters, sort, after, limit, columns: columns.map(({ name }) => name) });
        if (load !== loads.current) return;
        setRows((now) => (after === null ? page.rows : [...now, ...page.rows]));
        setNext(page.next);
        setProblem(null);
      } catch (error) {
        if (load !== loads.current) return;
        setProblem(problemOf(error));
        setNext(null);
      } finally {
        if (load === loads.current) setLoading(false);
      }
    },
    [database.id, table.schema, table.name, filters, sort, columns],
  );
  useEffect(() => {
    setRows([]);
    setSelected(new Set());
    // Rows that come before the browser has drawn the empty grid would leave it where it was scrolled to.
    grid.current?.toTop();
    setAt(({ column }) => ({ row: 0, column }));
    void load(null);
  }, [load]);
  useEffect(() => {
    let current = true;
    setCount(null);
    post<{ count: number; exact: boolean }>('/api/count', { ...where, filters }).then((answer) => current && setCount(answer), () => {});
    return () => {
      current = false;
    };
  }, [database.id, table, filters]);
  const refresh = async () => {
    await load(null, Math.max(pageSize, Math.min(2000, rows.length)));
    post<{ count: number; exact: boolean }>('/api/count', { ...where, filters }).then(setCount, () => {});
  };

  // Unsaved work is not lost by a click.
  useEffect(() => {
    guardLeaving(changes ? () => confirm('There are changes that are not saved. Leave them?') : null);
    const onUnload = (event: BeforeUnloadEvent) => changes && event.preventDefault();
    window.addEventListener('beforeunload', onUnload);
    return () => {
      window.removeEventListener('beforeunload', onUnload);
      guardLeaving(null);
    };
  }, [changes]);

  const shown = useMemo<GridRow[]>(
    () => [
      ...news.map(({ id, set }) => ({ id, values: [], isNew: true, unset: true, edited: set })),
      ...rows.map((row, index) => {
        const id = rowId(row, index);
        return { id, values: row.values, cut: row.cut, edited: edits[id], deleted: deleted.has(id) };
      }),
    ],
    [rows, news, edits, deleted],
  );
  // Also of rows that are changed and, sorted or filtered otherwise, not loaded any more.
  const changed = useRef(new Map<string, Row>());
  const byId = useMemo(() => new Map([...changed.current, ...rows.map((row, index): [string, Row] => [rowId(row, index), row])]), [rows]);
  const remember = (id: string) => {
    const row = byId.get(id);
    if (row) changed.current.set(id, row);
  };

  const outgoing = useMemo(() => (objects?.foreignKeys ?? []).filter((key) => key.schema === table.schema && key.table === table.name), [objects, table]);
  const incoming = useMemo(() => (objects?.foreignKeys ?? []).filter((key) => key.toSchema === table.schema && key.toTable === table.name), [objects, table]);
  const linked = useMemo(() => new Set(outgoing.flatMap(({ columns }) => columns)), [outgoing]);

  const cell = (row: GridRow, name: string): Value => {
    const index = columns.findIndex((column) => column.name === name);
    return index < 0 ? null : (valueOf(row, index, columns[index]) ?? null);
  };
  const followOut = (row: GridRow, key: ForeignKey) =>
    go(tablePath(key.toSchema, key.toTable), key.toColumns.map((column, index) => ({ column, operator: '=', value: cell(row, key.columns[index]) })));
  const followIn = (row: GridRow, key: ForeignKey) =>
    go(tablePath(key.schema, key.table), key.columns.map((column, index) => ({ column, operator: '=', value: cell(row, key.toColumns[index]) })));
  const follow = (row: GridRow, column: Column) => {
    const key = outgoing.find(({ columns }) => columns.includes(column.name));
    if (key && cell(row, column.name) !== null) followOut(row, key);
  };

  const edit = (row: GridRow, column: Column, value: Value) => {
    setSaveProblem(null);
    if (row.isNew) return setNews((now) => now.map((each) => (each.id === row.id ? { ...each, set: { ...each.set, [column.name]: value } } : each)));
    remember(row.id);
    const original = row.values[columns.indexOf(column)];
    const cut = row.cut?.includes(columns.indexOf(column));
    setEdits((now) => {
      const set = { ...now[row.id], [column.name]: value };
      if (value === original && !cut) delete set[column.name];
      const { [row.id]: _, ...others } = now;
      return Object.keys(set).length ? { ...others, [row.id]: set } : others;
    });
  };
  const openValue = async (row: GridRow, column: Column) => {
    const index = columns.indexOf(column);
    const edited = isEdited(row, column);
    let value = valueOf(row, index, column) ?? null;
    if (!edited && row.cut?.includes(index)) {
      try {
        value = (await post<{ value: Value }>('/api/value', { ...where, key: byId.get(row.id)?.key, column: column.name })).value;
      } catch (error) {
        return toast(problemOf(error).message, true);
      }
    }
    setOpen({ row, column, value });
  };
  const insert = (set: Record<string, Value> = {}) => {
    setNews((now) => [{ id: `new ${Date.now()} ${now.length}`, set }, ...now]);
    const first = columns.findIndex((column) => isWritable(column) && !hasDefault(column));
    requestAnimationFrame(() => grid.current?.edit({ row: 0, column: Math.max(0, first) }));
  };
  const targets = () => (selected.size ? shown.filter(({ id }) => selected.has(id)) : shown[at.row] ? [shown[at.row]] : []);
  const remove = () => {
    const ids = targets();
    for (const { id } of ids) remember(id);
    setNews((now) => now.filter(({ id }) => !ids.some((row) => row.id === id)));
    setDeleted((now) => {
      const next = new Set(now);
      const all = ids.filter(({ isNew }) => !isNew);
      const undo = all.every(({ id }) => next.has(id));
      for (const { id } of all) undo ? next.delete(id) : next.add(id);
      return next;
    });
    setSelected(new Set());
  };
  const discard = () => {
    setEdits({});
    setNews([]);
    setDeleted(new Set());
    setSaveProblem(null);
    changed.current.clear();
  };
  const request = () => {
    const identity = (id: string) => ({ key: byId.get(id)?.key, version: byId.get(id)?.version });
    return {
      ...where,
      deletes: [...deleted].map(identity),
      updates: Object.entries(edits).filter(([id]) => !deleted.has(id)).map(([id, set]) => ({ ...identity(id), set })),
      inserts: [...news].reverse().map(({ set }) => ({ set })),
    };
  };
  const preview = async () => {
    try {
      setStatements((await post<{ statements: string[] }>('/api/changes', { ...request(), preview: true })).statements);
    } catch (error) {
      setSaveProblem(problemOf(error));
    }
  };
  const save = async () => {
    if (!changes || saving) return;
    setSaving(true);
    setSaveProblem(null);
    try {
      const answer = await post<{ saved?: number; error?: Problem; statements: string[]; failed?: number }>('/api/changes', request());
      if (answer.error) {
        const statement = answer.statements[answer.failed ?? 0];
        return setSaveProblem({ ...answer.error, detail: [answer.error.detail, statement].filter(Boolean).join('\n') });
      }
      toast(`Saved: ${answer.saved} ${answer.saved === 1 ? 'change' : 'changes'} in one transaction`);
      setStatements(null);
      discard();
      await refresh();
    } catch (error) {
      setSaveProblem(problemOf(error));
    } finally {
      setSaving(false);
    }
  };
  const copy = (format: 'tsv' | 'json' | 'sql') => {
    const list = targets().map((row) => columns.map((column, index) => valueOf(row, index, column) ?? null));
    void copyText(copyable(format, table, columns.map(({ name }) => name), list));
    toast(`Copied ${list.length} ${list.length === 1 ? 'row' : 'rows'}`);
  };
  const onKey = (event: React.KeyboardEvent) => {
    const withMod = event.ctrlKey || event.metaKey;
    if (withMod && event.key === 'c' && !getSelection()?.toString()) {
      event.preventDefault();
      if (selected.size) copy('tsv');
      else if (shown[at.row]) void copyText(cell(shown[at.row], columns[at.column].name) ?? '');
    }
    if (withMod && event.key === 'Delete' && canEdit) {
      event.preventDefault();
      remove();
    }
  };
  useEffect(() => {
    const onSave = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey)) return;
      if (event.key === 's') {
        event.preventDefault();
        void save();
      } else if (event.key === 'i' && event.altKey && canInsert) {
        event.preventDefault();
        insert();
      } else if (event.key === 'f' && event.shiftKey) {
        event.preventDefault();
        setFiltering(true);
      }
    };
    const onTold = () => void save();
    const onRows = () => grid.current?.focus();
    window.addEventListener('keydown', onSave);
    window.addEventListener('studio-save', onTold);
    window.addEventListener('studio-rows', onRows);
    return () => {
      window.removeEventListener('keydown', onSave);
      window.removeEventListener('studio-save', onTold);
      window.removeEventListener('studio-rows', onRows);
    };
  });
  const exportRows = (format: 'csv' | 'json') => {
    const parameters = new URLSearchParams({ database: database.id, schema: table.schema, table: table.name, format, request: JSON.stringify({ filters, sort }) });
    download(`/api/export?${parameters}`);
  };
  const toggleSort = (column: string) =>
    setSort((now) => (now?.column !== column ? { column, descending: false } : now.descending ? null : { column, descending: true }));

  return (
    <>
      <header className="toolbar">
        <h1 className="ellipsis">
          {table.schema !== 'public' && <span className="muted">{table.schema}.</span>}
          {table.name}
        </h1>
        {!isTable && <span className="badge">{table.kind === 'm' ? 'materialized view' : table.kind === 'v' ? 'view' : 'foreign table'}</span>}
        {canInsert && !canTellApart && (
          <span className="badge warn" title="Its rows are in several tables and have no key to tell them apart: they can be inserted, not changed">
            <Lock size={11} aria-hidden /> no key
          </span>
        )}
        <span className="grow" />
        <Button kind={filters.length ? 'primary' : 'plain'} icon={<FilterIcon size={14} />} onClick={() => setFiltering(!filtering)} aria-expanded={filtering} title={`${mod}Shift+F`}>
          {filters.length ? `Filter (${filters.length})` : 'Filter'}
        </Button>
        <Menu title="Columns" label="Columns" icon={<Columns3 size={14} />} align="right">
          {() => (
            <div className="column-menu">
              {table.columns.map(({ name, type }) => (
                <label key={name} className="menu-item">
                  <input type="checkbox" checked={!hidden.includes(name)} onChange={(event) => setHidden(event.target.checked ? hidden.filter((each) => each !== name) : [...hidden, name])} />
                  <span className="grow">{name}</span>
                  <small>{type}</small>
                </label>
              ))}
              {hidden.length > 0 && <MenuItem onClick={() => setHidden([])}>Show all</MenuItem>}
            </div>
          )}
        </Menu>
        <Menu title="Export and import" icon={<ArrowDownToLine size={14} />} align="right">
          {(close) => {
            const then = (what: () => void) => () => (close(), what());
            return (
              <>
                <MenuItem onClick={then(() => exportRows('csv'))} hint={filters.length ? 'filtered' : 'all rows'}>Export CSV</MenuItem>
                <MenuItem onClick={then(() => exportRows('json'))} hint={filters.length ? 'filtered' : 'all rows'}>Export JSON</MenuItem>
                <hr />
                <MenuItem onClick={then(() => copy('tsv'))} hint={selected.size ? 'selected' : 'this row'}>Copy as text</MenuItem>
                <MenuItem onClick={then(() => copy('json'))} hint={selected.size ? 'selected' : 'this row'}>Copy as JSON</MenuItem>
                <MenuItem onClick={then(() => copy('sql'))} hint={selected.size ? 'selected' : 'this row'}>Copy as INSERT</MenuItem>
                <hr />
                <MenuItem disabled={!canInsert} onClick={then(() => setImporting(true))}>
                  <ArrowUpFromLine size={13} aria-hidden /> Import CSV…
                </MenuItem>
              </>
            );
          }}
        </Menu>
        <Button icon={<PanelRight size={14} />} title="The row, all of it" aria-label="Row details" aria-pressed={panel} onClick={() => setPanel(!panel)} />
        <Button icon={<RefreshCw size={14} className={loading ? 'turning' : ''} />} title="Reload rows" aria-label="Reload rows" onClick={() => void refresh()} />
        {canInsert && (
          <Button kind="primary" icon={<Plus size={14} />} onClick={() => insert()} title={`${mod}Alt+I`}>
            Insert
          </Button>
        )}
      </header>
      {filtering && <FilterBar columns={table.columns} filters={filters} onChange={setFilters} onClose={() => setFiltering(false)} />}
      {problem && <ProblemBox problem={problem} onClose={() => setProblem(null)} />}
      <div className="grid-and-panel">
        <Grid
          label={`Rows of ${table.name}`}
          columns={columns}
          rows={shown}
          total={count?.exact ? count.count + news.length : null}
          keyColumns={table.key ?? []}
          linked={linked}
          sort={sort}
          canEdit={canEdit}
          canInsert={canInsert}
          widths={widths}
          selected={selected}
          at={at}
          onAt={setAt}
          onSort={toggleSort}
          onWidth={(name, width) => setWidths({ ...widths, [name]: width })}
          onSelect={setSelected}
          onEdit={edit}
          onOpenValue={(row, column) => void openValue(row, column)}
          onFollow={follow}
          onNearEnd={() => !loading && next !== null && void load(next)}
          onKey={onKey}
          handle={grid}
        />
        {panel && shown[at.row] && (
          <RowPanel
            table={table}
            columns={columns}
            row={shown[at.row]}
            outgoing={outgoing}
            incoming={incoming}
            onOpen={(column) => void openValue(shown[at.row], column)}
            onFollowOut={(key) => followOut(shown[at.row], key)}
            onFollowIn={(key) => followIn(shown[at.row], key)}
            onClose={() => setPanel(false)}
          />
        )}
      </div>
      {!loading && !problem && shown.length === 0 && <p className="no-rows">{filters.length ? 'No row is like that.' : 'No rows yet.'}</p>}
      {saveProblem && <ProblemBox problem={saveProblem} onClose={() => setSaveProblem(null)} />}
      {changes > 0 ? (
        <footer className="save-bar" aria-label="Changes">
          <strong>{changes === 1 ? '1 change' : `${changes} changes`}</strong>
          <span className="muted hide-narrow">not saved yet</span>
          <span className="grow" />
          <Button onClick={() => void preview()}>Show SQL</Button>
          <Button onClick={discard}>Discard</Button>
          <Button kind="primary" disabled={saving} onClick={() => void save()} title={`${mod}S`}>
            {saving ? 'Saving…' : 'Save'}
          </Button>
        </footer>
      ) : (
        <footer className="status-bar">
          <span>
            {count ? `${count.exact ? '' : '≈ '}${numberText(count.count)} ${count.count === 1 ? 'row' : 'rows'}` : '…'}
            {rows.length > 0 && count && rows.length < count.count ? `, ${numberText(rows.length)} loaded` : ''}
          </span>
          {table.bytes !== null && <span className="muted hide-narrow">{bytesText(table.bytes)}</span>}
          <span className="grow" />
          {selected.size > 0 && (
            <>
              <span>{selected.size} selected</span>
              <Button onClick={() => copy('tsv')}>Copy</Button>
              {canEdit && (
                <Button kind="danger" icon={<Trash2 size={13} />} onClick={remove}>
                  Delete
                </Button>
              )}
              <Button kind="ghost" icon={<X size={13} />} aria-label="Select nothing" onClick={() => setSelected(new Set())} />
            </>
          )}
          {selected.size === 0 && <span className="muted hide-narrow">{canEdit ? 'Enter edits · Space selects · ' : ''}{mod}C copies</span>}
        </footer>
      )}
      {open && (
        <ValueDialog
          column={open.column}
          value={open.value}
          readOnly={!(open.row.isNew ? canInsert : canEdit) || !isWritable(open.column)}
          onClose={() => setOpen(null)}
          onDone={(value) => {
            if (value !== open.value) edit(open.row, open.column, value);
            setOpen(null);
          }}
        />
      )}
      {statements && (
        <Dialog
          wide
          title="What Save runs, in one transaction"
          onClose={() => setStatements(null)}
          footer={
            <>
              <Button onClick={() => void copyText(statements.join('\n'))}>Copy</Button>
              <span className="grow" />
              <Button onClick={() => setStatements(null)}>Close</Button>
              <Button kind="primary" disabled={saving} onClick={() => void save()}>
                Save
              </Button>
            </>
          }
        >
          {saveProblem && <ProblemBox problem={saveProblem} />}
          <SqlText text={['BEGIN;', ...statements, 'COMMIT;'].join('\n')} label="SQL" />
        </Dialog>
      )}
      {importing && (
        <ImportDialog
          table={table}
          database={database.id}
          onClose={() => setImporting(false)}
          onDone={(count) => {
            setImporting(false);
            toast(`Imported ${numberText(count)} rows`);
            void refresh();
          }}
        />
      )}
    </>
  );
}
