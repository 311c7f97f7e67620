// What the page asks the program for, and in what words. The C++ side is src/studio.

export type Value = string | null;

export interface Database {
  id: string;
  label: string;
  url: string;
  protected: boolean;
  readOnly: boolean;
}
export interface Info {
  databases: Database[];
  readOnly: boolean;
  directory: string;
  folder: string;
}

export interface Column {
  name: string;
  type: string;
  base: string; // typname, of a domain that of its base
  category: string; // pg_type.typcategory
  notNull: boolean;
  default: string | null;
  identity: string | null; // 'a' always, 'd' by default
  generated: boolean;
  comment: string | null;
  enum: string[] | null;
}
export interface Table {
  schema: string;
  name: string;
  kind: 'r' | 'p' | 'v' | 'm' | 'f';
  estimate: number;
  bytes: number | null;
  comment: string | null;
  key: string[] | null;
  hasChildren: boolean;
  columns: Column[];
  indexes: { name: string; definition: string; unique: boolean; primary: boolean }[];
  checks: { name: string; definition: string }[];
}
export interface ForeignKey {
  name: string;
  schema: string;
  table: string;
  columns: string[];
  toSchema: string;
  toTable: string;
  toColumns: string[];
  onDelete: string;
}
export interface Objects {
  database: string;
  version: string;
  user: string;
  searchPath: string[];
  tables: Table[];
  foreignKeys: ForeignKey[];
  enums: { schema: string; name: string; values: string[] }[];
  functions: string[];
}

export interface Filter {
  column: string;
  operator: string;
  value: Value;
}
export interface Sort {
  column: string;
  descending: boolean;
}
export interface Row {
  values: Value[];
  cut?: number[];
  key?: Value[];
  version?: string;
}
export interface Page {
  columns: string[];
  rows: Row[];
  key: string[] | 'ctid' | null;
  next: Value[] | number | null;
}

export interface Problem {
  message: string;
  detail?: string;
  hint?: string;
  sqlstate?: string;
  statement?: string;
  state?: string;
  file?: string;
  line?: number;
  position?: number;
  from?: number;
  to?: number;
  cancelled?: boolean;
  diagnostics?: { message: string; file: string; line: number; hint: string }[];
}

export interface SqlResult {
  columns: { name: string; type: string }[];
  rows: Value[][];
  more: boolean;
  tag: string;
  ms: number;
  from: number;
  to: number;
}
export interface SqlAnswer {
  results: SqlResult[];
  notices: string[];
  error?: Problem;
}

export interface Finding {
  rule: string;
  code: string;
  level: 'error' | 'warning' | 'note';
  message: string;
  line: number;
  column: number;
  reason: string;
  safe: string;
  allowed?: string;
}
export interface Judged {
  line: number;
  sql: string;
  alone: boolean;
  locks: { relation: string; lock: string; indexOf?: string; rewrite?: boolean; scan?: boolean; created?: boolean; dropped?: boolean; empty?: boolean }[];
  losses: { what: string }[];
}
export interface Review {
  findings: Finding[];
  statements: Judged[];
}
export interface MigrationState {
  migration: string;
  state: 'applied' | 'pending' | 'edited' | 'missing file' | 'out of order' | string;
  appliedAt?: string | null;
  durationMs?: number | null;
  down: boolean;
  interrupted?: { direction: string; done: number; steps: number };
}
export interface Status {
  status: string;
  pending: number;
  migrations: MigrationState[];
  unknown: { name: string | null; hash: string }[];
  describe: string;
  name: string;
  local: boolean;
  folder: { message: string; hint: string; code: string }[];
}
export interface MigrationText {
  tag: string;
  file: string;
  sql: string;
  down: string | null;
  when: number;
  review: Review;
}
export interface Preflight {
  pending: (Review & { tag: string })[];
  obstacles: { file: string; line: number; statement: string; message: string; rows: string[]; query: string }[];
  asked: number;
  skipped: string[];
}
export interface Draft {
  status: 'no_changes' | 'dry_run' | 'question' | 'ok';
  migrations?: { migration: string; sql: string; down: string; review: Review; notes: string[] }[];
  questions?: { kind: string; created: string; dropped: string[] }[];
  backfills?: { column: string; type: string }[];
}
export interface Drift {
  status: 'ok' | 'drift';
  byHand: { sql: string }[];
  undo: { sql: string }[];
  others: string[];
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.message);
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return { message: error instanceof Error ? error.message : String(error) };
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, { message: 'the studio does not answer', hint: 'Is sluice studio still running? Start it again and open the address it prints.' });
  }
  const text = await response.text();
  let body: any;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ApiError(response.status, { message: text.trim() || `status ${response.status}` });
  }
  if (!response.ok) throw new ApiError(response.status, body.error ?? { message: `status ${response.status}` });
  return body as T;
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>(path, { signal });
export const post = <T>(path: string, body: unknown, signal?: AbortSignal) =>
  call<T>(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal });
export const postCsv = <T>(path: string, csv: string) =>
  call<T>(path, { method: 'POST', headers: { 'Content-Type': 'text/csv' }, body: csv });

// The token stands in the fragment, which is not sent: it becomes a cookie that scripts cannot read, and leaves the
// address and the history at once.
export async function openSession(): Promise<Info> {
  const token = /^#token=([0-9a-f]+)/.exec(location.hash)?.[1];
  if (token) {
    history.replaceState(history.state, '', location.pathname + location.search);
    await post('/api/session', { token });
  }
  return await get<Info>('/api/info');
}

// Columns may be called constructor or __proto__.
export const ownValue = <T>(values: Record<string, T> | undefined, name: string): T | undefined =>
  values && Object.hasOwn(values, name) ? values[name] : undefined;

export const tableId = (table: { schema: string; name: string }) => `${table.schema}.${table.name}`;
// As people say it: without the schema where that is public.
export const displayName = (schema: string, name: string) => (schema === 'public' ? name : `${schema}.${name}`);

export function download(url: string) {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
}
export function saveFile(name: string, type: string, content: BlobPart) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// Rows for the clipboard: cells with tabs as spreadsheets take them, JSON, or INSERT statements.
export function copyable(format: 'tsv' | 'json' | 'sql', table: { schema: string; name: string }, columns: string[], rows: Value[][]) {
  if (format === 'tsv') {
    const cell = (value: Value) => (value === null ? '' : /[\t\n"]/.test(value) ? `"${value.replace(/"/g, '""')}"` : value);
    return rows.map((row) => row.map(cell).join('\t')).join('\n');
  }
  if (format === 'json') return JSON.stringify(rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]]))), null, 2);
  const name = (text: string) => `"${text.replace(/"/g, '""')}"`;
  const literal = (value: Value) => (value === null ? 'NULL' : `'${value.replace(/'/g, "''")}'`);
  const into = `INSERT INTO ${name(table.schema)}.${name(table.name)} (${columns.map(name).join(', ')}) VALUES`;
  return rows.map((row) => `${into} (${row.map(literal).join(', ')});`).join('\n');
}
