#include "cli/stand_ins.hpp"

#include <algorithm>
#include <map>

#include "base/files.hpp"
#include "base/text.hpp"
#include "read/catalog/citus.hpp"
#include "read/catalog/pgvector.hpp"
#include "review/review.hpp"
#include "sql/quote.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

// As supabase/postgres makes them, as far as migrations of a project use them: roles, the tables that are referred to,
// the functions that policies call. Roles belong to the whole server: a second database finds them there.
constexpr const char* supabase = R"(
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['anon', 'authenticated', 'service_role', 'authenticator', 'supabase_admin', 'supabase_auth_admin',
    'supabase_storage_admin', 'supabase_functions_admin', 'supabase_realtime_admin', 'supabase_replication_admin',
    'supabase_read_only_user', 'dashboard_user', 'pgbouncer', 'postgres'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN EXECUTE format('CREATE ROLE %I', r); END IF;
  END LOOP;
END $$;
ALTER ROLE service_role BYPASSRLS;
GRANT anon, authenticated, service_role TO authenticator;
CREATE SCHEMA auth;
CREATE SCHEMA extensions;
CREATE SCHEMA graphql;
CREATE SCHEMA graphql_public;
CREATE SCHEMA realtime;
CREATE SCHEMA storage;
CREATE SCHEMA supabase_functions;
CREATE SCHEMA vault;
GRANT USAGE ON SCHEMA auth, extensions, storage, realtime TO anon, authenticated, service_role;

CREATE TABLE auth.users (
  instance_id uuid,
  id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
  aud varchar(255), role varchar(255), email varchar(255), encrypted_password varchar(255),
  email_confirmed_at timestamptz, invited_at timestamptz,
  confirmation_token varchar(255), confirmation_sent_at timestamptz,
  recovery_token varchar(255), recovery_sent_at timestamptz,
  email_change_token_new varchar(255), email_change varchar(255), email_change_sent_at timestamptz,
  last_sign_in_at timestamptz, raw_app_meta_data jsonb, raw_user_meta_data jsonb, is_super_admin boolean,
  created_at timestamptz, updated_at timestamptz,
  phone text UNIQUE, phone_confirmed_at timestamptz, phone_change text DEFAULT '', phone_change_token varchar(255) DEFAULT '',
  phone_change_sent_at timestamptz,
  confirmed_at timestamptz GENERATED ALWAYS AS (LEAST(email_confirmed_at, phone_confirmed_at)) STORED,
  email_change_token_current varchar(255) DEFAULT '', email_change_confirm_status smallint DEFAULT 0,
  banned_until timestamptz, reauthentication_token varchar(255) DEFAULT '', reauthentication_sent_at timestamptz,
  is_sso_user boolean NOT NULL DEFAULT false, deleted_at timestamptz, is_anonymous boolean NOT NULL DEFAULT false
);
CREATE TABLE auth.identities (
  provider_id text NOT NULL, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, identity_data jsonb NOT NULL,
  provider text NOT NULL, last_sign_in_at timestamptz, created_at timestamptz, updated_at timestamptz,
  email text GENERATED ALWAYS AS (lower(identity_data ->> 'email')) STORED,
  id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(), UNIQUE (provider_id, provider)
);
CREATE TABLE auth.sessions (
  id uuid NOT NULL PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, created_at timestamptz,
  updated_at timestamptz, factor_id uuid, not_after timestamptz, refreshed_at timestamp, user_agent text, ip inet, tag text
);
CREATE TABLE auth.mfa_factors (
  id uuid NOT NULL PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, friendly_name text,
  factor_type text NOT NULL, status text NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL
);
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb $$;
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT (auth.jwt() ->> 'sub')::uuid $$;
CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS $$ SELECT auth.jwt() ->> 'role' $$;
CREATE FUNCTION auth.email() RETURNS text LANGUAGE sql STABLE AS $$ SELECT auth.jwt() ->> 'email' $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA auth TO PUBLIC;

CREATE TABLE storage.buckets (
  id text NOT NULL PRIMARY KEY, name text NOT NULL UNIQUE, owner uuid, created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now(), public boolean DEFAULT false, avif_autodetection boolean DEFAULT false,
  file_size_limit bigint, allowed_mime_types text[], owner_id text
);
CREATE TABLE storage.objects (
  id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(), bucket_id text REFERENCES storage.buckets, name text, owner uuid,
  created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(), last_accessed_at timestamptz DEFAULT now(),
  metadata jsonb, path_tokens text[] GENERATED ALWAYS AS (string_to_array(name, '/')) STORED, version text, owner_id text,
  user_metadata jsonb, UNIQUE (bucket_id, name)
);
ALTER TABLE storage.buckets ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION storage.foldername(name text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT (string_to_array(name, '/'))[1:array_length(string_to_array(name, '/'), 1) - 1] $$;
CREATE FUNCTION storage.filename(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)] $$;
CREATE FUNCTION storage.extension(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT reverse(split_part(reverse(storage.filename(name)), '.', 1)) $$;

CREATE TABLE realtime.messages (
  id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY, topic text NOT NULL, extension text NOT NULL, payload jsonb,
  event text, private boolean DEFAULT false, updated_at timestamp NOT NULL DEFAULT now(),
  inserted_at timestamp NOT NULL DEFAULT now()
);
CREATE FUNCTION realtime.topic() RETURNS text LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('realtime.topic', true), '') $$;
CREATE FUNCTION realtime.send(payload jsonb, event text, topic text, private boolean DEFAULT true) RETURNS void
  LANGUAGE sql AS $$ SELECT $$;
CREATE PUBLICATION supabase_realtime;
CREATE FUNCTION supabase_functions.http_request() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TABLE vault.secrets (
  id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(), name text, description text NOT NULL DEFAULT '', secret text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE VIEW vault.decrypted_secrets AS
  SELECT id, name, description, secret, secret AS decrypted_secret, created_at, updated_at FROM vault.secrets;
CREATE FUNCTION vault.create_secret(secret text, name text DEFAULT NULL, description text DEFAULT '') RETURNS uuid
  LANGUAGE sql AS $$ INSERT INTO vault.secrets (secret, name, description) VALUES (secret, name, description) RETURNING id $$;
DO $$
DECLARE e text;
BEGIN
  FOREACH e IN ARRAY ARRAY['pgcrypto', 'uuid-ossp'] LOOP
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = e) THEN
      EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA extensions', e);
    END IF;
  END LOOP;
  EXECUTE format('ALTER DATABASE %I SET search_path = "$user", public, extensions', current_database());
END $$;
)";

