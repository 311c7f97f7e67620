import { syntaxTree } from '@codemirror/language';
import { Clock, Network, Play, Square, Trash2 } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { csvValue } from './csv';
import { displayName, post, type Problem, problemOf, saveFile, type SqlAnswer, type SqlResult } from './api';
import { DatabasePicker, useStudio } from './app';
import { Code, type CodeHandle, type Names } from './code';
import { CellText } from './grid';
import { PlanTree, type PlanNode } from './plan';
import { Button, copyText, durationText, Empty, Menu, MenuItem, mod, numberText, ProblemBox, Spinner, toast, useStored } from './ui';

interface Past {
  sql: string;
  at: number;
  ms: number;
  ok: boolean;
}

export default function SqlPage() {
  const { database, objects } = useStudio();
  const [text, setText] = useStored(`sql:${database.id}`, '');
  const [history, setHistory] = useStored<Past[]>(`history:${database.id}`, []);
  const [limit, setLimit] = useStored('sql-limit', 500);
  const [showHistory, setShowHistory] = useState(false);
  const [answer, setAnswer] = useState<SqlAnswer | null>(null);
  const [plan, setPlan] = useState<{ root: PlanNode; analyzed: boolean } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [running, setRunning] = useState<{ id: string; since: number } | null>(null);
  const [tab, setTab] = useState(0);
  const code = useRef<CodeHandle>(null);

  const names = useMemo<Names>(() => {
    const out: Names = {};
    for (const table of objects?.tables ?? [])
      out[`${table.schema}.${table.name}`] = table.columns.map(({ name, type }) => ({ label: name, detail: type, type: 'property' }));
    return out;
  }, [objects]);

  // The selection, or all of it; for EXPLAIN the statement that the cursor is in.
  const chosen = (statement: boolean) => {
    const { state } = code.current!.view;
    const { from, to } = state.selection.main;
    if (from !== to) return { sql: state.sliceDoc(from, to), from };
    if (!statement) return { sql: state.doc.toString(), from: 0 };
    const statements = syntaxTree(state).topNode.getChildren('Statement');
    const node = statements.find((each) => from >= each.from && from <= each.to) ?? statements.filter((each) => each.from <= from).at(-1) ?? statements[0];
    return node ? { sql: state.sliceDoc(node.from, node.to), from: node.from } : { sql: state.doc.toString(), from: 0 };
  };
  const fail = (wrong: Problem, from: number) => {
    setProblem(wrong.cancelled ? { message: 'Cancelled', detail: wrong.message } : wrong);
    if (wrong.position !== undefined && !wrong.cancelled) code.current?.markWrong(from + wrong.position);
  };
  const begin = () => {
    const id = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    setRunning({ id, since: Date.now() });
    setProblem(null);
    setAnswer(null);
    setPlan(null);
    code.current?.markWrong(null);
    return id;
  };
  const run = async () => {
    if (running) return;
    const { sql, from } = chosen(false);
    if (!sql.trim()) return;
    const id = begin();
    const began = performance.now();
    let ok = true;
    try {
      const result = await post<SqlAnswer>('/api/sql', { database: database.id, sql, limit, run: id });
      setAnswer(result);
      setTab(Math.max(0, result.results.length - 1));
      ok = !result.error;
      if (result.error) fail(result.error, from);
    } catch (error) {
      ok = false;
      setProblem(problemOf(error));
    } finally {
      setRunning(null);
      setHistory([{ sql, at: Date.now(), ms: performance.now() - began, ok }, ...history.filter((past) => past.sql !== sql)].slice(0, 100));
    }
  };
  const explain = async (analyze: boolean) => {
    if (running) return;
    const { sql, from } = chosen(true);
    if (!sql.trim()) return;
    const id = begin();
    try {
      const result = await post<{ plan?: [{ Plan: PlanNode }]; error?: Problem }>('/api/explain', { database: database.id, sql, analyze, run: id });
      if (result.error) fail(result.error, from);
      else if (result.plan) setPlan({ root: { ...result.plan[0].Plan, ...timesOf(result.plan[0]) }, analyzed: analyze });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setRunning(null);
    }
  };
  const cancel = () => running && void post('/api/cancel', { run: running.id });

  const result = answer?.results[tab];
  return (
    <div className="sql-page">
      <header className="toolbar">
        <DatabasePicker />
        <span className="grow" />
        <label className="limit">
          Limit
          <select aria-label="Rows of a result" value={limit} onChange={(event) => setLimit(Number(event.target.value))}>
            {[100, 500, 2000, 10_000].map((each) => (
              <option key={each} value={each}>
                {numberText(each)} rows
              </option>
            ))}
          </select>
        </label>
        <Button icon={<Clock size={14} />} aria-pressed={showHistory} onClick={() => setShowHistory(!showHistory)}>
          History
        </Button>
        <Menu title="Explain" label="Explain" icon={<Network size={14} />} align="right">
          {(close) => (
            <>
              <MenuItem hint={`${mod}Shift+Enter`} onClick={() => (close(), void explain(false))}>Explain the plan</MenuItem>
              <MenuItem hint="runs it, rolled back" onClick={() => (close(), void explain(true))}>Explain and measure</MenuItem>
            </>
          )}
        </Menu>
        {running ? (
          <Button kind="danger" icon={<Square size={13} />} onClick={cancel}>
            Cancel
          </Button>
        ) : (
          <Button kind="primary" icon={<Play size={14} />} onClick={() => void run()} title={`${mod}Enter: the selection, or all`}>
            Run
          </Button>
        )}
      </header>
      <div className="sql-split">
        <div className="sql-main">
          <div className="sql-editor">
            <Code
              key={database.id}
              language="sql"
              label="SQL"
              hint={`select * from …   ${mod}Enter runs it`}
              initial={text}
              onChange={setText}
              onRun={() => void run()}
              onExplain={() => void explain(false)}
              schema={names}
              defaultSchema={objects?.searchPath[0] ?? 'public'}
              handle={code}
              autoFocus
            />
          </div>
          <section className="results" aria-label="Results">
            {running && <Running since={running.since} />}
            {problem && <ProblemBox problem={problem} onClose={() => setProblem(null)} />}
            {answer?.notices.map((notice, index) => (
              <p key={index} className="notice">
                {notice}
              </p>
            ))}
            {plan && <PlanTree root={plan.root} analyzed={plan.analyzed} />}
            {answer && answer.results.length > 1 && (
              <div className="tabs" role="tablist" aria-label="Results">
                {answer.results.map((each, index) => (
                  <button key={index} type="button" role="tab" aria-selected={index === tab} onClick={() => setTab(index)}>
                    {index + 1}. {each.columns.length ? `${each.rows.length}${each.more ? '+' : ''} ${each.rows.length === 1 ? 'row' : 'rows'}` : each.tag}
                  </button>
                ))}
              </div>
            )}
            {result && <ResultTable result={result} />}
            {!running && !problem && !answer && !plan && (
              <Empty title="Results appear here">
                {mod}Enter runs the selection, or all. Completion knows the tables of {objects ? displayName('public', objects.database) : 'the database'}.
              </Empty>
            )}
          </section>
        </div>
        {showHistory && (
          <aside className="history" aria-label="History">
            <header>
              <h2>History</h2>
              <span className="grow" />
              <Button kind="ghost" icon={<Trash2 size={13} />} aria-label="Forget the history" onClick={() => setHistory([])} />
            </header>
            {history.length === 0 && <p className="muted pad">What you run is kept here, in this browser.</p>}
            {history.map((past) => (
              <button key={past.at} type="button" className="past" onClick={() => code.current?.setText(past.sql)}>
                <code>{past.sql.slice(0, 300)}</code>
                <small className={past.ok ? '' : 'bad'}>
                  {new Date(past.at).toLocaleTimeString()} · {durationText(past.ms)}
                  {past.ok ? '' : ' · failed'}
                </small>
              </button>
            ))}
          </aside>
        )}
      </div>
    </div>
  );
}

