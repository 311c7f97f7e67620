import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, text, timestamp, uniqueIndex, vector } from 'drizzle-orm/pg-core';

export const items = pgTable('items', {
  id: integer().primaryKey(),
  name: text().notNull(),
  rank: integer(),
  done: boolean(),
  tags: jsonb(),
  at: timestamp(),
  embedding: vector({ dimensions: 3 }),
}, (t) => [
  index().on(t.name),
  index('items_two').on(t.name, t.rank),
  index('items_order').on(t.name.asc(), t.rank.desc().nullsFirst(), t.at.nullsLast(), t.done.desc()),
  uniqueIndex('items_unique').on(t.name).where(sql`${t.done} = true`),
  uniqueIndex().on(t.rank),
  index('items_lower').on(sql`lower(${t.name})`),
  index('items_mixed').on(t.rank, sql`(${t.name} || 'x')`),
  index('items_gin').using('gin', t.tags).with({ fastupdate: false }),
  index('items_op').on(t.name.op('text_pattern_ops')),
  index('items_conc').on(t.at).concurrently(),
  index('items_only').onOnly(t.at),
  index('items_hnsw').using('hnsw', t.embedding.op('vector_cosine_ops')).with({ m: 16, ef_construction: 64 }),
  index('items_where').on(t.at).where(sql`at is not null and name <> 'x'`),
]);