// pg_cron's functions, which migrations call to plan their jobs.
constexpr const char* pg_cron = R"(
CREATE SCHEMA IF NOT EXISTS cron;
CREATE FUNCTION cron.schedule(text, text) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE FUNCTION cron.schedule(text, text, text) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE FUNCTION cron.unschedule(text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION cron.unschedule(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true';
)";

// "CREATE EXTENSION [IF NOT EXISTS] name …": the name, else nothing.
std::string created_extension(std::string_view statement) {
  std::vector<std::string> tokens = sql::tokens(statement);
  if (!sql::begins_with(tokens, {"create", "extension"})) return "";
  size_t at = 2;
  if (tokens.size() > at + 3 && tokens[at] == "if") at += 3;
  return at < tokens.size() ? text::replace_all(tokens[at], "\"", "") : "";
}

// The schema that it says: "… [WITH] SCHEMA name …"; else public.
std::string schema_of_extension(std::string_view statement) {
  std::vector<std::string> tokens = sql::tokens(statement);
  for (size_t i = 2; i + 1 < tokens.size(); i++)
    if (tokens[i] == "schema") return text::replace_all(tokens[i + 1], "\"", "");
  return "public";
}

// What an extension brings that migrations name in plain words: types, functions, operator classes.
const std::map<std::string, std::string>& words_of_extensions() {
  static const std::map<std::string, std::string> words{{"geometry", "postgis"},
                                                        {"geography", "postgis"},
                                                        {"st_makepoint", "postgis"},
                                                        {"vector", "vector"},
                                                        {"halfvec", "vector"},
                                                        {"sparsevec", "vector"},
                                                        {"citext", "citext"},
                                                        {"hstore", "hstore"},
                                                        {"ltree", "ltree"},
                                                        {"lquery", "ltree"},
                                                        {"cube", "cube"},
                                                        {"uuid_generate_v1", "uuid-ossp"},
                                                        {"uuid_generate_v4", "uuid-ossp"},
                                                        {"crypt", "pgcrypto"},
                                                        {"gen_salt", "pgcrypto"},
                                                        {"digest", "pgcrypto"},
                                                        {"gen_random_bytes", "pgcrypto"},
                                                        {"gin_trgm_ops", "pg_trgm"},
                                                        {"gist_trgm_ops", "pg_trgm"},
                                                        {"unaccent", "unaccent"}};
  return words;
}

std::string bare(const std::string& name) {
  return name.size() > 1 && name.front() == '"' ? text::replace_all(name.substr(1, name.size() - 2), "\"\"", "\"")
                                                : name;
}

// Roles that a statement needs: of policies, privileges and owners.
void add_roles(const std::vector<std::string>& tokens, std::set<std::string>& roles) {
  const bool policy = tokens.size() > 1 && tokens[1] == "policy" && (tokens[0] == "create" || tokens[0] == "alter");
  const bool defaults = sql::begins_with(tokens, {"alter", "default", "privileges"});
  const bool grant = defaults || sql::begins_with(tokens, {"grant"});
  const bool revoke = defaults || sql::begins_with(tokens, {"revoke"});
  for (size_t i = 0; i + 1 < tokens.size(); i++) {
    if (defaults && tokens[i] == "for" && i + 2 < tokens.size()) roles.insert(bare(tokens[i + 2]));  // FOR ROLE name
    const bool list = tokens[i] == "to" ? policy || grant : tokens[i] == "from" && revoke;
    if (list) {
      if (policy && i > 0 && tokens[i - 1] == "rename") return;
      for (size_t at = i + 1; at < tokens.size(); at += 2) {
        if (tokens[at] == "group" && at + 1 < tokens.size()) at++;
        roles.insert(bare(tokens[at]));
        if (at + 1 >= tokens.size() || tokens[at + 1] != ",") return;
      }
    }
    if (tokens[i] == "owner" && tokens[i + 1] == "to" && i + 2 < tokens.size() && tokens[0] == "alter")
      roles.insert(bare(tokens[i + 2]));
  }
}

std::set<std::string> names(server::Connection& connection, const char* query) {
  std::set<std::string> out;
  server::Rows rows = connection.execute(query);
  for (size_t i = 0; i < rows.size(); i++) out.insert(rows.text(i, 0));
  return out;
}

}  // namespace

