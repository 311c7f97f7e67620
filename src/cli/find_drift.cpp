// The comparison of a database with what its migrations make.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "apply/effect.hpp"
#include "base/text.hpp"
#include "cli/drift.hpp"
#include "cli/live.hpp"
#include "sql/in_schema.hpp"
#include "sql/quote.hpp"

namespace sluice::cli {

namespace {

// In a tenant's schema a name without a schema is the tenant's, as it is in public elsewhere.
bool ignored(const std::vector<std::string>& patterns, model::Key key, const std::string& tenant) {
  if (!tenant.empty() && key.schema == tenant) key.schema = "public";
  std::string owner = model::display(key.table.empty() ? key : key.owner()), name = model::display(key);
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return text::glob_match(pattern, owner) || text::glob_match(pattern, name) || text::glob_match(pattern, key.name);
  });
}

void leave_out(model::Schema& schema, const std::vector<std::string>& patterns, const std::string& tenant) {
  std::apply(
      [&](auto&... lists) {
        (std::erase_if(lists, [&](const auto& object) { return ignored(patterns, object.key, tenant); }), ...);
      },
      schema);
}

std::vector<std::string> words_of(const read::Catalog& catalog, const std::vector<std::string>& patterns,
                                  const std::set<std::string>& others, const std::string& tenant) {
  std::vector<std::string> out;
  for (const read::NotCovered& each : catalog.not_covered)
    if (!ignored(patterns, each.key, tenant) && !others.contains(each.key.schema))
      out.push_back(each.kind + " " + model::display(each.key));
  std::sort(out.begin(), out.end());
  return out;
}

// What other systems bring into a database that they share: extensions, publications for replication, event triggers,
// rights of roles for monitoring. It counts only where the migrations speak of it.
void leave_to_others(model::Schema& live, const model::Schema& expected) {
  auto keep_known = [&](auto& list) {
    using Kind = typename std::remove_cvref_t<decltype(list)>::value_type;
    std::erase_if(list, [&](const Kind& object) { return !model::find<Kind>(expected, object.key); });
  };
  keep_known(model::all<model::Extension>(live));
  keep_known(model::all<model::Publication>(live));
  keep_known(model::all<model::EventTrigger>(live));
  std::set<std::string> roles{"PUBLIC"};
  for (const model::Grant& grant : model::all<model::Grant>(expected)) roles.insert(grant.grantee);
  std::erase_if(model::all<model::Grant>(live),
                [&](const model::Grant& grant) { return !roles.contains(grant.grantee); });
}

bool is_of_others(const std::string& word, const std::vector<std::string>& known) {
  for (const char* kind : {"extension ", "publication ", "subscription ", "event trigger ", "default privileges "})
    if (word.starts_with(kind)) return true;
  // Rights that no migration gives to anybody.
  return word.starts_with("privileges ") && std::none_of(known.begin(), known.end(), [](const std::string& each) {
           return each.starts_with("privileges ");
         });
}

// What of a database is compared: the tenant's schema, or all schemas that the migrations know. Other systems share it
// (auth, storage, monitoring).
read::CatalogOptions what_to_read(const Config& config, const model::Schema& expected, const std::string& tenant) {
  if (!tenant.empty()) {
    read::CatalogOptions options;
    options.schemas = {tenant};
    options.hidden.push_back({tenant, "", config.ledger.table});
    return options;
  }
  std::vector<std::string> schemas{"public"};
  for (const model::Namespace& each : model::all<model::Namespace>(expected)) schemas.push_back(each.key.name);
  auto add = [&](const std::string& name) {
    if (!name.empty() && std::find(schemas.begin(), schemas.end(), name) == schemas.end()) schemas.push_back(name);
  };
  for (const model::Table& each : model::all<model::Table>(expected)) add(each.key.schema);
  return catalog_options(config.ledger, schemas);
}

// Two versions of PostgreSQL print one expression in two ways. What differs in nothing else is told, and not counted.
std::vector<std::string> settle_spelling(const model::Schema& expected, model::Schema& live) {
  std::vector<std::string> out;
  // True if the text was another one.
  auto take = [](auto& mine, const auto& other) { return mine != other && (mine = other, true); };
  auto both = [&](auto& mine, const auto& other) { return mine && other && take(*mine, *other); };
  auto settle = [&](auto& list, const char* kind, auto&& take_texts) {
    using Kind = typename std::remove_cvref_t<decltype(list)>::value_type;
    for (Kind& object : list)
      if (const Kind* other = model::find<Kind>(expected, object.key); other && take_texts(object, *other))
        out.push_back(std::string(kind) + " " + model::display(object.key));
  };
  using namespace model;
  settle(all<View>(live), "view", [&](View& a, const View& b) { return both(a.definition, b.definition); });
  settle(all<Check>(live), "check", [&](Check& a, const Check& b) {
    const bool changed = take(a.expression, b.expression);
    return both(a.definition, b.definition) || changed;
  });
  settle(all<Policy>(live), "policy", [&](Policy& a, const Policy& b) {
    const bool changed = both(a.using_expression, b.using_expression);
    return both(a.with_check, b.with_check) || changed;
  });
  settle(all<Index>(live), "index", [&](Index& a, const Index& b) {
    bool changed = both(a.where, b.where);
    changed = both(a.definition, b.definition) || changed;
    for (size_t i = 0; a.columns.size() == b.columns.size() && i < a.columns.size(); i++)
      if (a.columns[i].is_expression && b.columns[i].is_expression)
        changed = take(a.columns[i].expression, b.columns[i].expression) || changed;
    return changed;
  });
  settle(all<Column>(live), "column", [&](Column& a, const Column& b) {
    if (a.generated && b.generated) return take(a.generated->expression, b.generated->expression);
    const bool expressions = a.default_value && b.default_value &&
                             a.default_value->text.find('(') != std::string::npos &&
                             b.default_value->text.find('(') != std::string::npos;
    return expressions && take(a.default_value->text, b.default_value->text);
  });
  return out;
}

