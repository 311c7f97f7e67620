// The text of a column's default as drizzle-kit 1.0 keeps it: without a cast, and by the column's type.
import { is, SQL } from 'drizzle-orm';
import * as pg from 'drizzle-orm/pg-core';
import { type Any, type Context, literal } from './context';

const { PgLineABC, PgLineTuple, PgPointObject, PgPointTuple, PgGeometry, PgGeometryObject } = pg as Any;
const isA = (value: Any, type: Any) => type !== undefined && is(value, type);

const inQuotes = (text: string) => (text.startsWith("'") && text.endsWith("'") && text.length > 1 ? text : `'${text}'`);
const plainText = (text: string) => text.replaceAll('\\', '\\\\').replaceAll("'", "''");

// "'low'::app.level" says what the column's type says already.
export function withoutCasts(text: string): string {
  const short = text.endsWith('[]') ? text.slice(0, -2) : text;
  return short.replace(/(?:::["\w.\s-]+(?:\([^)]*\))?(?:\swith(?:out)?\stime\szone)?(?:\[\])?)+$/i, '');
}

// The braces of an array literal around what `element` makes of the values.
function braces(values: Any[], element: (value: Any) => string): string {
  return `{${values.map((value) => (Array.isArray(value) ? braces(value, element) : element(value))).join(',')}}`;
}

// The same where an element is a list itself: a point, a vector.
function bracesOfLists(values: Any[], element: (value: Any[]) => string): string {
  if (!values.some(Array.isArray)) return element(values);
  return `{${values.map((value) => bracesOfLists(value, element)).join(',')}}`;
}

const zoned = (text: string) => (/([+-]\d{2}(:\d{2})?|Z)$/i.test(text) ? text : `${text}+00`);

function dateText(value: Any, type: string): string {
  if (!(value instanceof Date)) return /with time zone/.test(type) ? zoned(String(value)) : String(value);
  const iso = value.toISOString();
  if (type.startsWith('date')) return iso.slice(0, 10);
  return type.includes('with time zone') ? iso.replace('T', ' ').replace('Z', '+00') : iso.replace('T', ' ').slice(0, 23);
}

// JSON as text; a BigInt is written as the number that it is.
function jsonText(value: Any): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.replaceAll("'", "''"));
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (typeof value.toJSON === 'function') return jsonText(value.toJSON());
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  const members = Object.entries(value).filter(([, item]) => item !== undefined && typeof item !== 'function');
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`).join(',')}}`;
}

function jsonArray(value: Any, depth: number, dimensions: number): string {
  if (depth < dimensions && Array.isArray(value)) {
    const inner = value.map((item) => jsonArray(item, depth + 1, dimensions)).join(',');
    return depth === 0 ? `{${inner}}` : inner;
  }
  return `"${jsonText(value).replaceAll('"', '\\"')}"`;
}

function textElement(value: Any, isEnum: boolean): string {
  const text = String(value);
  const escaped = plainText(text).replaceAll('"', '\\"');
  const quoted = /[\\",]/.test(text) || (!isEnum && text.length === 0);
  return quoted ? `"${escaped}"` : isEnum ? escaped : text.replaceAll("'", "''");
}

const pointText = (value: Any) => (Array.isArray(value) ? `(${value[0]},${value[1]})` : `(${value.x},${value.y})`);
const lineText = (value: Any) =>
  Array.isArray(value) ? `{${value[0]},${value[1]},${value[2]}}` : `{${value.a},${value.b},${value.c}}`;

function geometryText(column: Any, value: Any): string {
  const srid = column.srid ? `SRID=${column.srid};` : '';
  return `'${srid}POINT(${Array.isArray(value) ? `${value[0]} ${value[1]}` : `${value.x} ${value.y}`})'`;
}

function ofArray(column: Any, base: Any, values: Any[], type: string, isEnum: boolean, dimensions: number): string {
  if (values.flat(5).length === 0) return "'{}'";
  if (isA(base, PgPointTuple)) return `'${bracesOfLists(values, (value) => `"${pointText(value)}"`)}'`;
  if (isA(base, PgPointObject)) return `'${braces(values, (value) => `"${pointText(value)}"`)}'`;
  if (isA(base, PgLineTuple)) return `'${bracesOfLists(values, (value) => `"${lineText(value)}"`)}'`;
  if (isA(base, PgLineABC)) return `'${braces(values, (value) => `"${lineText(value)}"`)}'`;
  if (isA(base, PgGeometryObject) || isA(base, PgGeometry)) {
    return `ARRAY[${values.map((value) => geometryText(base, value)).join(',')}]`;
  }
  if (isEnum) return `'${braces(values, (value) => textElement(value, true))}'`;
  if (/^jsonb?$/.test(type)) return `'${jsonArray(values, 0, dimensions)}'`;
  if (/^boolean$/.test(type)) return `'${braces(values, (value) => (value === true ? 't' : 'f'))}'`;
  if (/^(char|varchar|text|character)/.test(type)) return `'${braces(values, (value) => textElement(value, false))}'`;
  if (/^timestamp/.test(type)) return `'${braces(values, (value) => inDouble(dateText(value, type)))}'`;
  if (/^(date|time)/.test(type)) return `'${braces(values, (value) => dateText(value, type))}'`;
  if (/^interval/.test(type)) return `'${braces(values, (value) => `"${value}"`)}'`;
  if (/^(vector|halfvec)/.test(type)) {
    return `'${bracesOfLists(values, (value) => `"[${String(value).replaceAll(' ', '')}]"`).replaceAll(' ', '')}'`;
  }
  if (/^sparsevec/.test(type)) return `'${braces(values, (value) => `"${String(value).replaceAll(' ', '')}"`)}'`;
  if (isKnown(type)) return `'${braces(values, (value) => String(value))}'`;
  return mapped(column, values);
}

const inDouble = (text: string) => (text.startsWith('"') && text.endsWith('"') ? text : `"${text}"`);
const isKnown = (type: string) =>
  /^(smallint|integer|bigint|numeric|decimal|real|double precision|uuid|inet|cidr|macaddr8?|bit)\b/.test(type);

// What only the column knows how to write.
function mapped(column: Any, value: Any): string {
  const driver = typeof column.mapToDriverValue === 'function' ? column.mapToDriverValue(value) : value;
  return is(driver, SQL) ? '' : literal(driver);
}

// `type` is without its dimensions; `base` the column of an element.
export function rowDefault(
  context: Context, column: Any, base: Any, type: string, isEnum: boolean, dimensions: number,
): string | null {
  const value = column.default;
  if (value === undefined) return null;
  if (value === null && !/^jsonb?$/.test(type)) return 'null';
  if (typeof value === 'object' && value !== null && is(value, SQL)) return withoutCasts(context.sql(value));
  if (dimensions > 0 && Array.isArray(value)) return ofArray(column, base, value, type, isEnum, dimensions);
  if (isA(base, PgPointTuple) || isA(base, PgPointObject)) return `'${pointText(value)}'`;
  if (isA(base, PgLineTuple) || isA(base, PgLineABC)) return `'${lineText(value)}'`;
  if (isA(base, PgGeometry) || isA(base, PgGeometryObject)) return geometryText(base, value);
  if (isEnum) return `'${String(value).replaceAll("'", "''")}'`;
  if (/^jsonb?$/.test(type)) return `'${jsonText(value)}'`;
  if (/^(smallint|integer|bigint|real|double precision|boolean)$/.test(type)) return String(value);
  if (/^(char|varchar|text|character)/.test(type)) return `'${plainText(String(value))}'`;
  if (/^(timestamp|date|time)/.test(type)) return inQuotes(dateText(value, type));
  if (/^(vector|halfvec)/.test(type)) return `'[${String(value).replaceAll(' ', '')}]'`;
  if (/^sparsevec/.test(type)) return inQuotes(String(value));
  if (isKnown(type) || /^interval/.test(type)) return `'${value}'`;
  // A type of the user's own: drizzle-kit writes the bare text, which is no SQL unless it is a number.
  return typeof value === 'string' || typeof value === 'object' ? mapped(column, value) : String(value);
}
