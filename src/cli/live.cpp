#include "cli/live.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "cli/fleet_targets.hpp"
#include "cli/read_back.hpp"
#include "cli/replay.hpp"
#include "cli/written.hpp"
#include "diff/words.hpp"
#include "model/names.hpp"
#include "plan/plan.hpp"
#include "server/trial.hpp"

namespace sluice::cli {

using namespace model;

namespace {

// Schemas of Supabase's own (supabase/postgres); with schemaFilter they can be named all the same.
constexpr const char* supabase_schemas[] = {"auth",
                                            "storage",
                                            "realtime",
                                            "_realtime",
                                            "vault",
                                            "extensions",
                                            "graphql",
                                            "graphql_public",
                                            "pgbouncer",
                                            "pgsodium",
                                            "pgsodium_masks",
                                            "supabase_functions",
                                            "supabase_migrations",
                                            "net",
                                            "cron",
                                            "_analytics"};

// Where other migration tools keep what they did.
constexpr const char* tables_of_tools[] = {"_prisma_migrations",         "schema_migrations",   "flyway_schema_history",
                                           "goose_db_version",           "knex_migrations",     "knex_migrations_lock",
                                           "__diesel_schema_migrations", "databasechangelog",   "databasechangeloglock",
                                           "_sqlx_migrations",           "ar_internal_metadata"};

bool is_of_tool(const Key& relation) {
  return relation.schema == "public" &&
         std::find(std::begin(tables_of_tools), std::end(tables_of_tools), relation.name) != std::end(tables_of_tools);
}

bool declares(const Schema& schema, const Key& relation) {
  auto in = [&](const auto& list) {
    return std::any_of(list.begin(), list.end(), [&](const auto& object) {
      return object.key.schema == relation.schema && same_name(object.key.name, relation.name);
    });
  };
  return in(all<Table>(schema)) || in(all<View>(schema)) || in(all<Partition>(schema));
}

// "auth"."users" → its key
Key table_named(const std::string& text) {
  std::vector<std::string> parts{""};
  bool quoted = false;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '"') {
      if (quoted && i + 1 < text.size() && text[i + 1] == '"')
        parts.back() += text[++i];
      else
        quoted = !quoted;
    } else if (text[i] == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts.size() > 1 ? Key{parts[0], "", parts[1]} : Key{"public", "", parts[0]};
}

// What the model holds only in part, and the schema does not declare, is not the schema's: it is left alone.
void leave_alone(read::Catalog& catalog, const Schema& wanted) {
  std::set<Key> alone;
  for (const read::NotCovered& note : catalog.not_covered)
    if (note.kind == "INCLUDE" || note.kind.ends_with("of an index") || note.kind == "partitioned table" ||
        note.kind == "inherited table")
      alone.insert(note.key);
  auto declared = [](const auto& kind, const Key& key) {
    return std::any_of(kind.begin(), kind.end(), [&](const auto& object) {
      return object.key.schema == key.schema && same_name(object.key.table, key.table) &&
             same_name(object.key.name, key.name);
    });
  };
  std::apply(
      [&](auto&... kinds) {
        auto each = [&](auto& objects) {
          using Kind = typename std::remove_cvref_t<decltype(objects)>::value_type;
          std::erase_if(objects, [&](const auto& object) {
            if constexpr (std::is_same_v<Kind, Table> || std::is_same_v<Kind, Index> || std::is_same_v<Kind, Unique>)
              if (alone.contains(object.key)) return !declared(all<Kind>(wanted), object.key);
            Key owner = object.key.owner();
            return !object.key.table.empty() && alone.contains(owner) && !declared(all<Table>(wanted), owner);
          });
        };
        (each(kinds), ...);
      },
      catalog.schema);
}

// Policies that are linked to tables which the schema does not declare take their place in it. Of a table that is read
// all of them, since they are the project's; of one elsewhere (auth.users) only those that the schema knows.
void link_policies(read::Catalog& catalog, const Schema& wanted) {
  std::set<Key> read;
  for (const Table& table : all<Table>(catalog.schema)) read.insert(table.key);
  std::set<Key> settled;
  for (const Policy& policy : all<Policy>(wanted)) {
    if (!policy.linked_to) continue;
    Key table = table_named(*policy.linked_to);
    if (!settled.insert(table).second) continue;
    for (const Policy& found : catalog.policies_elsewhere) {
      if (!(found.key.owner() == table)) continue;
      auto same = std::find_if(all<Policy>(wanted).begin(), all<Policy>(wanted).end(), [&](const Policy& other) {
        return other.linked_to && table_named(*other.linked_to) == table && same_name(other.key.name, found.key.name);
      });
      if (same == all<Policy>(wanted).end() && !read.contains(table)) continue;
      Policy linked = found;
      linked.key = {policy.key.schema, "", same == all<Policy>(wanted).end() ? found.key.name : same->key.name};
      linked.linked_to = policy.linked_to;
      all<Policy>(catalog.schema).push_back(std::move(linked));
    }
  }
}

// Takes relations out, with all that stands on them.
void erase_relations(Schema& schema, const std::set<Key>& relations) {
  if (relations.empty()) return;
  std::apply(
      [&](auto&... kinds) {
        auto each = [&](auto& objects) {
          using Kind = typename std::remove_cvref_t<decltype(objects)>::value_type;
          std::erase_if(objects, [&](const Kind& object) {
            if constexpr (std::is_same_v<Kind, Table> || std::is_same_v<Kind, View> || std::is_same_v<Kind, Partition>)
              return relations.contains(object.key);
            return !object.key.table.empty() && relations.contains(object.key.owner());
          });
        };
        (each(kinds), ...);
      },
      schema);
}

// Are they those of drizzle's table of migrations, and no others?
bool is_ledger(const std::vector<const Column*>& columns) {
  std::map<std::string, std::string> types;
  for (const Column* column : columns) types[column->key.name] = column->type;
  auto has = [&](const char* name, std::initializer_list<const char*> wanted) {
    const auto found = types.find(name);
    return found != types.end() && std::find(wanted.begin(), wanted.end(), found->second) != wanted.end();
  };
  size_t known = 3;
  if (has("name", {"text"})) known++;
  if (has("applied_at", {"timestamp with time zone"})) known++;
  return has("id", {"serial", "bigserial", "integer", "bigint"}) && has("hash", {"text"}) &&
         has("created_at", {"bigint"}) && types.size() == known;
}

// A table that the schema refers to and does not declare is somebody's: it is not dropped.
void leave_referenced(Schema& live, const Schema& wanted) {
  std::set<Key> declared, referenced;
  for (const Table& table : all<Table>(wanted)) declared.insert({table.key.schema, "", clipped(table.key.name)});
  for (const ForeignKey& key : all<ForeignKey>(wanted)) referenced.insert({key.schema_to, "", clipped(key.table_to)});
  for (const Policy& policy : all<Policy>(wanted))
    if (policy.linked_to) referenced.insert(table_named(*policy.linked_to));
  std::erase_if(referenced, [&](const Key& key) { return declared.contains(key); });
  erase_relations(live, referenced);
}

read::Catalog read_live(server::Connection& connection, const Config& config, const Schema& wanted, bool beyond) {
  read::CatalogOptions options = catalog_options(config, &wanted);
  options.beyond = beyond;
  options.domains = !all<Domain>(wanted).empty();
  read::Catalog catalog = read::catalog(connection, options);
  if (beyond) {
    leave_to_others(catalog, wanted);
  } else {
    leave_alone(catalog, wanted);
    // A domain that the schema does not name may be somebody else's.
    std::erase_if(all<Domain>(catalog.schema),
                  [&](const Domain& domain) { return find<Domain>(wanted, domain.key) == nullptr; });
  }
  link_policies(catalog, wanted);
  leave_referenced(catalog.schema, wanted);
  leave_ledgers(catalog.schema, wanted);
  return catalog;
}

// Tables that are the same before PostgreSQL is asked: nothing of theirs is spelled in another way.
std::set<Key> equal_tables(const Schema& live, const Schema& wanted) {
  Schema aligned = diff::with_aligned_keys(wanted, live);
  diff::Changes changes = diff::compare(aligned, wanted);
  std::set<Key> touched, equal, there;
  auto touch = [&](const auto& changes_of) {
    auto add = [&](const Key& key) { touched.insert(key.table.empty() ? key : key.owner()); };
    for (const auto& object : changes_of.created) add(object.key);
    for (const auto& object : changes_of.dropped) add(object.key);
    for (const auto& change : changes_of.altered) add(change.after.key);
    for (const auto& change : changes_of.renamed) {
      add(change.before.key);
      add(change.after.key);
    }
  };
  std::apply([&](const auto&... kinds) { (touch(kinds), ...); }, changes.by_kind);
  for (const Table& table : all<Table>(aligned)) there.insert(table.key);
  for (const Table& table : all<Table>(wanted))
    if (!touched.contains(table.key) && there.contains(table.key)) equal.insert(table.key);
  return equal;
}

// Of a schema the tables (and what belongs to them) that `keep` says, and of the rest only what `others` says.
template <class Keep>
Schema tables_of(const Schema& schema, Keep&& keep) {
  Schema out;
  std::apply(
      [&](const auto&... kinds) {
        auto each = [&](const auto& objects) {
          using Kind = typename std::remove_cvref_t<decltype(objects)>::value_type;
          for (const Kind& object : objects) {
            bool is_table = std::is_same_v<Kind, Table>, in_table = !object.key.table.empty();
            if ((is_table || in_table) && keep(is_table ? object.key : object.key.owner()))
              all<Kind>(out).push_back(object);
          }
        };
        (each(kinds), ...);
      },
      schema);
  return out;
}

template <class Kind>
void append(Schema& to, const Schema& from) {
  all<Kind>(to).insert(all<Kind>(to).end(), all<Kind>(from).begin(), all<Kind>(from).end());
}

// As it is in a database: a policy turns it on without a word in the schema.
void say_row_security(Comparison& out) {
  std::set<Key> secured;
  for (const Table& table : all<Table>(out.read_back))
    if (table.row_security) secured.insert(table.key);
  for (Table& table : all<Table>(out.wanted))
    table.row_security = secured.contains({table.key.schema, "", clipped(table.key.name)});
}

}  // namespace

void add_live_options(CLI::App* command, Overrides& overrides) {
  command->add_option("--schemaFilter,--schemaFilters,--schema-filter", overrides.schema_filter,
                      "schemas that belong to the project (default: public and those that the schema declares)");
  command->add_option("--tablesFilter,--tables-filter", overrides.tables_filter,
                      "globs for tables and views; \"!glob\" leaves out");
  command->add_option("--extensionsFilters,--extensions-filters", overrides.extensions_filter,
                      "of drizzle-kit: what belongs to an extension is left alone anyway");
  command->add_option("--host", overrides.host, "instead of --url, with --database");
  command->add_option("--port", overrides.port, "");
  command->add_option("--user", overrides.user, "");
  command->add_option("--password", overrides.password, "better in PGPASSWORD: arguments stand in the process list");
  command->add_option("--database", overrides.database, "");
  command->add_option("--ssl", overrides.ssl, "true, false, require, allow, prefer or verify-full")
      ->check(CLI::IsMember({"true", "false", "disable", "require", "allow", "prefer", "verify-ca", "verify-full"}));
  // drizzle-kit has them here too, for other databases.
  for (const char* name : {"--auth-token", "--tlsSecurity"})
    command
        ->add_option_function<std::string>(
            name, [](const std::string&) {}, "")
        ->group("");
}

bool is_supabase(server::Connection& connection) {
  return connection.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'supabase_admin')").text(0, 0) == "t";
}

