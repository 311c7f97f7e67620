import { AlertTriangle, CheckCircle2, CircleDashed, FileWarning, GitBranch, Lock, Play, RefreshCw, ScanSearch, ShieldCheck, Undo2 } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Database, type Drift, type MigrationText, type Preflight, type Problem, type Status, post, problemOf } from './api';
import { useStudio } from './app';
import { SqlText } from './code';
import { Findings, Locks } from './judgement';
import { SchemaChange } from './schema_change';
import { Button, CopyButton, Dialog, durationText, Empty, Menu, MenuItem, ProblemBox, Spinner, toast } from './ui';

type Known = { status?: Status; problem?: Problem; loading: boolean };

export default function MigrationsPage() {
  const { info, onEvent, reload } = useStudio();
  const [known, setKnown] = useState<Record<string, Known>>({});
  const [chosen, setChosen] = useState<string | null>(null);
  const [log, setLog] = useState<{ database: string; state: string; text: string }[]>([]);
  const [busy, setBusy] = useState<string | null>(null);

  const load = useCallback(async (database: Database) => {
    setKnown((now) => ({ ...now, [database.id]: { ...now[database.id], loading: true } }));
    try {
      const status = await post<Status>('/api/migrations/status', { database: database.id });
      setKnown((now) => ({ ...now, [database.id]: { status, loading: false } }));
    } catch (error) {
      setKnown((now) => ({ ...now, [database.id]: { problem: problemOf(error), loading: false } }));
    }
  }, []);
  const loadAll = useCallback(() => {
    for (const database of info.databases) void load(database);
  }, [info, load]);
  useEffect(loadAll, [loadAll]);
  useEffect(
    () =>
      onEvent((event) => {
        if (event.type === 'run')
          setLog((now) => {
            const line = { database: event.database, state: event.state, text: event.text };
            // How far a backfill is: one line, which changes.
            const again = line.state === 'backfilling' && now.at(-1)?.state === 'backfilling' && now.at(-1)!.text.split(':')[0] === line.text.split(':')[0];
            return [...(again ? now.slice(0, -1) : now), line].slice(-60);
          });
        if (event.type === 'saved') loadAll();
      }),
    [onEvent, loadAll],
  );

  // What was done in a terminal meanwhile.
  useEffect(() => {
    window.addEventListener('focus', loadAll);
    return () => window.removeEventListener('focus', loadAll);
  }, [loadAll]);

  const tags = useMemo(() => {
    const first = Object.values(known).find(({ status }) => status)?.status;
    return first?.migrations.map(({ migration }) => migration) ?? [];
  }, [known]);
  const problems = Object.values(known).find(({ status }) => status)?.status?.folder ?? [];
  const changed = async () => {
    loadAll();
    await reload();
  };

  return (
    <div className="migrations-page">
      <header className="toolbar">
        <h1>Migrations</h1>
        <code className="muted ellipsis" title={info.directory}>
          {info.folder}
        </code>
        <span className="grow" />
        <Button icon={<RefreshCw size={14} />} onClick={loadAll}>
          Reload
        </Button>
      </header>
      <div className="migrations-body">
        <SchemaChange onGenerated={(tag) => (loadAll(), setChosen(tag))} />
        {problems.map((each, index) => (
          <div key={index} className="problem soft">
            <FileWarning size={16} aria-hidden />
            <div>
              <strong>{each.message}</strong>
              {each.hint && <p className="hint">{each.hint}</p>}
            </div>
          </div>
        ))}
        <div className="matrix-scroll">
          <table className="matrix" aria-label="Migrations and databases">
            <thead>
              <tr>
                <th scope="col">Migration</th>
                {info.databases.map((database) => (
                  <th key={database.id} scope="col">
                    <DatabaseHead database={database} known={known[database.id]} busy={busy} setBusy={setBusy} setLog={setLog} onChanged={changed} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {[...tags].reverse().map((tag) => (
                <tr key={tag} className={tag === chosen ? 'current' : ''} onClick={() => setChosen(tag === chosen ? null : tag)}>
                  <th scope="row">
                    <button type="button" aria-expanded={tag === chosen} title={tag}>
                      <GitBranch size={13} aria-hidden />
                      <span className="ellipsis">{tag}</span>
                    </button>
                  </th>
                  {info.databases.map((database) => (
                    <td key={database.id}>
                      <State known={known[database.id]} tag={tag} />
                    </td>
                  ))}
                </tr>
              ))}
              {Object.entries(known).some(([, each]) => each.status?.unknown.length) && (
                <tr>
                  <th scope="row" className="muted">
                    not in the folder
                  </th>
                  {info.databases.map((database) => (
                    <td key={database.id}>
                      {known[database.id]?.status?.unknown.map(({ name, hash }) => (
                        <span key={hash} className="state bad" title={hash}>
                          <AlertTriangle size={13} aria-hidden /> {name ?? hash.slice(0, 12)}
                        </span>
                      ))}
                    </td>
                  ))}
                </tr>
              )}
            </tbody>
          </table>
          {tags.length === 0 && Object.values(known).some(({ status }) => status) && (
            <Empty icon={<GitBranch size={28} />} title="No migrations yet">
              {`Change the schema, and what would be generated appears here. The folder is ${info.folder}.`}
            </Empty>
          )}
        </div>
        {log.length > 0 && (
          <section className="log" aria-label="Progress" aria-live="polite">
            {log.map((line, index) => (
              <p key={index} className={line.state === 'failed' ? 'bad' : line.state === 'waiting for' ? 'warn-text' : ''}>
                <span className="muted">{info.databases.find(({ id }) => id === line.database)?.label}</span> {line.state} {line.text}
              </p>
            ))}
          </section>
        )}
        {chosen && <Migration tag={chosen} key={chosen} />}
      </div>
    </div>
  );
}

function State({ known, tag }: { known?: Known; tag: string }) {
  const item = known?.status?.migrations.find(({ migration }) => migration === tag);
  if (!item) return <span className="muted">{known?.loading ? '…' : '–'}</span>;
  const interrupted = item.interrupted && `interrupted after ${item.interrupted.done} of ${item.interrupted.steps} steps`;
  switch (item.state) {
    case 'applied':
      return (
        <span className="state good" title={item.appliedAt ? `${item.appliedAt}${item.durationMs != null ? `, ${durationText(item.durationMs)}` : ''}` : undefined}>
          <CheckCircle2 size={14} aria-hidden /> applied
          {item.appliedAt && <small>{item.appliedAt.slice(0, 10)}</small>}
        </span>
      );
    case 'pending':
      return (
        <span className="state pending">
          <CircleDashed size={14} aria-hidden /> {interrupted ?? 'pending'}
        </span>
      );
    default:
      return (
        <span className="state bad">
          <AlertTriangle size={14} aria-hidden /> {item.state.replaceAll('_', ' ')}
        </span>
      );
  }
}

function DatabaseHead({ database, known, busy, setBusy, setLog, onChanged }: {
  database: Database;
  known?: Known;
  busy: string | null;
  setBusy: (id: string | null) => void;
  setLog: (log: (now: { database: string; state: string; text: string }[]) => { database: string; state: string; text: string }[]) => void;
  onChanged: () => Promise<void>;
}) {
  const [preflight, setPreflight] = useState<Preflight | null>(null);
  const [drift, setDrift] = useState<Drift | null>(null);
  const [rollback, setRollback] = useState<string | null>(null);
  const [working, setWorking] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const status = known?.status;
  const applied = status?.migrations.filter(({ state }) => state === 'applied' || state === 'edited') ?? [];
  const last = applied.at(-1);

  const during = async (what: string, work: () => Promise<void>) => {
    setWorking(what);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setWorking('');
    }
  };
  const say = (state: string, text: string) => setLog((now) => [...now, { database: database.id, state, text }]);
  const apply = () =>
    during('Applying…', async () => {
      setBusy(database.id);
      setLog(() => []);
      try {
        const answer = await post<{ applied: { migration: string; ms: number }[]; error?: Problem }>('/api/migrations/apply', { database: database.id });
        if (answer.error) {
          say('failed', answer.error.message);
          setProblem(answer.error);
        } else {
          toast(answer.applied.length ? `Applied ${answer.applied.length} to ${database.label}` : 'Nothing to apply');
          setPreflight(null);
        }
      } finally {
        setBusy(null);
        await onChanged();
      }
    });
  const rollBack = (to: string) =>
    during('Rolling back…', async () => {
      setBusy(database.id);
      setLog(() => []);
      try {
        const answer = await post<{ rolledBack: { migration: string }[] }>('/api/migrations/rollback', { database: database.id, to });
        setRollback(null);
        toast(`Rolled back ${answer.rolledBack.map(({ migration }) => migration).join(', ')}`);
      } finally {
        setBusy(null);
        await onChanged();
      }
    });

  return (
    <div className="database-head">
      <div className="database-name">
        <strong>{database.label}</strong>
        {database.protected && (
          <span className="badge warn">
            <Lock size={11} aria-hidden /> protected
          </span>
        )}
        {status && (status.pending ? <span className="badge accent">{status.pending} pending</span> : <span className="badge">up to date</span>)}
      </div>
      <small className="muted ellipsis">{status?.describe ?? database.url}</small>
      {known?.problem && <span className="bad small">{known.problem.message}</span>}
      {status && (
        <div className="database-actions">
          <Button icon={<Play size={13} />} kind={status.pending && !database.readOnly ? 'primary' : 'plain'} disabled={!status.pending || busy !== null} onClick={() => during('Looking…', async () => setPreflight(await post<Preflight>('/api/migrations/preflight', { database: database.id })))}>
            {database.readOnly ? 'Preflight' : 'Apply…'}
          </Button>
          <Menu title={`More for ${database.label}`} label="More">
            {(close) => (
              <>
                <MenuItem onClick={() => (close(), void during('Comparing…', async () => setDrift(await post<Drift>('/api/migrations/drift', { database: database.id }))))}>
                  <ScanSearch size={13} aria-hidden /> Look for drift
                </MenuItem>
                <MenuItem danger disabled={!last || !last.down || database.readOnly || busy !== null} onClick={() => (close(), setRollback(last!.migration))}>
                  <Undo2 size={13} aria-hidden /> Roll back {last?.migration.slice(0, 28) ?? ''}…
                </MenuItem>
              </>
            )}
          </Menu>
          {working && <Spinner label={working} />}
        </div>
      )}
      {problem && !preflight && !rollback && <ProblemBox problem={problem} onClose={() => setProblem(null)} />}
      {preflight && (
        <Dialog
          wide
          title={`What is pending would do to ${database.label}`}
          onClose={() => setPreflight(null)}
          footer={
            <>
              <span className="grow muted">{database.readOnly ? 'Nothing can be applied from here: the database is read-only.' : ''}</span>
              <Button onClick={() => setPreflight(null)}>Close</Button>
              {!database.readOnly && (
                <Button kind="primary" icon={<Play size={13} />} disabled={working !== '' || preflight.obstacles.length > 0} onClick={() => void apply()}>
                  {working || `Apply ${preflight.pending.length}`}
                </Button>
              )}
            </>
          }
        >
          {problem && <ProblemBox problem={problem} />}
          {preflight.obstacles.length === 0 ? (
            <p className="good-line">
              <ShieldCheck size={15} aria-hidden /> No row that is there would make it fail{preflight.asked ? ` (${preflight.asked} looked at)` : ''}.
            </p>
          ) : (
            preflight.obstacles.map((each, index) => (
              <div key={index} className="problem">
                <AlertTriangle size={16} aria-hidden />
                <div>
                  <strong>{each.message}</strong>
                  <p>
                    {each.file}:{each.line}
                  </p>
                  {each.rows.map((row) => (
                    <code key={row} className="block">
                      {row}
                    </code>
                  ))}
                </div>
              </div>
            ))
          )}
          {preflight.skipped.map((each) => (
            <p key={each} className="muted">
              Not looked at: {each}
            </p>
          ))}
          {preflight.pending.map((review) => (
            <section key={review.tag} className="preflight">
              <h3>{review.tag}</h3>
              <Locks review={review} />
              <Findings review={review} />
            </section>
          ))}
        </Dialog>
      )}
      {drift && (
        <Dialog wide title={`${database.label}, compared with what its migrations make`} onClose={() => setDrift(null)} footer={<Button onClick={() => setDrift(null)}>Close</Button>}>
          {drift.status === 'ok' ? (
            <p className="good-line">
              <ShieldCheck size={15} aria-hidden /> No drift: nothing was changed by hand.
            </p>
          ) : (
            <>
              <h3>Done by hand</h3>
              <SqlText label="Done by hand" text={drift.byHand.map(({ sql }) => sql).join('\n')} />
              <h3>What undoes it</h3>
              <SqlText label="What undoes it" text={drift.undo.map(({ sql }) => sql).join('\n')} />
              {drift.others.map((each) => (
                <p key={each}>{each}</p>
              ))}
              <p className="muted">sluice drift --adopt makes a migration of it, --restore undoes it.</p>
            </>
          )}
        </Dialog>
      )}
      {rollback && (
        <RollbackDialog database={database} status={status!} tag={rollback} before={applied.at(-2)?.migration ?? 'none'} problem={problem} working={working} onClose={() => (setRollback(null), setProblem(null))} onGo={(to) => void rollBack(to)} />
      )}
    </div>
  );
}

function RollbackDialog({ database, status, tag, before, problem, working, onGo, onClose }: {
  database: Database;
  status: Status;
  tag: string;
  before: string;
  problem: Problem | null;
  working: string;
  onGo: (to: string) => void;
  onClose: () => void;
}) {
  const [text, setText] = useState<MigrationText | null>(null);
  const [typed, setTyped] = useState('');
  useEffect(() => {
    post<MigrationText>('/api/migrations/migration', { tag }).then(setText, () => {});
  }, [tag]);
  const sure = status.local || typed === status.name;
  return (
    <Dialog
      wide
      title={`Roll back ${tag} in ${database.label}`}
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" icon={<Undo2 size={13} />} disabled={!sure || working !== ''} onClick={() => onGo(before)}>
            {working || 'Roll back'}
          </Button>
        </>
      }
    >
      {problem && <ProblemBox problem={problem} />}
      {text?.down != null ? <SqlText label="Reverse SQL" text={text.down} /> : <Spinner />}
      {!status.local && (
        <label className="typed">
          This database is not on this machine. Type <strong>{status.name}</strong> to go on:
          <input value={typed} aria-label="Name of the database" onChange={(event) => setTyped(event.target.value)} />
        </label>
      )}
    </Dialog>
  );
}

function Migration({ tag }: { tag: string }) {
  const [text, setText] = useState<MigrationText | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [tab, setTab] = useState<'up' | 'down'>('up');
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    post<MigrationText>('/api/migrations/migration', { tag }).then(setText, (error) => setProblem(problemOf(error)));
  }, [tag]);
  useEffect(() => {
    if (text) box.current?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  }, [text]);
  if (problem) return <ProblemBox problem={problem} />;
  if (!text) return <Spinner />;
  const marks = new Map(text.review.findings.filter(({ allowed }) => !allowed).map(({ line, level }) => [line, level]));
  return (
    <section className="migration" ref={box} aria-label={tag}>
      <header>
        <h2>{tag}</h2>
        <code className="muted ellipsis">{text.file}</code>
        <span className="grow" />
        <div className="tabs" role="tablist" aria-label="Direction">
          <button type="button" role="tab" aria-selected={tab === 'up'} onClick={() => setTab('up')}>
            Up
          </button>
          <button type="button" role="tab" aria-selected={tab === 'down'} disabled={text.down === null} onClick={() => setTab('down')}>
            Down
          </button>
        </div>
        <CopyButton text={tab === 'up' ? text.sql : (text.down ?? '')} label="Copy the SQL" />
      </header>
      <div className="migration-columns">
        <SqlText text={tab === 'up' ? text.sql : (text.down ?? '')} label={tab === 'up' ? 'SQL of the migration' : 'Reverse SQL'} marks={tab === 'up' ? marks : undefined} />
        <div className="migration-review">
          <h3>Review</h3>
          <Findings review={text.review} />
          <h3>Locks</h3>
          <Locks review={text.review} />
        </div>
      </div>
    </section>
  );
}