function timesOf(plan: any) {
  return { planningTime: plan['Planning Time'], executionTime: plan['Execution Time'] };
}

function Running({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 100);
    return () => clearInterval(timer);
  }, []);
  return <Spinner label={`Running, ${((now - since) / 1000).toFixed(1)} s`} />;
}

const resultRow = 28;
function ResultTable({ result }: { result: SqlResult }) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 400 });
  const onScroll = useCallback(() => {
    if (box.current) setView({ top: box.current.scrollTop, height: box.current.clientHeight });
  }, []);
  useEffect(onScroll, [result]);
  const widths = useMemo(
    () => result.columns.map(({ name }, index) => Math.min(420, Math.max(name.length + 4, ...result.rows.slice(0, 60).map((row) => Math.min(60, (row[index] ?? 'NULL').length))) * 7.4 + 26)),
    [result],
  );
  const first = Math.max(0, Math.floor(view.top / resultRow) - 10);
  const last = Math.min(result.rows.length, Math.ceil((view.top + view.height) / resultRow) + 10);
  const width = widths.reduce((sum, each) => sum + each, 0);
  const rows = () => [result.columns.map(({ name }) => name), ...result.rows];
  return (
    <div className="result">
      <div className="result-bar">
        <span>
          {result.columns.length ? `${numberText(result.rows.length)} ${result.rows.length === 1 ? 'row' : 'rows'}${result.more ? ', and more: raise the limit' : ''}` : result.tag}
        </span>
        <span className="muted">{durationText(result.ms)}</span>
        <span className="grow" />
        {result.columns.length > 0 && (
          <>
            <Button kind="ghost" onClick={() => (void copyText(rows().map((row) => row.map((value) => value ?? '').join('\t')).join('\n')), toast('Copied'))}>
              Copy
            </Button>
            <Button kind="ghost" onClick={() => saveFile('result.csv', 'text/csv', rows().map((row) => row.map((value) => csvValue(value)).join(',')).join('\n') + '\n')}>
              CSV
            </Button>
          </>
        )}
      </div>
      {result.columns.length > 0 && (
        <div className="result-grid" ref={box} role="table" aria-label="Result" aria-rowcount={result.rows.length} tabIndex={0} onScroll={onScroll}>
          <div className="result-head" role="row" style={{ width }}>
            {result.columns.map(({ name, type }, index) => (
              <div key={index} role="columnheader" style={{ width: widths[index] }}>
                {name} <small>{type}</small>
              </div>
            ))}
          </div>
          <div style={{ height: result.rows.length * resultRow, width, position: 'relative' }} role="rowgroup">
            {result.rows.slice(first, last).map((row, offset) => (
              <div key={first + offset} role="row" className="result-row" style={{ transform: `translateY(${(first + offset) * resultRow}px)`, width }}>
                {row.map((value, index) => (
                  <div key={index} role="cell" className={/^(int|float|numeric)/.test(result.columns[index].type) ? 'number' : ''} style={{ width: widths[index] }} title={value ?? 'NULL'}>
                    <CellText value={value} />
                  </div>
                ))}
              </div>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}
