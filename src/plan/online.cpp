#include "plan/online.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "ddl/from_schema.hpp"
#include "impact/impact.hpp"
#include "model/beyond.hpp"
#include "model/names.hpp"
#include "plan/beyond.hpp"
#include "plan/beyond_render.hpp"
#include "plan/casts.hpp"
#include "plan/collisions.hpp"
#include "plan/columns.hpp"
#include "plan/cycles.hpp"
#include "plan/distribution.hpp"
#include "plan/enums.hpp"
#include "plan/halfway.hpp"
#include "plan/movable.hpp"
#include "plan/numbering.hpp"
#include "plan/partitions.hpp"
#include "plan/recipes.hpp"
#include "plan/render.hpp"
#include "plan/shadow.hpp"
#include "plan/views.hpp"

namespace sluice::plan {

using namespace model;
using diff::Altered;
using diff::of;

namespace {

// A change is planned as three schemas on the way: what is cheap first (`first_`), then step by step what is not
// (`now_`), and at the end what takes something away.
class OnlinePlanner {
 public:
  OnlinePlanner(const Schema& before, const Schema& old, const Schema& after, const diff::Changes& changes,
                const Options& options)
      : before_(before),
        old_(old),
        after_(after),
        changes_(changes),
        options_(options),
        plain_(options),
        version_(options.online->version),
        catalog_(ddl::from_schema(old)),
        recipes_(options.online->version, &old) {
    plain_.online.reset();
    for (const Table& table : all<Table>(old)) {
      const auto& tables = options.online->tables;
      if (tables.empty() || tables.contains(display(table.key)) ||
          tables.contains(table.key.schema + "." + table.key.name))
        online_.insert(table.key);
    }
    for (const Table& table : of<Table>(changes).created) created_.insert(table.key);
    for (const Table& table : of<Table>(changes).dropped) dropped_.insert(table.key);
    if (options.deferrable_cycles) deferrable_ = keys_in_cycles(after);
  }

  std::optional<Plan> make() {
    Plan naive = plan::make(before_, after_, changes_, plain_);
    first_ = after_;
    hold_back_constraints();
    hold_back_columns();
    hold_back_index_drops();
    hold_back_partitions();
    note_exclusions();
    if (work_.empty() && notes_.empty()) return std::nullopt;
    auto take_notes = [&] {
      for (std::string& note : notes_) naive.notes.push_back(std::move(note));
    };
    if (work_.empty()) {
      take_notes();
      return naive;
    }
    if (std::string why = why_plain(); !why.empty()) {
      naive.notes.push_back("Planned without --online: " + why + ". Do it in two migrations.");
      return naive;
    }
    hold_back_drops();
    hold_back_beyond();

    diff::Renames renames = changes_.renames;
    Schema from = before_;
    auto stage = [&](const Schema& to) {
      recipes_.stage(plan::make(from, to, diff::compare(from, to, renames), plain_).statements);
      renames.clear();
      from = to;
    };
    // An enum's new value can be used only after it is committed.
    if (Schema with_values = old_; add_enum_values(with_values)) stage(with_values);
    stage(first_);
    now_ = first_;
    for (const auto& work : work_) work();
    forget_what_went();
    from = now_;
    stage(after_);
    if (!recipes_.statements.empty()) recipes_.statements.front().step = false;
    naive.statements = std::move(recipes_.statements);
    take_notes();
    return naive;
  }

 private:
  bool is_online(const Key& table) const { return online_.contains(table) && !dropped_.contains(table); }

  void later(int order, std::function<void()> work) {
    auto at = std::find_if(orders_.begin(), orders_.end(), [&](int other) { return other > order; });
    work_.insert(work_.begin() + (at - orders_.begin()), std::move(work));
    orders_.insert(at, order);
  }

  // True if the statement would keep others waiting for as long as the rows take.
  bool is_costly(const std::string& sql) const {
    sql::ParsedFile parsed = sql::parse(sql);
    impact::Session session;
    session.version = version_;
    // What a session's time zone is when the migration runs, nobody knows now.
    session.utc = false;
    for (const sql::ParsedStatement& statement : parsed.statements)
      for (const impact::Touched& touched : impact::judge(catalog_, statement, session).touched)
        if (!touched.fresh && (touched.rewrite || touched.scan || touched.rebuild)) return true;
    return !parsed.failures.empty();
  }

