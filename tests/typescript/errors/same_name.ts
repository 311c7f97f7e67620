// expect: error[same-name] errors/same_name.ts:14:0: table public.a_name_of_a_table_that_is_longer_than_sixty_three_bytes_and_goes_on_1 and table public.a_name_of_a_table_that_is_longer_than_sixty_three_bytes_and_goes_on_2 have one name to PostgreSQL, which keeps 63 bytes of it: exports one and two
// expect: shorten one of the names
// expect: error[same-name] errors/same_name.ts:11:0: columns "ein_spaltenname_mit_ümläuten_der_länger_ist_als_dreiundsechzig_a" and "ein_spaltenname_mit_ümläuten_der_länger_ist_als_dreiundsechzig_b" of table "columns"
// expect: error[same-name] errors/same_name.ts:15:0: table public.three and view public.three have one name: exports three and view
// expect: error[same-name] errors/same_name.ts:18:0: enum app.an_enum_of_a_schema_that_is_longer_than_sixty_three_bytes_and_goes_on and enum app.an_enum_of_a_schema_that_is_longer_than_sixty_three_bytes_and_goes_off
// expect: error[enum-value-too-long] errors/same_name.ts:19:0: enum public.values has the value
import { integer, pgEnum, pgSchema, pgTable, pgView } from 'drizzle-orm/pg-core';

export const columns = pgTable('columns', {
  a: integer('ein_spaltenname_mit_ümläuten_der_länger_ist_als_dreiundsechzig_a'),
  b: integer('ein_spaltenname_mit_ümläuten_der_länger_ist_als_dreiundsechzig_b'),
});
export const one = pgTable('a_name_of_a_table_that_is_longer_than_sixty_three_bytes_and_goes_on_1', { id: integer('id') });
export const two = pgTable('a_name_of_a_table_that_is_longer_than_sixty_three_bytes_and_goes_on_2', { id: integer('id') });
export const view = pgView('three').as((qb) => qb.select().from(one));
export const three = pgTable('three', { id: integer('id') });
const app = pgSchema('app');
export const f = app.enum('an_enum_of_a_schema_that_is_longer_than_sixty_three_bytes_and_goes_off', ['a']);
export const values = pgEnum('values', ['a value that is much longer than the sixty-three bytes that PostgreSQL allows']);
export const e = app.enum('an_enum_of_a_schema_that_is_longer_than_sixty_three_bytes_and_goes_on', ['a']);
