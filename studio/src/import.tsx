import { useState } from 'react';
import { postCsv, type Problem, problemOf, type Table, type Value } from './api';
import { csvValue, parseCsv, textOf } from './csv';
import { CellText } from './grid';
import { isWritable } from './types';
import { Button, Dialog, numberText, ProblemBox } from './ui';

// A CSV file into a table: all of its rows, or none.
export function ImportDialog({ table, database, onDone, onClose }: {
  table: Table;
  database: string;
  onDone: (count: number) => void;
  onClose: () => void;
}) {
  const [rows, setRows] = useState<Value[][] | null>(null);
  const [targets, setTargets] = useState<string[]>([]); // for each column of the file; '' leaves it out
  const [header, setHeader] = useState(true);
  const [emptyIsNull, setEmptyIsNull] = useState(true);
  const [quotedToo, setQuotedToo] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const writable = table.columns.filter(isWritable);
  const read = async (file?: File) => {
    if (!file) return;
    setRows(null);
    let parsed: Value[][];
    try {
      parsed = parseCsv(textOf(new Uint8Array(await file.arrayBuffer())));
    } catch (error) {
      return setProblem({ message: `${file.name}: ${problemOf(error).message}`, state: 'Nothing was imported.' });
    }
    if (!parsed.length) return setProblem({ message: `${file.name} has no rows` });
    setProblem(null);
    setRows(parsed);
    const plain = (name: Value) => (name ?? '').toLowerCase().replace(/[^a-z0-9]/g, '');
    const named = parsed[0].map((name) => writable.find((column) => plain(column.name) === plain(name))?.name ?? '');
    const isHeader = named.some(Boolean);
    setHeader(isHeader);
    setTargets(isHeader ? named : parsed[0].map((_, index) => writable[index]?.name ?? ''));
  };
  const meant = (value: Value) => (value || (value !== null && !(emptyIsNull && quotedToo)) ? value : emptyIsNull ? null : '');
  const body = rows ? rows.slice(header ? 1 : 0) : [];
  const used = targets.map((name, index) => ({ name, index })).filter(({ name }) => name);
  const send = async () => {
    setBusy(true);
    setProblem(null);
    const csv = body.map((row) => used.map(({ index }) => csvValue(meant(row[index]))).join(',')).join('\n');
    const parameters = new URLSearchParams({ database, schema: table.schema, table: table.name, columns: JSON.stringify(used.map(({ name }) => name)) });
    try {
      onDone((await postCsv<{ rows: number }>(`/api/import?${parameters}`, `${csv}\n`)).rows);
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      wide
      title={`Import CSV into ${table.name}`}
      onClose={onClose}
      footer={
        <>
          <span className="grow muted">All rows, or none.</span>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" disabled={!body.length || !used.length || busy} onClick={() => void send()}>
            {busy ? 'Importing…' : body.length ? `Import ${numberText(body.length)} rows` : 'Import'}
          </Button>
        </>
      }
    >
      <input type="file" accept=".csv,.tsv,.txt,text/csv" aria-label="CSV file" onClick={(event) => (event.currentTarget.value = '')} onChange={(event) => void read(event.target.files?.[0])} />
      {problem && <ProblemBox problem={problem} />}
      {rows && (
        <>
          <p className="checks">
            <label>
              <input type="checkbox" checked={header} onChange={(event) => setHeader(event.target.checked)} /> The first line names the columns
            </label>
            <label>
              <input type="checkbox" checked={emptyIsNull} onChange={(event) => setEmptyIsNull(event.target.checked)} /> Nothing is NULL
            </label>
            <label>
              <input type="checkbox" disabled={!emptyIsNull} checked={emptyIsNull && quotedToo} onChange={(event) => setQuotedToo(event.target.checked)} /> "" too
            </label>
          </p>
          <div className="table-scroll">
            <table className="plain">
              <thead>
                <tr>
                  {rows[0].map((name, index) => (
                    <th key={index}>
                      {header && <span>{name}</span>}
                      <select aria-label={`Column for ${name ?? index + 1}`} value={targets[index] ?? ''} onChange={(event) => setTargets(targets.map((each, at) => (at === index ? event.target.value : each)))}>
                        <option value="">leave out</option>
                        {writable.map((column) => (
                          <option key={column.name}>{column.name}</option>
                        ))}
                      </select>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {body.slice(0, 8).map((row, index) => (
                  <tr key={index}>
                    {rows[0].map((_, at) => (
                      <td key={at}>
                        <CellText value={meant(row[at])} />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Dialog>
  );
}
