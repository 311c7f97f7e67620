import { pgTable, text } from 'drizzle-orm/pg-core';
import { Client } from 'agents';
import { about } from 'older';
import { version, Pool } from 'esm';

// A client that is made while the file loads, as many files do.
export const client = new Client({ key: process.env.NO_SUCH_KEY });
export const pool = new Pool();

export const jobs = pgTable('jobs', {
  about: text('about').default(`${about.length} facts`),
  version: text('version').default(version),
});
