import { getTableColumns, is } from 'drizzle-orm';
import { MySqlVarBinary, MySqlVarChar } from 'drizzle-orm/mysql-core';
import { PgVarchar } from 'drizzle-orm/pg-core';
import { SQLiteText } from 'drizzle-orm/sqlite-core';

export const lengths = (table) => Object.fromEntries(Object.entries(getTableColumns(table)).map(([key, column]) =>
  [key, is(column, PgVarchar) || is(column, MySqlVarChar) || is(column, MySqlVarBinary) || is(column, SQLiteText) ? column.length : 0]));