  // ---- constraints and indexes

  // On the way back, columns that were dropped get values that differ where a key wants it. The plain plan makes them
  // up, and must see the key.
  bool is_made_up(const Key& table, const std::vector<std::string>& names) const {
    if (!options_.reverse) return false;
    const auto& created = of<Column>(changes_).created;
    return std::any_of(created.begin(), created.end(), [&](const Column& column) {
      return column.key.owner() == table && std::find(names.begin(), names.end(), column.key.name) != names.end() &&
             needs_backfill(column, is_required_in(after_, column));
    });
  }

  void hold_back_constraints() {
    for (const Unique& unique : of<Unique>(changes_).created) {
      if (!is_online(unique.key.owner()) || is_made_up(unique.key.owner(), unique.columns)) continue;
      take<Unique>(first_, unique.key);
      if (stays_plain(unique)) continue;
      later(30, [this, &unique] {
        recipes_.add_unique(unique);
        put(now_, unique);
      });
    }
    for (const PrimaryKey& key : of<PrimaryKey>(changes_).created) {
      if (!is_online(key.key.owner()) || is_made_up(key.key.owner(), key.columns)) continue;
      take<PrimaryKey>(first_, key.key);
      if (stays_plain(key)) continue;
      later(30, [this, &key] {
        require(key);
        recipes_.add_primary_key(key);
        put(now_, key);
      });
    }
    for (const Check& check : of<Check>(changes_).created) {
      if (!is_online(check.key.owner())) continue;
      take<Check>(first_, check.key);
      if (reads_no_rows(check)) continue;
      later(50, [this, &check] {
        recipes_.add_check(check);
        put(now_, check);
      });
    }
    for (const Index& index : of<Index>(changes_).created) {
      std::vector<std::string> names;
      for (const IndexColumn& column : index.columns) names.push_back(column.expression);
      if (!is_online(index.key.owner()) || (index.unique && is_made_up(index.key.owner(), names))) continue;
      take<Index>(first_, index.key);
      later(index.unique ? 35 : 60, [this, &index] {
        recipes_.create_index(index);
        put(now_, index);
      });
    }
    replace<Unique>(30, [this](const Unique& before, const Unique& after) { recipes_.replace_unique(before, after); });
    replace<PrimaryKey>(30, [this](const PrimaryKey& before, const PrimaryKey& after) {
      require(after);
      recipes_.replace_primary_key(before, after);
      for (const std::string& name : before.columns) {
        const Column* column = find<Column>(after_, {after.key.schema, after.key.table, name});
        if (column && !is_required_in(after_, *column))
          recipes_.also(alter_table(after.key.owner()) + "ALTER COLUMN " + sql::identifier(name) + " DROP NOT NULL;");
      }
    });
    replace<Check>(50, [this](const Check& before, const Check& after) { recipes_.replace_check(before, after); });
    replace<Index>(35, [this](const Index& before, const Index& after) { recipes_.replace_index(before, after); });
    for (const ForeignKey& key : of<ForeignKey>(changes_).created) {
      // A new table's foreign key is free, unless what it points at is yet to come.
      if (!is_online(key.key.owner()) && !(is_online(key.target()) && target_comes_later(key))) continue;
      take<ForeignKey>(first_, key.key);
      if (reads_no_rows(key) || stays_plain(key)) continue;
      later(40, [this, &key] {
        recipes_.add_foreign_key(key, deferrable_.contains(key.key));
        put(now_, key);
      });
    }
    replace<ForeignKey>(40, [this](const ForeignKey& before, const ForeignKey& after) {
      recipes_.replace_foreign_key(before, after, deferrable_.contains(after.key));
    });
  }

  // What the recipes cannot say is made by the last stage, under a lock, and noted: a key that is DEFERRABLE or has
  // INCLUDE, an index whose text is PostgreSQL's and names itself.
  template <class Kind>
  bool stays_plain(const Kind& object) {
    std::string why;
    if constexpr (std::is_same_v<Kind, Index>) {
      if (object.definition) why = "it is replaced with what drizzle has no word for: give the new one another name";
    } else if constexpr (!std::is_same_v<Kind, ForeignKey>) {
      if (object.definition) why = "it is more than its columns (" + *object.definition + ")";
    }
    if (why.empty()) return false;
    notes_.push_back(std::string(kind_name<Kind>) + " " + display(object.key) + " is made under a lock: " + why + ".");
    return true;
  }

