// What a migrations folder expects of its server and a plain PostgreSQL does not have. The comparison needs names and
// types, not behaviour.
import { query } from '../../tests/e2e/lib/server.mjs';

const supabaseFunctions = `
create schema if not exists auth;
create or replace function auth.uid() returns uuid language sql stable as 'select null::uuid';
create or replace function auth.role() returns text language sql stable as 'select null::text';
create or replace function auth.jwt() returns jsonb language sql stable as $$select '{}'::jsonb$$;`;
const supabase = `${supabaseFunctions}
create table if not exists auth.users (id uuid primary key, email text, raw_user_meta_data jsonb);`;

// A type with a modifier that keeps texts, and access methods that keep nothing: enough for columns and indexes.
const vectorType = (name) => `
create type ${name};
create function ${name}_in(cstring) returns ${name} language internal immutable strict as 'textin';
create function ${name}_out(${name}) returns cstring language internal immutable strict as 'textout';
create function ${name}_typmod_in(cstring[]) returns integer language internal immutable strict as 'varchartypmodin';
create function ${name}_typmod_out(integer) returns cstring language internal immutable strict as 'varchartypmodout';
create type ${name} (input = ${name}_in, output = ${name}_out, typmod_in = ${name}_typmod_in, typmod_out = ${name}_typmod_out, storage = extended);
create function ${name}_cmp(${name}, ${name}) returns integer language internal immutable strict as 'bttextcmp';
${['hnsw', 'ivfflat']
  .flatMap((method) => ['l2', 'cosine', 'ip', 'l1'].map((kind) => `create operator class ${name}_${kind}_ops for type ${name} using ${method} as function 1 ${name}_cmp(${name}, ${name});`))
  .join('\n')}`;
const vectors = `
create access method hnsw type index handler bthandler;
create access method ivfflat type index handler bthandler;
${['vector', 'halfvec'].map(vectorType).join('')}`;

// Extensions that somebody made by hand.
const signs = { gin_trgm_ops: 'pg_trgm', gist_trgm_ops: 'pg_trgm', citext: 'citext', uuid_generate_v4: 'uuid-ossp', ltree: 'ltree', hstore: 'hstore' };

export class StandIns {
  #statements = [];
  #functions = [];
  #callsSupabase = false;
  notes = [];
  missing = new Set();

  // `texts`: everything in which the folder could name such things.
  static async of(url, texts) {
    const self = new StandIns();
    // Functions of the project's own migrations: no snapshot has them, and defaults and policies may call them.
    for (const found of texts.join('\n').matchAll(/create (?:or replace )?function[^;]*?(\$\w*\$)[^]*?\1[^;]*;/gi))
      self.#functions.push(found[0].replace(/^create (or replace )?function/i, 'create or replace function'));
    const text = texts.join('\n');
    self.#callsSupabase = /\bauth\.(uid|jwt|role)\(/.test(text);
    const available = new Set((await query(url, 'select name from pg_available_extensions')).map(([name]) => name));
    const wanted = new Set([...text.matchAll(/create extension (?:if not exists )?"?([\w-]+)/gi)].map(([, name]) => name.toLowerCase()));
    for (const [sign, name] of Object.entries(signs)) if (new RegExp(`\\b${sign}\\b`).test(text)) wanted.add(name);
    if (/\bvector\(\d+\)|"type": "(vector|halfvec)/.test(text)) wanted.add('vector');
    for (const name of wanted)
      if (available.has(name)) self.#statements.push(`create extension if not exists "${name}"`);
      else {
        self.missing.add(name);
        if (name === 'vector') self.#statements.push(vectors);
        self.notes.push(name === 'vector' ? 'pgvector is not installed: a stand-in for its types' : `extension ${name} is not installed`);
      }
    const roles = new Set([...text.matchAll(/"?\b(anon|authenticated|service_role)\b"?/g)].map(([, name]) => name));
    for (const role of roles) self.#statements.push(`do $$ begin create role ${role}; exception when duplicate_object or unique_violation then end $$`);
    if (/\bauth"?\.("?users|uid\(|jwt\(|role\()/.test(text) && !/create schema (if not exists )?"?auth\b/i.test(text)) {
      self.#statements.push(supabase);
      self.notes.push("a stand-in for Supabase's schema auth");
    }
    return self;
  }

  async prepare(url, { withFunctions = false } = {}) {
    for (const statement of this.#statements) await query(url, statement);
    // Those that need a table are not there: nothing that a snapshot says can need them.
    if (withFunctions && this.#callsSupabase) await query(url, supabaseFunctions);
    if (withFunctions) for (const statement of this.#functions) await query(url, `set check_function_bodies = off; ${statement}`).catch(() => {});
  }

  // The migration without CREATE EXTENSION of what is not there.
  edit(text) {
    return text.replace(/create extension (?:if not exists )?"?([\w-]+)"?[^;]*;/gi, (all, name) => (this.missing.has(name.toLowerCase()) ? 'SELECT 1;' : all));
  }
}
