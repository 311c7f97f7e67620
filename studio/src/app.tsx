import { Database as DatabaseIcon, GitBranch, Lock, Moon, Search, Sun, SquareTerminal, Table2, Waypoints } from 'lucide-react';
import { createContext, lazy, Suspense, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { type Database, displayName, get, type Info, type Objects, openSession, type Problem, problemOf } from './api';
import { go, tablePath, usePlace } from './router';
import { Palette, type PaletteItem } from './palette';
import { TablesPage } from './tables';
import { Button, Empty, mod, ProblemBox, Spinner, Toasts, useStored } from './ui';

// Loaded when they are first looked at.
const SqlPage = lazy(() => import('./sql'));
const DiagramPage = lazy(() => import('./diagram'));
const MigrationsPage = lazy(() => import('./migrations'));

export type Event = { type: string; [key: string]: any };
// The focus into the rows of the table: when what covers them is gone, and the table is there.
const focusRows = () => void setTimeout(() => window.dispatchEvent(new Event('studio-rows')));
interface Studio {
  info: Info;
  database: Database;
  setDatabase: (id: string) => void;
  objects: Objects | null;
  problem: Problem | null;
  reload: () => Promise<void>;
  dark: boolean;
  onEvent: (listener: (event: Event) => void) => () => void;
}
const Context = createContext<Studio | null>(null);
export const useStudio = () => useContext(Context)!;

const pages = [
  { path: '/tables', name: 'Tables', icon: Table2, key: '1' },
  { path: '/sql', name: 'SQL', icon: SquareTerminal, key: '2' },
  { path: '/diagram', name: 'Diagram', icon: Waypoints, key: '3' },
  { path: '/migrations', name: 'Migrations', icon: GitBranch, key: '4' },
];

export function App() {
  const [info, setInfo] = useState<Info | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    openSession().then(setInfo, (error) => setProblem(problemOf(error)));
  }, []);
  if (problem)
    return (
      <main className="alone">
        <Empty icon={<Lock size={28} />} title="This page is not connected">
          {problem.message}
        </Empty>
      </main>
    );
  if (!info)
    return (
      <main className="alone">
        <Spinner />
      </main>
    );
  return <Main info={info} />;
}

function useDark(): [boolean, () => void] {
  const [choice, setChoice] = useStored<'dark' | 'light' | null>('theme', null);
  const [system, setSystem] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const listener = () => setSystem(query.matches);
    query.addEventListener('change', listener);
    return () => query.removeEventListener('change', listener);
  }, []);
  const dark = choice ? choice === 'dark' : system;
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  return [dark, () => setChoice(dark ? 'light' : 'dark')];
}

