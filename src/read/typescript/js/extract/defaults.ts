// The text of a column's default as it stands in a snapshot: SQL, or a bare JSON number or boolean.
import { is, SQL } from 'drizzle-orm';
import { type Any, type Context, literal, quote } from './context';

const isArrayType = (type: string) => /\[\d*\]/.test(type);

function dateText(value: Date, type: string): string {
  const iso = value.toISOString();
  if (type === 'date') return iso.slice(0, iso.indexOf('T'));
  return type === 'timestamp' ? iso.replace('T', ' ').slice(0, 23) : iso;
}

const inArrayQuotes = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;

// The inside of an array literal, without the SQL quotes around it.
function arrayText(values: Any[], elementType: string): string {
  const elements = values.map((value) => {
    if (value === null || value === undefined) return 'NULL';
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
    if (Array.isArray(value)) return arrayText(value, elementType);
    if (value instanceof Date) return `"${dateText(value, elementType)}"`;
    return inArrayQuotes(typeof value === 'object' ? JSON.stringify(value) : String(value));
  });
  return `{${elements.join(',')}}`;
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

// drizzle-kit leaves single quotes inside of JSON and lists as they are. Its SQL does not run then; ours is mended when it
// is written, so that the snapshot can stay the same for both. Pairs of quotes would look as if they were doubled already.
function loosely(text: string): string {
  const runs = text.match(/'+/g);
  return runs !== null && runs.every((run) => run.length % 2 === 0) ? quote(text) : `'${text}'`;
}

// Values that only the column itself knows how to write: points, vectors, custom types.
function driverText(column: Any, value: Any): string {
  const mapped = typeof column.mapToDriverValue === 'function' ? column.mapToDriverValue(value) : value;
  return is(mapped, SQL) ? '' : literal(mapped);
}

export function defaultText(context: Context, column: Any, type: string): string | number | boolean | null | undefined {
  const value = column.default;
  if (value === undefined) return undefined;
  if (typeof value === 'object' && is(value, SQL)) return context.sql(value);
  const lowered = type.toLowerCase();
  const json = lowered === 'json' || lowered === 'jsonb';

  if (typeof value === 'string') {
    return json && !isJsonText(value) ? `${quote(JSON.stringify(value))}::${lowered}` : quote(value);
  }
  if (json) return `${loosely(JSON.stringify(value))}::${lowered}`;
  if (value instanceof Date) return `'${dateText(value, lowered)}'`;
  if (Array.isArray(value) && isArrayType(lowered)) return loosely(arrayText(value, lowered.split('[')[0]));
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : quote(String(value));
  if (typeof value === 'boolean' || value === null) return value;
  return driverText(column, value);
}