  // NOT VALID, NOT ENFORCED: the plain statement is over at once, and may be the last stage's.
  template <class Kind>
  static bool reads_no_rows(const Kind& object) {
    return object.definition && (object.definition->ends_with(" NOT VALID") ||
                                 object.definition->find(" NOT ENFORCED") != std::string::npos);
  }

  void note_exclusions() {
    auto note = [&](const Exclusion& object) {
      if (is_online(object.key.owner()))
        notes_.push_back("Exclusion constraint " + display(object.key) +
                         " is added under a lock while its index is built: PostgreSQL has no other way.");
    };
    for (const Exclusion& object : of<Exclusion>(changes_).created) note(object);
    for (const Altered<Exclusion>& change : of<Exclusion>(changes_).altered) note(change.after);
  }

  template <class Kind>
  static bool same_columns(const Kind& a, const ForeignKey& key) {
    std::set<std::string> one(a.columns.begin(), a.columns.end()), other(key.columns_to.begin(), key.columns_to.end());
    return one == other;
  }

  // True if foreign keys stand on it, so that it can go only together with them.
  template <class Kind>
  bool carries_foreign_keys(const Kind& object) const {
    if constexpr (std::is_same_v<Kind, Unique> || std::is_same_v<Kind, PrimaryKey>) {
      for (const Schema* schema : {&old_, &after_})
        for (const ForeignKey& key : all<ForeignKey>(*schema))
          if (key.target() == object.key.owner() && same_columns(object, key)) return true;
    } else if constexpr (std::is_same_v<Kind, Index>) {
      if (object.unique)
        for (const ForeignKey& key : all<ForeignKey>(old_))
          if (key.target() == object.key.owner()) return true;
    }
    return false;
  }

  template <class Kind, class F>
  void replace(int order, F&& recipe) {
    for (const Altered<Kind>& change : of<Kind>(changes_).altered) {
      if (!is_online(change.after.key.owner())) continue;
      if (carries_foreign_keys(change.before)) {
        notes_.push_back(std::string(kind_name<Kind>) + " " + display(change.before.key) +
                         " is replaced under a lock: foreign keys stand on it.");
        continue;
      }
      put(first_, change.before);
      if constexpr (std::is_same_v<Kind, Check> || std::is_same_v<Kind, ForeignKey>)
        if (reads_no_rows(change.after)) continue;
      if constexpr (!std::is_same_v<Kind, Check>)
        if (stays_plain(change.after)) continue;
      later(order, [this, &change, recipe] {
        if (settled_.contains(change.after.key)) return;
        recipe(change.before, change.after);
        put(now_, change.after);
        reworked_.insert(change.after.key.owner());
      });
    }
  }

  bool target_comes_later(const ForeignKey& key) const {
    auto any = [&](const auto& objects) {
      return std::any_of(objects.begin(), objects.end(),
                         [&](const auto& object) { return object.key.owner() == key.target(); });
    };
    bool becomes_key = std::any_of(
        of<Column>(changes_).altered.begin(), of<Column>(changes_).altered.end(),
        [&](const auto& change) { return change.after.key.owner() == key.target() && change.has("primaryKey"); });
    return becomes_key || any(of<Unique>(changes_).created) || any(of<PrimaryKey>(changes_).created) ||
           any(of<Index>(changes_).created) || any(of<Column>(changes_).created);
  }

  // ---- columns

  bool is_required_in(const Schema& schema, const Column& column) const {
    if (column.not_null || column.primary_key || column.identity || is_serial(column.type)) return true;
    for (const PrimaryKey& key : all<PrimaryKey>(schema))
      if (key.key.owner() == column.key.owner() &&
          std::find(key.columns.begin(), key.columns.end(), column.key.name) != key.columns.end())
        return true;
    return false;
  }

