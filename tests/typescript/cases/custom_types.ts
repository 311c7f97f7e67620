import { sql } from 'drizzle-orm';
import { customType, pgTable, serial } from 'drizzle-orm/pg-core';

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
const citext = customType<{ data: string }>({ dataType: () => 'citext' });
const money = customType<{ data: number; driverData: string; config: { digits: number } }>({
  dataType: (config) => `numeric(${config?.digits ?? 10}, 2)`,
  toDriver: (value) => value.toFixed(2),
});
const tsvector = customType<{ data: string }>({ dataType() { return 'tsvector'; } });

export const customs = pgTable('customs', {
  id: serial().primaryKey(),
  a: bytea(),
  b: citext().notNull().unique(),
  c: money('price', { digits: 12 }),
  d: money().default(5),
  e: tsvector('search').generatedAlwaysAs(sql`to_tsvector('english', b)`),
  f: bytea().default(sql`'\\x00'::bytea`),
});