std::vector<std::string> make_supabase_whole(server::Connection& connection) {
  const char* schemas = "SELECT nspname FROM pg_catalog.pg_namespace";
  const std::set<std::string> before = names(connection, schemas);
  connection.execute(supabase);
  // For this connection too, which is open already.
  connection.execute("SET search_path = \"$user\", public, extensions");
  std::vector<std::string> made;
  for (const std::string& name : names(connection, schemas))
    if (!before.contains(name)) made.push_back(name);
  return made;
}

StandIns::StandIns(const Config& config, const std::vector<std::string>& migrations, server::Connection& connection,
                   bool of_supabase)
    : config_(config),
      supabase_(of_supabase || config.filters.supabase || config.settings.review.supabase.value_or(false)) {
  vector_schema_.clear();
  std::set<std::string> wanted, roles, named;
  std::string all;
  for (const std::string& sql : migrations) {
    supabase_ = supabase_ || review::looks_like_supabase(sql);
    citus_ = citus_ || read::speaks_of_citus(sql);
    for (const sql::Chunk& chunk : sql::chunks(sql))
      for (const sql::Statement& statement : sql::statements(chunk)) {
        if (std::string name = created_extension(statement.text); !name.empty()) {
          wanted.insert(name);
          if (name == "vector") vector_schema_ = schema_of_extension(statement.text);
        }
        const std::vector<std::string> tokens = sql::tokens(statement.text);
        add_roles(tokens, roles);
        for (const std::string& token : tokens)
          if (auto found = words_of_extensions().find(token); found != words_of_extensions().end())
            named.insert(found->second);
      }
    all += text::to_lower(text::replace_all(sql, "\"", "")) + "\n";
  }
  for (const char* word : {"public", "current_user", "current_role", "session_user"}) roles.erase(word);
  for (const std::string& role : names(connection, "SELECT rolname FROM pg_catalog.pg_roles")) roles.erase(role);
  // Also one that a block of code makes, with or without a look whether it is there.
  for (const std::string& role : roles) {
    const std::string name = text::to_lower(role);
    if (all.find("role " + name) == std::string::npos && all.find("user " + name) == std::string::npos)
      roles_.push_back(role);
  }
  // An extension that is made elsewhere, by hand or in a dashboard: no migration says CREATE EXTENSION, also not in a
  // block of code, or makes something of its own with such a name.
  auto is_made = [&](const std::string& extension) {
    if (wanted.contains(extension) || all.find("extension if not exists " + extension) != std::string::npos ||
        all.find("extension " + extension) != std::string::npos)
      return true;
    return std::any_of(words_of_extensions().begin(), words_of_extensions().end(), [&](const auto& word) {
      auto makes = [&](const char* kind) {
        return all.find(std::string(kind) + word.first) != std::string::npos ||
               all.find(std::string(kind) + "public." + word.first) != std::string::npos;
      };
      return word.second == extension && (makes("create type ") || makes("create domain ") || makes("function "));
    });
  };
  std::erase_if(named, is_made);
  if (wanted.empty() && named.empty()) return;
  std::set<std::string> there = names(connection, "SELECT name FROM pg_catalog.pg_available_extensions");
  for (const std::string& name : named) (there.contains(name) ? given_ : missing_).push_back(name);
  for (const std::string& name : wanted)
    if (!there.contains(name) && name != "citus") missing_.push_back(name);
  if (missing_.empty()) return;
  methods_ = names(connection, "SELECT amname FROM pg_catalog.pg_am");
}

