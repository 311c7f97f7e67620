#include "plan/both_ways.hpp"

#include <functional>
#include <set>

#include "base/text.hpp"
#include "model/names.hpp"
#include "plan/columns.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;

namespace {

std::string table_part(const Expansion& e) {
  return (e.table.schema == "public" ? "" : e.table.schema + "_") + e.table.name;
}
std::string column_part(const Expansion& e) { return e.old_columns.empty() ? "" : e.old_columns.front(); }

std::string base_name(const Expansion& e) {
  return e.made.empty() ? implicit_name(table_part(e), column_part(e), "expand") : e.made;
}
std::string function_of(const Expansion& expansion) { return sql::qualified("sluice", base_name(expansion)); }
std::string trigger_of(const Expansion& expansion) {
  if (expansion.made.empty()) return sql::identifier(implicit_name("zz", base_name(expansion), "both"));
  return sql::identifier(own_name("zz", expansion.made, "both"));
}

// What the trigger does with a row. `schema` has the old columns and the new ones.
class Body {
 public:
  Body(const Schema& schema, const Expansion& expansion) : schema_(schema), e_(expansion) {}

  std::string text() const {
    const std::string insert_note = "    IF " + written_by_insert() + " THEN " + note() + "    END IF;\n";
    std::string out = "BEGIN\n  IF TG_OP = 'INSERT' THEN\n";
    if (e_.new_columns.empty()) {
      out += insert_note + "  ELSIF " + changed(e_.old_columns) + " THEN\n    " + note() + "  END IF;\n";
    } else {
      const std::string from_old = assign(e_.new_columns, e_.to_new), from_new = assign(e_.old_columns, e_.to_old);
      out +=
          "  IF " + given(e_.new_columns) + " THEN\n" + from_new + "  ELSE\n" + insert_note + from_old + "  END IF;\n";
      out += "  ELSIF " + changed(e_.new_columns) + " AND " + differs(e_.new_columns, e_.to_new) + " THEN\n" + from_new;
      out += "  ELSIF " + changed(e_.old_columns) + " AND " + differs(e_.old_columns, e_.to_old) + " THEN\n    " +
             note() + from_old + "  END IF;\n";
    }
    return out + "  RETURN NEW;\nEND\n";
  }

 private:
  std::string field(const char* row, const std::string& name) const {
    return std::string(row) + "." + sql::identifier(name);
  }

  // json has no equality.
  std::string comparable(const std::string& value, const std::string& name) const {
    const Column* column = find<Column>(schema_, {e_.table.schema, e_.table.name, name});
    return column && (column->type == "json" || column->type == "point" || column->type == "line") ? value + "::text"
                                                                                                   : value;
  }
  // A column alone is read without a query, several times faster.
  std::string computed(const std::string& expression) const {
    for (const Column& column : all<Column>(schema_))
      if (column.key.owner() == e_.table && expression == sql::identifier(column.key.name))
        return field("NEW", column.key.name);
    return "(SELECT " + expression + " FROM (SELECT NEW.*) AS " + sql::identifier(e_.table.name) + ")";
  }
  std::string assign(const std::vector<std::string>& names, const std::vector<std::string>& values) const {
    std::string out;
    for (size_t i = 0; i < names.size(); i++)
      out += "    " + field("NEW", names[i]) + " := " + computed(values[i]) + ";\n";
    return out;
  }
  std::string some(const std::vector<std::string>& names, const std::function<std::string(size_t)>& test) const {
    std::vector<std::string> tests;
    for (size_t i = 0; i < names.size(); i++) tests.push_back(test(i));
    return "(" + text::join(tests, " OR ") + ")";
  }
  std::string given(const std::vector<std::string>& names) const {
    return some(names, [&](size_t i) { return field("NEW", names[i]) + " IS NOT NULL"; });
  }
  std::string changed(const std::vector<std::string>& names) const {
    return some(names, [&](size_t i) {
      return comparable(field("NEW", names[i]), names[i]) + " IS DISTINCT FROM " +
             comparable(field("OLD", names[i]), names[i]);
    });
  }
  std::string differs(const std::vector<std::string>& names, const std::vector<std::string>& values) const {
    return some(names, [&](size_t i) {
      return comparable(field("NEW", names[i]), names[i]) + " IS DISTINCT FROM " +
             comparable(computed(values[i]), names[i]);
    });
  }

  // That the old code has written. A sequence: its value is there at once, nobody waits for it, and no row is written.
  std::string note() const {
    return "PERFORM setval(" + sql::literal(last_write_sequence(e_)) +
           ", floor(extract(epoch FROM clock_timestamp()))::bigint);\n";
  }
  // What an INSERT that does not name the column leaves in it is nobody's writing.
  std::string written_by_insert() const {
    std::vector<std::string> tests;
    for (const std::string& name : e_.old_columns) {
      const Column* column = find<Column>(schema_, {e_.table.schema, e_.table.name, name});
      if (!column || !column->default_value)
        tests.push_back(field("NEW", name) + " IS NOT NULL");
      else if (column->default_value->text.find('(') == std::string::npos)
        tests.push_back(comparable(field("NEW", name), name) + " IS DISTINCT FROM " + default_text(*column));
    }
    return tests.empty() ? "false" : text::join(tests, " OR ");
  }

  const Schema& schema_;
  const Expansion& e_;
};

}  // namespace

std::string last_write_sequence(const Expansion& expansion) { return sql::qualified("sluice", base_name(expansion)); }

void choose_names(std::vector<Expansion>& expansions, const std::vector<Expansion>& others) {
  std::set<std::string> taken;
  for (const Expansion& other : others) taken.insert(base_name(other));
  for (Expansion& e : expansions) {
    const std::string whole = table_part(e) + "." + column_part(e);
    // The longest name is the trigger's.
    const bool fits = ("zz_" + whole + "_expand_both").size() <= max_name_bytes;
    if (!fits || taken.contains(base_name(e)))
      e.made = implicit_name(table_part(e), column_part(e), checksum(e.table.schema + "." + whole) + "_expand");
    taken.insert(base_name(e));
  }
}

void create_trigger(Recipes& r, const Schema& schema, const Expansion& e) {
  const std::string sequence = last_write_sequence(e), function = function_of(e);
  r.also("CREATE SCHEMA IF NOT EXISTS sluice;");
  r.also("GRANT USAGE ON SCHEMA sluice TO PUBLIC;");
  r.also("CREATE SEQUENCE " + sequence + " MINVALUE 0 START WITH 0;");
  r.also("GRANT USAGE, UPDATE ON SEQUENCE " + sequence + " TO PUBLIC;");
  r.also("CREATE FUNCTION " + function + "() RETURNS trigger LANGUAGE plpgsql AS $sluice$\n" + Body(schema, e).text() +
         "$sluice$;");
  r.also("CREATE TRIGGER " + trigger_of(e) + " BEFORE INSERT OR UPDATE ON " + table_name(e.table) +
         " FOR EACH ROW EXECUTE FUNCTION " + function + "();");
}

void drop_trigger(Recipes& r, const Expansion& e) {
  r.also("DROP TRIGGER " + trigger_of(e) + " ON " + table_name(e.table) + ";");
  r.also("DROP FUNCTION " + function_of(e) + "();", "function-dropped only the trigger called it");
  r.also("DROP SEQUENCE " + last_write_sequence(e) + ";", "drop-sequence only the trigger wrote it");
}

}  // namespace sluice::plan