read::CatalogOptions catalog_options(const Config& config, const Schema* wanted) {
  read::CatalogOptions options;
  options.schemas = config.filters.schemas;
  if (options.schemas.empty()) {
    options.schemas = {"public"};
    if (wanted)
      for (const Namespace& object : all<Namespace>(*wanted)) options.schemas.push_back(object.key.name);
  }
  if (std::find(options.schemas.begin(), options.schemas.end(), "*") != options.schemas.end()) {
    options.schemas.clear();
    if (config.filters.supabase)
      options.without_schemas.assign(std::begin(supabase_schemas), std::end(supabase_schemas));
  }
  options.without_schemas.emplace_back("sluice");
  if (config.ledger.schema != "public") options.without_schemas.push_back(config.ledger.schema);
  options.tables = config.filters.tables;
  const auto& extensions = config.filters.extensions;
  if (std::find(extensions.begin(), extensions.end(), "postgis") != extensions.end())
    for (const char* table : {"geography_columns", "geometry_columns", "spatial_ref_sys"})
      options.hidden.push_back({"public", "", table});
  options.hidden.push_back({config.ledger.schema, "", config.ledger.table});
  for (const char* table : tables_of_tools)
    if (!wanted || !declares(*wanted, {"public", "", table})) options.hidden.push_back({"public", "", table});
  options.roles = config.filters.roles;
  if (wanted) {
    for (const Role& role : all<Role>(*wanted)) options.roles.include.push_back(role.key.name);
    for (const Policy& policy : all<Policy>(*wanted))
      if (policy.linked_to) options.policies_of.push_back(table_named(*policy.linked_to));
  }
  return options;
}