  // The columns of a key that is to come: NOT NULL first, so that the key reads no rows.
  void require(const PrimaryKey& key) {
    for (const std::string& name : key.columns)
      if (const Column* column = find<Column>(now_, {key.key.schema, key.key.table, name});
          column && !is_required_in(now_, *column)) {
        std::optional<std::string> fill = given_backfill(options_, *column);
        if (fill == "none") fill.reset();
        recipes_.set_not_null(*column, fill);
        required_by_key_.insert(column->key);
      }
  }

  void add_key_of(const Column& column) {
    PrimaryKey key{default_primary_key(column.key), {column.key.name}};
    recipes_.add_primary_key(key);
  }

  void hold_back_columns() {
    for (const Column& column : of<Column>(changes_).created) hold_back_new(column);
    std::vector<Altered<Column>> moves;
    Retyped retyped = enums_that_move(moves);
    for (const Altered<Column>& change : of<Column>(changes_).altered) hold_back_altered(change, moves);
    if (moves.empty()) return;
    for (const Altered<Column>& change : moves) put(first_, change.before);
    later(20, [this, moves, retyped] {
      settled_ = move_columns(now_, after_, moves, retyped, recipes_);
      for (const Altered<Column>& change : moves) moved_.insert(change.after.key);
    });
  }

  void hold_back_new(const Column& column) {
    const Key table = column.key.owner();
    if (!is_online(table)) return;
    const bool required = column.not_null || column.primary_key || is_in_new_key(column);
    std::optional<std::string> fill;
    bool reads_row = false;
    if (needs_backfill(column, required)) {
      std::optional<std::string> given = given_backfill(options_, column);
      if (options_.reverse || !given || *given == "none") return;
      if (add_column(column, *given).size() == 2 && !is_costly(add_column(column, *given).front().sql)) return;
      fill = given;
      reads_row = reads_columns(table, *given);
    } else if (!of_constrained_domain(column) &&
               !is_costly(alter_table(table) + "ADD COLUMN " + column_definition(column, false) + ";")) {
      return;
    }
    if (of_constrained_domain(column)) {
      notes_.push_back("Column " + display(column.key) +
                       " is added under a lock: its type is a domain that checks values, so every row is written.");
      return;
    }
    if (column.generated) {
      notes_.push_back(
          "Generated column " + display(column.key) +
          " is added under a lock while every row is written: PostgreSQL cannot make one of a column that is "
          "there. docs/online.md has the form with a trigger, which nobody waits for.");
      return;
    }
    take<Column>(first_, column.key);
    later(10, [this, &column, fill, reads_row] {
      recipes_.add_column(column, fill, reads_row);
      if (column.primary_key) add_key_of(column);
      put(now_, column);
    });
  }

  bool of_constrained_domain(const Column& column) const {
    return std::any_of(all<Domain>(after_).begin(), all<Domain>(after_).end(), [&](const Domain& domain) {
      return (domain.not_null || !domain.checks.empty()) && type_text(domain.key) == column.type;
    });
  }

  bool is_in_new_key(const Column& column) const {
    for (const PrimaryKey& key : all<PrimaryKey>(after_))
      if (key.key.owner() == column.key.owner() &&
          std::find(key.columns.begin(), key.columns.end(), column.key.name) != key.columns.end())
        return true;
    return false;
  }

  // A default may say no columns and no queries.
  bool reads_columns(const Key& table, const std::string& expression) const {
    Words words(expression);
    if (words.has("select")) return true;
    for (const Column& column : all<Column>(old_))
      if (column.key.owner() == table && words.has(column.key.name)) return true;
    return false;
  }

