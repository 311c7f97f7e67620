import { bit, cidr, geometry, halfvec, inet, line, macaddr, macaddr8, pgTable, point, sparsevec, vector } from 'drizzle-orm/pg-core';

export const odds = pgTable('odds', {
  a: inet().default('127.0.0.1'),
  b: cidr(),
  c: macaddr(),
  d: macaddr8(),
  e: point(),
  f: point({ mode: 'xy' }),
  g: line(),
  h: line({ mode: 'abc' }),
  i: geometry(),
  j: geometry({ type: 'point', mode: 'xy', srid: 4326 }),
  k: vector({ dimensions: 3 }),
  l: halfvec({ dimensions: 3 }),
  m: sparsevec({ dimensions: 3 }),
  n: bit({ dimensions: 3 }),
});