Schema within_filters(const Config& config, Schema wanted) {
  if (std::optional<Schema> distinct = with_distinct_names(wanted)) wanted = std::move(*distinct);
  const std::vector<std::string>& schemas = config.filters.schemas;
  bool all_schemas = schemas.empty() || std::find(schemas.begin(), schemas.end(), "*") != schemas.end();
  auto supabases_own = [&](const std::string& schema) {
    return config.filters.supabase &&
           std::find(std::begin(supabase_schemas), std::end(supabase_schemas), schema) != std::end(supabase_schemas);
  };
  auto in = [&](const std::string& schema) {
    return (all_schemas && !supabases_own(schema)) ||
           std::find(schemas.begin(), schemas.end(), schema) != schemas.end();
  };
  std::apply(
      [&](auto&... kinds) {
        auto each = [&](auto& objects) {
          using Kind = typename std::remove_cvref_t<decltype(objects)>::value_type;
          std::erase_if(objects, [&](const Kind& object) {
            if constexpr (std::is_same_v<Kind, Role>) return false;
            if constexpr (std::is_same_v<Kind, Namespace>) return !in(object.key.name);
            bool linked = false;
            if constexpr (std::is_same_v<Kind, Policy>) linked = object.linked_to.has_value();
            if (linked) return false;
            if (object.key.schema.empty()) return false;  // extensions and the like
            if (!in(object.key.schema)) return true;
            bool is_relation =
                std::is_same_v<Kind, Table> || std::is_same_v<Kind, View> || std::is_same_v<Kind, Partition>;
            const std::string& table = is_relation ? object.key.name : object.key.table;
            return !table.empty() && !read::passes(config.filters.tables, table);
          });
        };
        (each(kinds), ...);
      },
      wanted);
  return wanted;
}