// A tenant's ledger is inside of it.
Config for_tenant(Config config, const std::string& tenant) {
  if (tenant.empty()) return config;
  config.ledger.schema = tenant;
  config.filters.schemas.clear();
  return config;
}

// Extensions that stand in the shared schemas, as far as they are installed here.
void make_extensions(Replay& replay, server::Connection& live, const std::vector<std::string>& shared) {
  std::set<std::string> here;
  const server::Rows known = replay.connection().execute(
      "SELECT name FROM pg_catalog.pg_available_extensions WHERE installed_version IS NULL");
  for (size_t i = 0; i < known.size(); i++) here.insert(known.text(i, 0));
  const server::Rows there = live.execute(
      "SELECT e.extname, n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = "
      "e.extnamespace ORDER BY e.oid");
  for (size_t i = 0; i < there.size(); i++)
    if (here.contains(there.text(i, 0)) && std::find(shared.begin(), shared.end(), there.text(i, 1)) != shared.end())
      replay.connection().execute("CREATE EXTENSION IF NOT EXISTS " + sql::identifier(there.text(i, 0)) + " SCHEMA " +
                                  sql::identifier(there.text(i, 1)) + " CASCADE");
}

// What tenants share is not of the migrations, and they may lean on it: made as it is in the live database.
void make_shared(Replay& replay, server::Connection& live, const std::vector<std::string>& shared) {
  if (shared.empty()) return;
  read::CatalogOptions options;
  options.schemas = shared;
  options.without_schemas = {"sluice"};
  options.beyond = true;
  make_extensions(replay, live, shared);
  try {
    model::Schema schema = read::catalog(live, options).schema;
    model::all<model::Namespace>(schema).clear();  // they are there
    model::all<model::Extension>(schema).clear();
    model::all<model::Publication>(schema).clear();
    model::all<model::EventTrigger>(schema).clear();
    model::all<model::Grant>(schema).clear();
    server::Connection connection({replay.url(), "sluice replay"});
    build_schema(connection, schema);
  } catch (const Error& error) {
    ErrorContext context = error.context;
    context.state.clear();
    throw Error("what tenants share in " + text::join(shared, ", ") +
                    " cannot be made on a scratch server, to compare with: " + std::string(error.what()),
                context);
  }
}

// All that stands in a catalog by reference follows when a schema gets another name; the texts of functions do not.
void follow(model::Schema& schema, const std::string& from, const std::string& to) {
  if (from == to) return;
  for (model::Function& function : model::all<model::Function>(schema)) {
    std::vector<std::string> lines = text::split(sql::in_schema(function.definition, from, to).text, "\n");
    for (std::string& line : lines)
      if (line.starts_with(" SET search_path TO "))
        line = text::replace_all(line, sql::literal(from), sql::literal(to));
    function.definition = text::join(lines, "\n");
  }
}

}  // namespace

Claim read_claim(server::Connection& connection, const apply::LedgerName& ledger, const history::Folder& folder) {
  Claim claim;
  claim.major = connection.version() / 10000;
  claim.ledger = apply::read_ledger(connection, ledger);
  const apply::Status status = apply::compare(folder, claim.ledger);
  for (const apply::Item& item : status.items) {
    if (item.row) claim.applied.push_back(item.entry.tag);
    if (item.state == apply::State::edited)
      claim.warnings.push_back(item.entry.file_name() +
                               " was edited after it was applied; compared with what it says now");
  }
  for (const apply::Item& item : status.items)
    if (!item.again.empty())
      claim.warnings.push_back(item.recorded_often() + "; 'sluice repair --duplicates' mends it");
  for (const apply::LedgerRow& row : status.unknown)
    claim.warnings.push_back(row.name.value_or(row.hash.substr(0, 12)) +
                             " is applied but not in the folder: what it did looks as if it was done by hand");
  return claim;
}