function Main({ info }: { info: Info }) {
  const place = usePlace();
  const [dark, toggleDark] = useDark();
  const [databaseId, setDatabaseId] = useStored('database', info.databases[0].id);
  const database = info.databases.find(({ id }) => id === databaseId) ?? info.databases[0];
  const [objects, setObjects] = useState<Objects | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [palette, setPalette] = useState(false);

  const reload = useCallback(async () => {
    try {
      setObjects(await get<Objects>(`/api/objects?database=${encodeURIComponent(database.id)}`));
      setProblem(null);
    } catch (error) {
      setProblem(problemOf(error));
    }
  }, [database.id]);
  useEffect(() => {
    setObjects(null);
    void reload();
  }, [reload]);

  const listeners = useMemo(() => new Set<(event: Event) => void>(), []);
  useEffect(() => {
    const source = new EventSource('/api/events');
    source.onmessage = (message) => {
      const event = JSON.parse(message.data) as Event;
      for (const listener of listeners) listener(event);
    };
    return () => source.close();
  }, [listeners]);
  const onEvent = useCallback(
    (listener: (event: Event) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    [listeners],
  );

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const withMod = event.metaKey || event.ctrlKey;
      if (withMod && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setPalette((open) => !open);
      } else if (event.altKey && !withMod) {
        const page = pages.find(({ key }) => key === event.key);
        if (!page && event.key !== '0') return;
        event.preventDefault();
        if (page) go(page.path);
        else focusRows();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const items = useMemo<PaletteItem[]>(
    () => [
      ...pages.map(({ path, name, icon: Icon, key }) => ({ group: 'Go to', name, icon: <Icon size={15} />, hint: `Alt ${key}`, run: () => go(path) })),
      ...(objects?.tables ?? []).map((table) => ({
        group: table.kind === 'v' || table.kind === 'm' ? 'View' : 'Table',
        name: displayName(table.schema, table.name),
        icon: <Table2 size={15} />,
        run: () => (go(tablePath(table.schema, table.name)), focusRows()),
      })),
      { group: 'Go to', name: 'Rows of this table', icon: <Table2 size={15} />, hint: 'Alt 0', run: focusRows },
      ...info.databases
        .filter(({ id }) => id !== database.id)
        .map(({ id, label }) => ({ group: 'Database', name: `Switch to ${label}`, icon: <DatabaseIcon size={15} />, run: () => setDatabaseId(id) })),
      { group: 'Do', name: dark ? 'Light colours' : 'Dark colours', icon: dark ? <Sun size={15} /> : <Moon size={15} />, run: toggleDark },
      { group: 'Do', name: 'Reload the schema', icon: <DatabaseIcon size={15} />, run: () => void reload() },
    ],
    [objects, info, database.id, dark],
  );

  const studio = useMemo<Studio>(
    () => ({ info, database, setDatabase: setDatabaseId, objects, problem, reload, dark, onEvent }),
    [info, database, objects, problem, reload, dark, onEvent],
  );
  const page = pages.find(({ path }) => place.path.startsWith(path)) ?? pages[0];
  useEffect(() => {
    document.title = `${page.name} · ${database.label} · Sluice Studio`;
  }, [page.name, database.label]);

  return (
    <Context.Provider value={studio}>
      <div className="shell">
        <nav className="rail" aria-label="Pages">
          <Logo />
          {pages.map(({ path, name, icon: Icon, key }) => (
            <a
              key={path}
              href={path}
              className={page.path === path ? 'rail-link current' : 'rail-link'}
              aria-current={page.path === path ? 'page' : undefined}
              title={`${name} (Alt+${key})`}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                event.preventDefault();
                go(path);
              }}
            >
              <Icon size={18} aria-hidden />
              <span>{name}</span>
            </a>
          ))}
          <span className="grow" />
          <Button kind="ghost" icon={<Search size={17} />} title={`Search and commands (${mod}K)`} aria-label="Search and commands" onClick={() => setPalette(true)} />
          <Button kind="ghost" icon={dark ? <Sun size={17} /> : <Moon size={17} />} title={dark ? 'Light colours' : 'Dark colours'} aria-label={dark ? 'Light colours' : 'Dark colours'} onClick={toggleDark} />
        </nav>
        <main className="page">
          {problem && page.path !== '/migrations' ? (
            <div className="pad">
              <DatabasePicker />
              <ProblemBox problem={problem} />
              <Button kind="primary" onClick={() => void reload()}>
                Try again
              </Button>
            </div>
          ) : (
            <Suspense fallback={<div className="alone"><Spinner /></div>}>
              {page.path === '/tables' && <TablesPage />}
              {page.path === '/sql' && <SqlPage />}
              {page.path === '/diagram' && <DiagramPage />}
              {page.path === '/migrations' && <MigrationsPage />}
            </Suspense>
          )}
        </main>
      </div>
      {palette && <Palette items={items} onClose={() => setPalette(false)} />}
      <Toasts />
    </Context.Provider>
  );
}

const Logo = () => (
  <svg className="logo" viewBox="0 0 32 32" role="img" aria-label="Sluice">
    <rect width="32" height="32" rx="8" fill="#0f766e" />
    <path d="M7 8v16M25 8v16M7 12h18" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
    <path d="M10.5 18c1.8-1.8 3.7-1.8 5.5 0s3.700 1.800 5.500 0M10.500 23c1.800-1.800 3.700-1.800 5.500 0s3.700 1.800 5.500 0" stroke="#5eead4" strokeWidth="2.200" fill="none" strokeLinecap="round" />
  </svg>
);

export function DatabasePicker() {
  const { info, database, setDatabase } = useStudio();
  return (
    <label className="database-picker" title={database.url}>
      <DatabaseIcon size={14} aria-hidden />
      <select aria-label="Database" value={database.id} onChange={(event) => setDatabase(event.target.value)}>
        {info.databases.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
      {database.readOnly && (
        <span className="badge warn" title={database.protected ? 'sluice.toml protects this database' : 'started with --read-only'}>
          <Lock size={11} aria-hidden /> read-only
        </span>
      )}
    </label>
  );
}