std::vector<std::string> leave_ledgers(Schema& live, const Schema& known) {
  std::set<Key> ledgers;
  std::set<std::string> schemas;
  std::vector<std::string> names;
  const auto columns = by_table<Column>(live);
  for (const Table& table : all<Table>(live))
    if (const auto its = columns.find(table.key);
        its != columns.end() && is_ledger(its->second) && !declares(known, table.key)) {
      ledgers.insert(table.key);
      schemas.insert(table.key.schema);
      names.push_back(display(table.key));
    }
  erase_relations(live, ledgers);
  // A schema that has nothing else is theirs, too.
  for (const Table& table : all<Table>(live)) schemas.erase(table.key.schema);
  std::erase_if(all<Namespace>(live), [&](const Namespace& each) {
    return schemas.contains(each.key.name) && !find<Namespace>(known, each.key);
  });
  return names;
}

void leave_to_neighbours(const Config& config, Schema& live, const Schema& known) {
  const std::vector<std::string>& schemas = config.filters.schemas;
  const bool any_schema = schemas.empty() || std::find(schemas.begin(), schemas.end(), "*") != schemas.end();
  std::set<Key> others;
  auto look = [&](const auto& list) {
    for (const auto& object : list) {
      const Key& key = object.key;
      const bool excluded = (!any_schema && std::find(schemas.begin(), schemas.end(), key.schema) == schemas.end()) ||
                            !read::passes(config.filters.tables, key.name) || is_of_tool(key);
      if (excluded && !declares(known, key)) others.insert(key);
    }
  };
  look(all<Table>(live)), look(all<View>(live)), look(all<Partition>(live));
  erase_relations(live, others);
  leave_ledgers(live, known);
}