  void hold_back_altered(const Altered<Column>& change, std::vector<Altered<Column>>& moves) {
    const Column& after = change.after;
    if (!is_online(after.key.owner())) return;
    if (std::any_of(moves.begin(), moves.end(), [&](const auto& move) { return move.after.key == after.key; })) return;
    if (is_replaced(change)) return;
    if (changes_type(change)) {
      Column from = change.before, to = after;
      from.type = integer_of(from.type), to.type = integer_of(to.type);
      std::optional<std::string> values = change.has(assigned) ? std::nullopt : conversion(from, to);
      const std::string statement = alter_table(after.key.owner()) + "ALTER COLUMN " + sql::identifier(after.key.name) +
                                    " SET DATA TYPE " + column_type(to, sql::EnumStyle::qualified) +
                                    (values ? " USING " + *values : "") + ";";
      if (is_costly(statement)) {
        if (std::optional<std::string> why = cannot_move(old_, after_, change)) {
          notes_.push_back("Column " + display(after.key) + " changes its type under a lock: " + *why + ".");
          return;
        }
        moves.push_back(change);
        return;
      }
    }
    const bool required = is_required_in(after_, after), was = is_required_in(old_, change.before);
    const bool counts = after.identity.has_value() != change.before.identity.has_value() ||
                        is_serial(after.type) != is_serial(change.before.type);
    if (required && !was) {
      Column middle = counts ? change.before : after;
      middle.not_null = middle.primary_key = false;
      put(first_, middle);
      later(25, [this, &change, counts] { make_required(change, counts); });
    } else if (change.has("primaryKey") && after.primary_key) {
      Column middle = after;
      middle.primary_key = false;
      put(first_, middle);
      later(30, [this, &change] {
        add_key_of(change.after);
        put(now_, change.after);
      });
    }
  }

  void make_required(const Altered<Column>& change, bool counts) {
    const Column& column = change.after;
    std::optional<std::string> fill = given_backfill(options_, column);
    if (fill == "none")
      fill.reset();
    else if (!fill && column.default_value && column.not_null)
      fill = "DEFAULT";
    if (required_by_key_.contains(column.key)) return;
    Column middle = *find<Column>(now_, column.key);
    recipes_.set_not_null(middle, fill);
    middle.not_null = column.not_null || counts;
    if (column.primary_key) {
      add_key_of(column);
      middle.primary_key = true;
    }
    // What counts by itself is cheap once the column is NOT NULL.
    put(now_, counts ? middle : column);
  }

  // ---- enums

  // The enums that lose or move values, with all their columns among the moves; those of which one column cannot move
  // are left to the plain plan.
  Retyped enums_that_move(std::vector<Altered<Column>>& moves) {
    Retyped out;
    for (const Altered<Enum>& change : of<Enum>(changes_).altered) {
      if (kept_in_order(change)) continue;
      std::vector<Altered<Column>> columns;
      bool all_can = true;
      for (const Column& column : all<Column>(after_)) {
        if (!has_type(column, change.after.key)) continue;
        const Column* before = find<Column>(old_, column.key);
        if (!before) {
          all_can = false;  // a new column or table of the new type: it cannot wait for the swap
          continue;
        }
        Altered<Column> move{*before, column, {"type"}};
        all_can = all_can && has_type(*before, change.after.key) && is_online(column.key.owner()) &&
                  !cannot_move(old_, after_, move);
        columns.push_back(std::move(move));
      }
      const bool also_goes = std::any_of(all<Column>(old_).begin(), all<Column>(old_).end(), [&](const Column& column) {
        return has_type(column, change.before.key) && !find<Column>(after_, column.key);
      });
      if (columns.empty() || (also_goes && all_can)) {
        put(first_, change.before);  // at the end, when those that go are gone
        for (const Altered<Column>& move : columns) put(first_, move.before);
        continue;
      }
      if (!all_can) {
        notes_.push_back("Enum " + display(change.after.key) +
                         " is made again under a lock: one of its columns cannot be moved online.");
        continue;
      }
      put(first_, change.before);
      out.push_back(&change);
      moves.insert(moves.end(), columns.begin(), columns.end());
    }
    return out;
  }

  bool add_enum_values(Schema& schema) {
    bool any = false;
    for (const Altered<Enum>& change : of<Enum>(changes_).altered)
      if (kept_in_order(change)) {
        put(schema, change.after);
        any = true;
      }
    return any;
  }

  // ---- what goes, and what reads tables

