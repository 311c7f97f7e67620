// What a column's type means for its cells: how a value is shown, edited and checked.
import type { Column } from './api';

export type Kind = 'number' | 'bool' | 'enum' | 'json' | 'array' | 'bytea' | 'uuid' | 'timestamp' | 'date' | 'time' | 'vector' | 'text';

export function kindOf(column: Column): Kind {
  if (column.category === 'A' && column.base.startsWith('_')) return 'array';
  if (column.category === 'E') return 'enum';
  switch (column.base) {
    case 'bool':
      return 'bool';
    case 'int2':
    case 'int4':
    case 'int8':
    case 'numeric':
    case 'float4':
    case 'float8':
    case 'oid':
      return 'number';
    case 'json':
    case 'jsonb':
      return 'json';
    case 'bytea':
      return 'bytea';
    case 'uuid':
      return 'uuid';
    case 'timestamp':
    case 'timestamptz':
      return 'timestamp';
    case 'date':
      return 'date';
    case 'time':
    case 'timetz':
      return 'time';
    case 'vector':
    case 'halfvec':
    case 'sparsevec':
      return 'vector';
    default:
      return 'text';
  }
}

export const isWritable = (column: Column) => !column.generated && column.identity !== 'a';
export const hasDefault = (column: Column) => column.default !== null || column.identity !== null || column.generated;

// What is wrong with a value, in words; the database has the last one.
export function checkValue(column: Column, value: string | null): string | null {
  if (value === null) return column.notNull ? `${column.name} cannot be NULL` : null;
  switch (kindOf(column)) {
    case 'number':
      return /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$|^\s*[-+]?(NaN|Infinity)\s*$/i.test(value) ? null : 'This is not a number';
    case 'json':
      try {
        JSON.parse(value);
        return null;
      } catch (error) {
        return `This is not JSON: ${(error as Error).message}`;
      }
    case 'uuid':
      return /^[{]?[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}[}]?$/i.test(value.trim()) ? null : 'This is not a UUID';
    case 'bytea':
      return value.startsWith('\\x') && !/^\\x([0-9a-f]{2}|\s)*$/i.test(value) ? 'After \\x stand pairs of hexadecimal digits' : null;
    case 'array':
      return /^\s*(\[[\d:[\]\s-]+\]=)?\{[\s\S]*\}\s*$/.test(value) ? null : 'An array is written {a,b,c}';
    case 'vector':
      return checkVector(column, value);
    default:
      return null;
  }
}

const isNumber = (text: string) => /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text);

// [1,2,3] → its numbers; nothing for anything else, as a sparse vector: {1:0.5,7:2}/10.
export function parseVector(text: string): number[] | null {
  const inner = /^\s*\[([^[\]]*)\]\s*$/.exec(text)?.[1];
  const items = inner?.split(',');
  return items?.every(isNumber) ? items.map(Number) : null;
}
// What vector(3) allows.
export const dimensionsOf = (column: Column) => Number(/\((\d+)\)$/.exec(column.type)?.[1] ?? 0) || null;

function checkVector(column: Column, value: string): string | null {
  const wanted = dimensionsOf(column);
  const count = (n: number) => (wanted === null || n === wanted ? null : `It has ${n} dimensions, ${column.type} has ${wanted}`);
  if (column.base === 'sparsevec') {
    const sparse = /^\s*\{([^{}]*)\}\/(\d+)\s*$/.exec(value);
    const pairs = sparse?.[1].trim() ? sparse[1].split(',').map((pair) => pair.split(':')) : [];
    if (!sparse || pairs.some((pair) => pair.length !== 2 || !/^\s*\d+\s*$/.test(pair[0]) || !isNumber(pair[1])))
      return 'A sparse vector is written {index:value,…}/dimensions';
    return count(Number(sparse[2]));
  }
  const numbers = parseVector(value);
  return numbers === null ? 'A vector is written [1,2,3]' : count(numbers.length);
}

// {a,"b c",NULL} → its items, or nothing if it has more than one dimension.
export function parseArray(text: string): (string | null)[] | null {
  const inner = /^\{([\s\S]*)\}$/.exec(text.trim())?.[1];
  if (inner === undefined) return null;
  if (inner.trim() === '') return [];
  const items: (string | null)[] = [];
  let at = 0;
  for (;;) {
    while (inner[at] === ' ') at++;
    if (inner[at] === '{') return null;
    if (inner[at] === '"') {
      let item = '';
      for (at++; at < inner.length && inner[at] !== '"'; at++) item += inner[at] === '\\' ? inner[++at] : inner[at];
      at++;
      items.push(item);
    } else {
      const end = inner.indexOf(',', at);
      const item = inner.slice(at, end < 0 ? undefined : end).trim();
      items.push(item.toUpperCase() === 'NULL' ? null : item.replace(/\\(.)/g, '$1'));
      at = end < 0 ? inner.length : end;
    }
    if (at >= inner.length) return items;
    if (inner[at] !== ',') return null;
    at++;
  }
}
export const printArray = (items: (string | null)[]) =>
  `{${items
    .map((item) => (item === null ? 'NULL' : item === '' || /[{}",\\\s]/.test(item) || /^null$/i.test(item) ? `"${item.replace(/[\\"]/g, '\\$&')}"` : item))
    .join(',')}}`;

export function nowText(column: Column) {
  const now = new Date();
  const iso = now.toISOString();
  switch (kindOf(column)) {
    case 'date':
      return iso.slice(0, 10);
    case 'time':
      return iso.slice(11, 19);
    default:
      return column.base === 'timestamptz' ? `${iso.slice(0, 10)} ${iso.slice(11, 23)}+00` : `${iso.slice(0, 10)} ${iso.slice(11, 23)}`;
  }
}