std::string url_of(const Config& config, const NamedDatabase& database) {
  return std::string(text::trim(expand(config, database.url)));
}

namespace {

// True if the database is one of the fleet's targets, or has some of them in its schemas.
bool is_of_fleet(const Config& config, const Fleet& fleet) {
  const server::Place place = server::place_of(config.url);
  if (!fleet.databases.empty()) {  // another server need not be asked
    const std::string url = expand(config, fleet.url);
    if (url.empty()) return false;
    const server::Place control = server::place_of(url);
    if (control.host != place.host || control.port != place.port) return false;
  }
  if (!fleet.query.empty() && expand(config, fleet.url).empty()) return false;
  const std::vector<apply::FleetTarget> targets = fleet_targets(config, fleet, true);
  return std::any_of(targets.begin(), targets.end(),
                     [&](const apply::FleetTarget& target) { return server::place_of(target.url) == place; });
}

}  // namespace

void refuse_protected(const Config& config, const std::string& command, const server::Connection* connection) {
  for (const NamedDatabase& database : config.settings.databases) {
    if (!database.is_protected || database.url.empty()) continue;
    const std::string url = url_of(config, database);
    if (url.empty()) continue;
    if (!server::same_database(config.url, url) && !(connection && server::leads_to(url, connection->place())))
      continue;
    ErrorContext context;
    context.exit = Exit::refused;
    context.state = "Nothing was changed.";
    context.hint = "Write a migration with 'sluice generate' and apply it with 'sluice migrate'. The database is '" +
                   database.name + "' of sluice.toml; 'protected = false' there would let " + command + " work on it.";
    throw Error(command + " does not touch the protected database '" + database.name + "'", context);
  }
  for (const Fleet& fleet : config.settings.fleets)
    if (fleet.is_protected && fleet.schemas.empty() && is_of_fleet(config, fleet))
      throw Error(command + " does not touch a database of the protected fleet '" + fleet.name + "'",
                  {.hint = "Write a migration with 'sluice generate' and apply it with 'sluice fleet migrate'.",
                   .state = "Nothing was changed.",
                   .exit = Exit::refused});
}

Schema Comparison::before(const diff::Renames& renames) const {
  if (renames.empty()) return diff::in_words_of(wanted, read_back, live);
  Schema moved = diff::in_words_of(wanted, read_back, diff::renamed_catalog(live, renames));
  return diff::renamed(std::move(moved), diff::inverted(renames));
}