void StandIns::make(server::Connection& connection) {
  const char* schemas = "SELECT nspname FROM pg_catalog.pg_namespace";
  const std::set<std::string> before = names(connection, schemas);
  if (supabase_) make_supabase_whole(connection);
  const std::set<std::string> there = names(connection, "SELECT rolname FROM pg_catalog.pg_roles");
  for (const std::string& role : roles_)
    if (!there.contains(role)) connection.execute("CREATE ROLE " + sql::identifier(role));
  auto lacks = [&](const char* name) { return std::find(missing_.begin(), missing_.end(), name) != missing_.end(); };
  // One that the migrations make themselves comes with their statement.
  if (lacks("vector") && vector_schema_.empty())
    read::make_pgvector_stand_in(connection, supabase_ ? "extensions" : "public");
  for (const std::string& name : given_)
    connection.execute("CREATE EXTENSION IF NOT EXISTS " + sql::identifier(name) +
                       (supabase_ ? " SCHEMA extensions" : "") + " CASCADE");
  if (lacks("pg_cron")) connection.execute(pg_cron);
  if (citus_) read::make_citus_stand_in(connection);
  if (!config_.settings.stand_ins.empty()) {
    fs::path file = config_.directory / config_.settings.stand_ins;
    std::string text = files::read(file);
    try {
      connection.execute(text);
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
      ErrorContext context = error.context;
      context.at = {file.string(), error.context.at.line, 0};
      throw Error("the stand-ins for the scratch server do not run: " + std::string(error.what()), context);
    }
  }
  for (const std::string& name : names(connection, schemas))
    if (!before.contains(name)) schemas_.insert(name);
}

