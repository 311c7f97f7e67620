// What the extractor knows while it reads one schema: the casing, the text of SQL fragments, and the problems found.
import { is, SQL, StringChunk } from 'drizzle-orm';
import { toCamelCase, toSnakeCase } from 'drizzle-orm/casing';
import * as pg from 'drizzle-orm/pg-core';

export type Any = any; // drizzle's objects: their internals have no public types, and they differ between versions

// Something wrong in the schema. `search` are texts to look for in the file, the first that is found gives the line;
// `stack` is better where there is one.
export interface Problem {
  severity: 'error' | 'warning';
  code: string;
  message: string;
  hint?: string;
  file?: number;
  search?: string[];
  stack?: string;
}

export type Casing = '' | 'camelCase' | 'snake_case';

export const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;

export const quoteName = (name: string) => `"${name.includes('"') ? name.replaceAll('"', '""') : name}"`;

// PostgreSQL keeps 63 bytes of a name.
export function clipped(name: string): string {
  if (name.length * 3 <= 63) return name;
  let bytes = 0;
  let end = 0;
  for (const character of name) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > 63) return name.slice(0, end);
    end += character.length;
  }
  return name;
}

// The SQL literal of a value that stands in a fragment as a parameter: a migration has no parameters.
export function literal(value: Any): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return quote(value);
  if (value instanceof Date) return quote(value.toISOString());
  if (value instanceof Uint8Array) return quote(`\\x${Array.from(value, (b) => b.toString(16).padStart(2, '0')).join('')}`);
  const text = String(value);
  return quote(text === '[object Object]' || Array.isArray(value) ? JSON.stringify(value) : text);
}

const { PgColumn: PgColumnKind, PgTable } = pg as Any;
const hasArrayClass = (pg as Any).PgArray !== undefined; // drizzle-orm 0.x
const nameSymbol = Symbol.for('drizzle:Name'), schemaSymbol = Symbol.for('drizzle:Schema'), aliasSymbol = Symbol.for('drizzle:IsAlias');

const converted = new Map<string, string>();

export class Context {
  readonly problems: Problem[] = [];
  private readonly dialect: Any;
  private readonly convert: ((name: string) => string) | undefined;

  constructor(casing: Casing) {
    this.dialect = new (pg as Any).PgDialect(casing ? { casing } : undefined);
    this.dialect.escapeName = quoteName; // drizzle-orm does not double the quotes
    this.dialect.escapeParam = (_: number, value: Any) => literal(value);
    this.convert = casing === 'camelCase' ? toCamelCase : casing === 'snake_case' ? toSnakeCase : undefined;
    converted.clear();
  }

  get changesNames(): boolean {
    return this.convert !== undefined;
  }

  // The name of a column in the database. A name that was given in the schema is never converted.
  name(column: Any): string {
    const name: string = column?.name;
    if (!name) return '';
    if (!column.keyAsName || this.convert === undefined) return name;
    let result = converted.get(name);
    if (result === undefined) converted.set(name, (result = this.convert(name)));
    return result;
  }

  sql(fragment: Any, source?: 'indexes'): string {
    return this.simpleText(fragment, source) ?? this.dialect.sqlToQuery(fragment, source).sql;
  }

  // The text of a fragment of nothing but text and columns of tables, as nearly all are: drizzle's own way, which is
  // made for parameters and aliases too, takes ten times as long.
  private simpleText(fragment: Any, source?: 'indexes'): string | undefined {
    const chunks = fragment.queryChunks;
    if (chunks === undefined) return undefined;
    let text = '';
    for (const chunk of chunks) {
      if (chunk?.constructor === StringChunk && chunk.value.length === 1) {
        text += chunk.value[0];
      } else if (hasArrayClass && chunk instanceof PgColumnKind && chunk.table?.constructor === PgTable) {
        const name = quoteName(this.name(chunk));
        const table = quoteName(chunk.table[nameSymbol]);
        const schema = chunk.table[aliasSymbol] ? undefined : chunk.table[schemaSymbol];
        text += source === 'indexes' ? name
          : schema === undefined ? `${table}.${name}`
          : `${quoteName(schema)}.${table}.${name}`;
      } else {
        return undefined;
      }
    }
    return text;
  }

  sqlOrUndefined(fragment: Any): string | undefined {
    return is(fragment, SQL) ? this.sql(fragment) : undefined;
  }

  // In a name that drizzle composed of column names, puts the names that the database has.
  renamed(name: string, columns: Any[]): string {
    if (this.convert === undefined) return name;
    for (const column of columns) name = name.replace(column.name, this.name(column));
    return name;
  }

  error(problem: Omit<Problem, 'severity'>): void {
    this.problems.push({ severity: 'error', ...problem });
  }

  warning(problem: Omit<Problem, 'severity'>): void {
    this.problems.push({ severity: 'warning', ...problem });
  }
}