  // Why the change cannot be taken apart; empty if it can.
  std::string why_plain() const {
    if (!redistributed_tables(changes_).empty())
      return "Citus copies a table under a lock to distribute it in another way";
    using Name = std::pair<std::string, std::string>;
    std::set<Name> gone, made;
    auto collect = [&](const auto& kind) {
      for (const auto& object : kind.dropped) gone.insert({object.key.schema, clipped(object.key.name)});
      for (const auto& object : kind.created) made.insert({object.key.schema, clipped(object.key.name)});
      for (const auto& change : kind.renamed) made.insert({change.after.key.schema, clipped(change.after.key.name)});
    };
    collect(of<Enum>(changes_)), collect(of<Sequence>(changes_)), collect(of<Table>(changes_));
    collect(of<PrimaryKey>(changes_)), collect(of<Unique>(changes_)), collect(of<Index>(changes_));
    collect(of<Check>(changes_)), collect(of<ForeignKey>(changes_)), collect(of<View>(changes_));
    auto numbers = [](const Column& column, std::set<Name>& names) {
      if (column.identity) names.insert({column.key.schema, clipped(column.identity->name)});
      if (is_serial(column.type)) names.insert({column.key.schema, clipped(serial_sequence(column).name)});
    };
    for (const Column& column : of<Column>(changes_).dropped) numbers(column, gone);
    for (const Column& column : of<Column>(changes_).created) numbers(column, made);
    if (std::any_of(made.begin(), made.end(), [&](const Name& name) { return gone.contains(name); }))
      return "something new takes the name of something that goes";
    for (const PrimaryKey& key : keys_that_give_way())
      if (carries_foreign_keys(key) || !all<View>(old_).empty())
        return "the primary key of " + display(key.key.owner()) + " moves";
    return "";
  }

  template <class Kind>
  void keep_dropped() {
    for (const Kind& object : of<Kind>(changes_).dropped) put(first_, object);
    // What goes with its table is not listed.
    for (const Kind& object : all<Kind>(old_))
      if (dropped_.contains(object.key.owner())) put(first_, object);
  }

  void hold_back_drops() {
    keep_dropped<Namespace>(), keep_dropped<Enum>(), keep_dropped<Sequence>(), keep_dropped<Role>();
    keep_dropped<Table>(), keep_dropped<Column>(), keep_dropped<PrimaryKey>(), keep_dropped<Unique>();
    make_way_for_primary_keys();
    keep_dropped<Check>(), keep_dropped<Index>(), keep_dropped<ForeignKey>();
    all<View>(first_) = all<View>(old_);
    std::vector<Policy> policies = all<Policy>(old_);
    for (const Policy& policy : all<Policy>(after_))
      if (created_.contains(policy.key.owner())) policies.push_back(policy);
    all<Policy>(first_) = std::move(policies);
    for (Table& table : all<Table>(first_))
      if (const Table* was = find<Table>(old_, table.key)) table.row_security = was->row_security;
  }

  // What drizzle has no word for. Types come first, and functions that need no table; what leans on tables, and what
  // is changed, is so only when the tables are as they will be.
  void hold_back_beyond() {
    keep_dropped<Extension>(), keep_dropped<Collation>(), keep_dropped<Domain>();
    keep_dropped<CompositeType>(), keep_dropped<RangeType>();
    std::set<Key> late = functions_on_relations(after_);
    std::set<std::string> known;
    for (const Function& function : all<Function>(old_)) known.insert(function.key.schema + "." + bare_name(function));
    all<Function>(first_) = all<Function>(old_);
    for (const Function& function : of<Function>(changes_).created)
      if (!late.contains(function.key) && !known.contains(function.key.schema + "." + bare_name(function)))
        put(first_, function);
    all<Partition>(first_) = all<Partition>(old_);
    all<Exclusion>(first_) = all<Exclusion>(old_);
    all<Trigger>(first_) = all<Trigger>(old_);
    all<Rule>(first_) = all<Rule>(old_);
    all<Statistics>(first_) = all<Statistics>(old_);
    all<EventTrigger>(first_) = all<EventTrigger>(old_);
    all<Publication>(first_) = all<Publication>(old_);
    all<Comment>(first_) = all<Comment>(old_);
    all<Grant>(first_) = all<Grant>(old_);
  }

  // Comments on, and settings of, what a recipe has made again: the last stage says them once more.
  void forget_what_went() {
    std::erase_if(all<Comment>(now_), [&](const Comment& comment) {
      const std::string& name = comment.key.name;
      const Key table = comment.key.owner();
      const bool constraint = name.starts_with("CONSTRAINT ") || name.starts_with("INDEX ");
      return (constraint && reworked_.contains(table)) ||
             std::any_of(moved_.begin(), moved_.end(), [&](const Key& column) {
               return column.owner() == table &&
                      (constraint ||
                       plain_identity(name) == plain_identity("COLUMN " + full_name(table) + "." + column.name));
             });
    });
    for (Column& column : all<Column>(now_))
      if (moved_.contains(column.key)) column.storage = column.compression = column.statistics = std::nullopt;
  }

