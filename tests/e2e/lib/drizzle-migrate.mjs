// drizzle-orm's own migrate(), as an application calls it when it starts.
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';

const [, , migrationsFolder, migrationsTable, migrationsSchema] = process.argv;
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
try {
  await migrate(drizzle({ client: pool }), {
    migrationsFolder,
    ...(migrationsTable ? { migrationsTable } : {}),
    ...(migrationsSchema ? { migrationsSchema } : {}),
  });
} finally {
  await pool.end();
}