Expected::Expected(const Config& config, const history::Folder& folder, const Claim& claim, server::Connection& live,
                   const std::string& tenant, const std::vector<std::string>& shared)
    : config_(for_tenant(config, tenant)),
      folder_(folder),
      first_tenant_(tenant),
      tenant_(tenant),
      applied_(claim.applied.size()),
      replay_(config_, folder, claim.major, tenant, shared) {
  if (!replay_.wanted_version())
    warnings_.push_back(
        fmt::format("PostgreSQL {} is not installed here; the migrations are replayed on {}, which may "
                    "spell some expressions in another way",
                    claim.major, replay_.connection().version() / 10000));
  make_shared(replay_, live, shared);
  brought_ = words_of(replay_.catalog(), {}, {}, {});
  replay_.up_to_all([&](const history::Entry& entry) {
    return std::find(claim.applied.begin(), claim.applied.end(), entry.tag) != claim.applied.end();
  });
  replay_half_done(live, claim);
}

// What an interrupted run did stands in the ledger too: it is replayed behind the others.
void Expected::replay_half_done(server::Connection& live, const Claim& claim) {
  for (const apply::Progress& progress : claim.ledger.progress) {
    const std::string how = fmt::format("{} is half {} ({} of {} steps)", progress.tag,
                                        progress.direction == apply::Direction::up ? "applied" : "rolled back",
                                        progress.done, progress.total);
    const bool intent = progress.intent && apply::look_for_effect(live, *progress.intent, progress.before).effect ==
                                               apply::Effect::took_effect;
    auto entry = std::find_if(folder_.entries().begin(), folder_.entries().end(),
                              [&](const history::Entry& each) { return each.is_called(progress.tag); });
    if (entry != folder_.entries().end() && fs::exists(folder_.path() / entry->file_name()) &&
        replay_.in_part(*entry, progress, intent))
      warnings_.push_back(how + "; compared with what its steps have done so far");
    else
      warnings_.push_back(how +
                          ", and its file is not here as it was run: what it did looks as if it was done by hand");
  }
}

Drift Expected::compare(server::Connection& connection, const std::vector<std::string>& ignore,
                        const std::string& tenant) {
  std::vector<std::string> patterns = config_.settings.ignore;
  patterns.insert(patterns.end(), ignore.begin(), ignore.end());
  Drift drift;
  drift.applied = applied_;
  read::Catalog expected;
  {
    const std::lock_guard lock(mutex_);
    if (tenant != tenant_) {
      replay_.connection().execute("ALTER SCHEMA " + sql::identifier(tenant_) + " RENAME TO " +
                                   sql::identifier(tenant));
      tenant_ = tenant;
    }
    read::CatalogOptions options = what_to_read(config_, {}, tenant);
    options.beyond = replay_.beyond();
    expected = tenant.empty() ? replay_.catalog() : read::catalog(replay_.connection(), options);
  }
  follow(expected.schema, first_tenant_, tenant);
  // Other systems share the database (auth, storage, monitoring): only schemas that the migrations know count.
  const std::set<std::string>& others = replay_.stand_ins().schemas();
  replay_.without_stand_ins(expected.schema);
  read::CatalogOptions reading = what_to_read(config_, expected.schema, tenant);
  reading.beyond = replay_.beyond();
  read::Catalog live = read::catalog(connection, reading);
  drift.expected = std::move(expected.schema);
  drift.live = std::move(live.schema);
  replay_.without_stand_ins(drift.live);
  drift.ledgers = leave_ledgers(drift.live, drift.expected);
  leave_to_neighbours(config_, drift.live, drift.expected);
  leave_to_others(drift.live, drift.expected);
  leave_out(drift.expected, patterns, tenant);
  leave_out(drift.live, patterns, tenant);
  if (!replay_.wanted_version()) drift.spelled = settle_spelling(drift.expected, drift.live);
  drift.by_hand = statements_between(drift.expected, drift.live, true);
  drift.undo = statements_between(drift.live, drift.expected, true);
  std::vector<std::string> there = words_of(live, patterns, others, tenant),
                           known = words_of(expected, patterns, others, tenant);
  for (const std::string& each : there)
    if (!std::binary_search(known.begin(), known.end(), each) && !is_of_others(each, known))
      drift.others.push_back("made by hand: " + each);
  for (const std::string& each : known)
    if (!std::binary_search(brought_.begin(), brought_.end(), each) &&
        !std::binary_search(there.begin(), there.end(), each))
      drift.others.push_back("removed by hand: " + each);
  return drift;
}

Drift find_drift(server::Connection& connection, const Config& config, const history::Folder& folder,
                 const std::vector<std::string>& ignore, Terminal& terminal) {
  const Claim claim = read_claim(connection, config.ledger, folder);
  for (const std::string& warning : claim.warnings) terminal.warning(warning);
  Expected expected(config, folder, claim, connection);
  for (const std::string& warning : expected.warnings()) terminal.warning(warning);
  Drift found = expected.compare(connection, ignore);
  for (const std::string& each : found.ledgers)
    terminal.detail("left alone: " + each + ", another project's table of migrations");
  if (!found.spelled.empty())
    terminal.warning("spelled in another way by the other version, and not counted: " +
                     text::join(found.spelled, ", "));
  return found;
}

}  // namespace sluice::cli
