// Defaults for which drizzle-kit writes SQL that PostgreSQL refuses, or fails.
import { bigint, customType, doublePrecision, integer, json, jsonb, pgTable, point, text, vector } from 'drizzle-orm/pg-core';

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
const pair = customType<{ data: { a: number; b: number }; driverData: string }>({
  dataType: () => 'pair',
  toDriver: (value) => `(${value.a},${value.b})`,
});

export const t = pgTable('t', {
  big: bigint({ mode: 'bigint' }).default(10n),
  huge: bigint({ mode: 'bigint' }).default(9007199254740993n),
  quoted: jsonb().default({ text: "it's", array: ["x'y"] }),
  word: jsonb().default('word'),
  document: json().default('{"a":1}'),
  strings: text().array().default(['a"b', 'back\\slash', "it's", 'comma,brace}']),
  nulls: integer().array().default([1, null as unknown as number]),
  objects: json().array().default([{ a: 'x"y' }]),
  bytes: bytea().default(new Uint8Array([0, 97, 255])),
  pair: pair().default({ a: 1, b: 2 }),
  point: point().default([1, 2]),
  place: point({ mode: 'xy' }).default({ x: 1, y: 2 }),
  vector: vector({ dimensions: 3 }).default([1, 2, 3]),
  nan: doublePrecision().default(Number.NaN),
});