bool StandIns::lacks(const model::Index& index) const {
  return indexes_.contains(index.key.name) || (!missing_.empty() && !methods_.contains(index.method));
}

// Why the statement, about an index, cannot run here; else nothing.
std::string StandIns::missing_for_index(const std::vector<std::string>& tokens) {
  const bool made =
      sql::begins_with(tokens, {"create", "index"}) || sql::begins_with(tokens, {"create", "unique", "index"});
  const bool altered = sql::begins_with(tokens, {"drop", "index"}) || sql::begins_with(tokens, {"alter", "index"});
  if (!made && !altered) return "";
  size_t at = tokens[1] == "unique" ? 3 : 2;
  if (at < tokens.size() && tokens[at] == "concurrently") at++;
  if (at < tokens.size() && tokens[at] == "if") at += made ? 3 : 2;
  while (at + 2 < tokens.size() && tokens[at + 1] == "." && !made) at += 2;
  if (at >= tokens.size()) return "";
  const std::string name = bare(tokens[at]);
  if (altered) return indexes_.contains(name) ? "there is no index " + name + " here" : "";
  for (size_t i = at; i + 1 < tokens.size(); i++)
    if (tokens[i] == "using") {
      if (methods_.contains(bare(tokens[i + 1]))) return "";
      indexes_.insert(name);
      return "index " + name + " (" + bare(tokens[i + 1]) + " is not installed here)";
    }
  return "";
}

std::string StandIns::without_missing(std::string_view text, std::vector<std::string>& left_out) {
  std::string out = citus_ ? read::without_citus_extension(text) : std::string(text);
  if (missing_.empty()) return out;
  std::vector<size_t> vectors;  // where a CREATE EXTENSION vector is
  for (const sql::Chunk& chunk : sql::chunks(text))
    for (const sql::Statement& statement : sql::statements(chunk)) {
      std::string name = created_extension(statement.text);
      auto at = static_cast<size_t>(statement.text.data() - text.data());
      if (std::find(missing_.begin(), missing_.end(), name) == missing_.end()) {
        const std::string index = missing_for_index(sql::tokens(statement.text));
        if (index.empty()) continue;
        if (std::find(left_out.begin(), left_out.end(), index) == left_out.end()) left_out.push_back(index);
      } else if (name == "vector") {
        vectors.push_back(at);
      }
      // Blanks, so that errors point to the right place; the semicolon stays.
      for (size_t i = at; i < at + statement.text.size(); i++)
        if (out[i] != '\n') out[i] = ' ';
    }
  const std::string schema = vector_schema_.empty() ? "public" : vector_schema_;
  for (auto at = vectors.rbegin(); at != vectors.rend(); ++at) out.insert(*at, read::pgvector_stand_in(schema));
  return out;
}

std::vector<std::string> StandIns::describe() const {
  std::vector<std::string> out;
  if (supabase_) out.emplace_back("Supabase's roles and its schemas auth, storage, realtime, extensions");
  std::vector<std::string> roles;
  for (const std::string& role : roles_)
    if (!supabase_ || std::string_view(supabase).find("'" + role + "'") == std::string_view::npos)
      roles.push_back(role);
  if (!roles.empty())
    out.push_back((roles.size() == 1 ? "the role " : "the roles ") + text::join(roles, ", ") +
                  ", which the migrations do not make");
  for (const std::string& name : given_)
    out.push_back("the extension " + name + ", which the migrations need and do not make");
  if (citus_) out.emplace_back("Citus (it notes what is distributed; nothing is spread over servers, nothing refused)");
  for (const std::string& name : missing_)
    out.push_back("the extension " + name + ", which is not installed here" +
                  (name == "vector" ? " (a type that holds text)" : ""));
  if (!config_.settings.stand_ins.empty()) out.push_back(config_.settings.stand_ins);
  return out;
}

}  // namespace sluice::cli