// A pgSchema that is not exported is in no schema, though tables stand in it. Where the database has it, it is as if it
// were declared.
static Schema with_schemas_there(server::Connection& connection, Schema wanted) {
  std::set<std::string> names;
  auto look = [&](const auto& objects) {
    for (const auto& object : objects)
      if (!find<Namespace>(wanted, {"", "", object.key.schema})) names.insert(object.key.schema);
  };
  look(all<Table>(wanted)), look(all<View>(wanted)), look(all<Enum>(wanted)), look(all<Sequence>(wanted));
  names.erase("public");
  for (const std::string& name : names)
    if (!connection.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", {name}).empty())
      all<Namespace>(wanted).push_back({{"", "", name}});
  return wanted;
}

Comparison compare_live(server::Connection& connection, const server::Target& target, const Config& config,
                        const Schema& declared, Terminal& terminal) {
  const Schema wanted = with_schemas_there(connection, declared);
  read::Catalog catalog = read_live(connection, config, wanted, false);
  Comparison out{std::move(catalog.schema), wanted, {}, std::move(catalog.not_covered)};

  // Only what differs in its words is built, and what stands in its way is copied from the database.
  std::set<Key> equal = equal_tables(out.live, wanted);
  Schema to_build = tables_of(wanted, [&](const Key& key) { return !equal.contains(key); });
  append<Namespace>(to_build, wanted);
  append<Enum>(to_build, wanted);
  append<Sequence>(to_build, wanted);
  append<Role>(to_build, wanted);
  append<View>(to_build, wanted);
  append<Domain>(to_build, wanted);
  for (const Policy& policy : all<Policy>(wanted))
    if (policy.linked_to) all<Policy>(to_build).push_back(policy);
  bool needed = !all<Table>(to_build).empty() || !all<Domain>(to_build).empty() || !all<Policy>(to_build).empty() ||
                std::any_of(all<View>(to_build).begin(), all<View>(to_build).end(),
                            [](const View& view) { return !view.existing; });
  if (needed) {
    read::Catalog built;
    try {
      built = read_back(connection, target, config, to_build, terminal);
    } catch (const Error& error) {
      // A view needs a table whose name the server's message does not tell from other text: then all is built.
      if (error.context.sqlstate != "42P01" || equal.empty()) throw;
      equal.clear();
      built = read_back(connection, target, config, wanted, terminal);
    }
    link_policies(built, wanted);
    out.read_back = std::move(built.schema);
  }
  Schema same =
      tables_of(diff::with_aligned_keys(wanted, out.live), [&](const Key& key) { return equal.contains(key); });
  std::apply(
      [&](auto&... kinds) {
        auto add = [&](auto& objects) {
          append<typename std::remove_cvref_t<decltype(objects)>::value_type>(out.read_back, same);
        };
        (add(kinds), ...);
      },
      out.read_back);
  // These have no words of their own.
  append<Namespace>(out.read_back, wanted);
  append<Enum>(out.read_back, wanted);
  append<Sequence>(out.read_back, wanted);
  append<Role>(out.read_back, wanted);
  say_row_security(out);
  return out;
}

Schema as_target_prints(server::Connection& connection, const server::Target& target, const Config& config,
                        const Schema& schema) {
  server::TrialDatabase trial(connection, target, config.directory, locks_of(schema));
  server::Transaction transaction(trial.connection());  // and rolled back: nothing is to stay, roles least of all
  make_roles(trial.connection(), schema);
  Schema without_roles = schema;
  all<Role>(without_roles).clear();
  for (const plan::Statement& statement : plan::make({}, without_roles, diff::compare({}, without_roles)).statements)
    trial.connection().execute(statement.sql);
  read::CatalogOptions options;
  options.schemas.clear();
  options.beyond = true;
  return read::catalog(trial.connection(), options).schema;
}

Comparison compare_live(server::Connection& connection, const Config& config, const Schema& wanted,
                        const Schema& read_back) {
  read::Catalog catalog = read_live(connection, config, wanted, true);
  Comparison out{std::move(catalog.schema), wanted, read_back, std::move(catalog.not_covered), true};
  append<Role>(out.read_back, wanted);
  for (const Policy& policy : all<Policy>(wanted))
    if (policy.linked_to) all<Policy>(out.read_back).push_back(policy);
  say_row_security(out);
  return out;
}

Comparison compare_again(server::Connection& connection, const Config& config, const Comparison& before) {
  read::Catalog catalog = read_live(connection, config, before.wanted, before.beyond);
  return {std::move(catalog.schema), before.wanted, before.read_back, std::move(catalog.not_covered), before.beyond};
}

std::string summary(const std::vector<read::NotCovered>& not_covered) {
  std::vector<std::pair<std::string, int>> kinds;
  for (const read::NotCovered& note : not_covered) {
    if (note.kind == "extension" || note.kind == "comment" || note.kind == "privileges") continue;
    auto found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.first == note.kind; });
    if (found == kinds.end())
      kinds.emplace_back(note.kind, 1);
    else
      found->second++;
  }
  std::vector<std::string> out;
  for (const auto& [kind, count] : kinds) out.push_back(std::to_string(count) + " × " + kind);
  return text::join(out, ", ");
}

}  // namespace sluice::cli