  // A table has one primary key: the old one goes before the new one comes.
  std::vector<PrimaryKey> keys_that_give_way() const {
    std::set<Key> tables;
    for (const PrimaryKey& key : of<PrimaryKey>(changes_).created) tables.insert(key.key.owner());
    for (const Column& column : of<Column>(changes_).created)
      if (column.primary_key) tables.insert(column.key.owner());
    for (const auto& change : of<Column>(changes_).altered)
      if (change.has("primaryKey") && change.after.primary_key) tables.insert(change.after.key.owner());
    std::vector<PrimaryKey> out;
    for (const PrimaryKey& key : of<PrimaryKey>(changes_).dropped)
      if (tables.contains(key.key.owner())) out.push_back(key);
    for (const Column& column : of<Column>(changes_).dropped)
      if (column.primary_key && tables.contains(column.key.owner()))
        out.push_back({default_primary_key(column.key), {column.key.name}});
    for (const auto& change : of<Column>(changes_).altered)
      if (change.has("primaryKey") && change.before.primary_key && tables.contains(change.before.key.owner()))
        out.push_back({default_primary_key(change.before.key), {change.before.key.name}});
    return out;
  }

  void make_way_for_primary_keys() {
    for (const PrimaryKey& key : keys_that_give_way()) {
      take<PrimaryKey>(first_, key.key);
      for (Column& column : all<Column>(first_))
        if (column.key.owner() == key.key.owner() && column.primary_key && column.key.name == key.columns.front())
          column.primary_key = false;
    }
  }

  void hold_back_index_drops() {
    for (const Index& index : of<Index>(changes_).dropped) {
      if (!is_online(index.key.owner()) || carries_foreign_keys(index)) continue;
      later(70, [this, &index] {
        if (settled_.contains(index.key)) return;
        recipes_.drop_index(index.key);
        take<Index>(now_, index.key);
      });
    }
  }

  // A partition with partitions of its own stays plain: between its coming and theirs there would be no place for rows.
  void hold_back_partitions() {
    auto in_use = [&](const Partition& partition) {
      const Table* table = root_of(old_, partition);
      return table && is_online(table->key) && !partition.partition_by;
    };
    auto note = [&](const Partition& partition, bool has_rows) {
      if (is_read_to_attach(old_, partition, has_rows))
        notes_.push_back("Partition " + display(partition.key) +
                         " comes under a lock while rows are read: its bound is not one column's.");
    };
    for (const Partition& partition : of<Partition>(changes_).dropped)
      if (in_use(partition))
        later(80, [this, &partition] {
          drop_partition(recipes_, now_, partition);
          take<Partition>(now_, partition.key);
        });
    for (const Altered<Partition>& change : of<Partition>(changes_).altered)
      if (in_use(change.after) && change.has("bound") && !change.has("of")) {
        note(change.after, true);
        later(81, [this, &change] {
          change_bound(recipes_, now_, change.before, change.after);
          put(now_, change.after);
        });
      }
    for (const Partition& partition : of<Partition>(changes_).created)
      if (in_use(partition)) {
        note(partition, false);
        later(82, [this, &partition] {
          create_partition(recipes_, now_, partition);
          put(now_, partition);
        });
      }
  }

  const Schema &before_, &old_, &after_;
  const diff::Changes& changes_;
  const Options& options_;
  Options plain_;
  int version_;
  ddl::Catalog catalog_;
  Recipes recipes_;
  std::set<Key> online_, created_, dropped_, deferrable_, required_by_key_, settled_;
  std::set<Key> moved_, reworked_;  // columns and tables that were made again
  Schema first_, now_;
  std::vector<std::function<void()>> work_;
  std::vector<int> orders_;
  std::vector<std::string> notes_;
};

}  // namespace

std::optional<Plan> make_online(const Schema& before, const Schema& old, const Schema& after,
                                const diff::Changes& changes, const Options& options) {
  return OnlinePlanner(before, old, after, changes, options).make();
}

}  // namespace sluice::plan
