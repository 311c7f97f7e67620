#include "cli/seed_settings.hpp"

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/toml.hpp"

namespace sluice::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* known =
    "For example:\n  [seed.generate]\n  rows = 1000\n  seed = 1\n  [seed.generate.orders]\n"
    "  rows = 5000                       or: per = \"customers 0..20\"   or: skip = true\n"
    "  columns.status = { values = [\"paid\", \"open\"] }    or, with weights: { values = { paid = 8, open = 2 } }\n"
    "  columns.total = { range = [5, 200] }\n  columns.placed_at = { range = [\"2026-01-01\", \"2026-06-30\"] }\n"
    "  columns.note = { null = 0.4 }\n  columns.legacy = { skip = true }";

std::string nearest(const std::string& name, const std::vector<std::string>& names) {
  std::string found;
  size_t distance = 4;
  for (const std::string& each : names)
    if (size_t d = text::edit_distance(name, each); d < distance) distance = d, found = each;
  return found;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& names, const std::string& otherwise) {
  const std::string found = nearest(name, names);
  return found.empty() ? otherwise : "Did you mean " + found + "?";
}

const model::Table* find_table(const std::string& name, const model::Schema& schema) {
  for (const model::Table& table : model::all<model::Table>(schema))
    if (model::display(table.key) == name || table.key.schema + "." + table.key.name == name) return &table;
  return nullptr;
}

std::vector<std::string> table_names(const model::Schema& schema) {
  std::vector<std::string> out;
  for (const model::Table& table : model::all<model::Table>(schema)) out.push_back(model::display(table.key));
  return out;
}

bool begins_with_one(const std::string& type, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return type.starts_with(word); });
}
bool counts(const std::string& type) {
  return begins_with_one(type, {"smallint", "integer", "bigint", "numeric", "decimal", "real", "double", "money"});
}
bool tells_time(const std::string& type) { return type == "date" || type.starts_with("timestamp"); }

class Reader {
 public:
  Reader(const fs::path& file, const model::Schema& schema, seed::Options& options)
      : file_(file), schema_(schema), options_(options) {}

  void read(const toml::table& keys) {
    for (const auto& [key, value] : keys) {
      const std::string name(key.str());
      if (const toml::table* section = value.as_table())
        read_table(name, key.source(), *section);
      else if (name == "rows")
        options_.rows = whole(name, value);
      else if (name == "seed")
        options_.seed = whole(name, value);
      else
        refuse(key.source(), "[seed.generate] has no key '" + name + "'", did_you_mean(name, {"rows", "seed"}, known));
    }
  }

 private:
  [[noreturn]] void refuse(const toml::source_region& at, const std::string& message, const std::string& hint) const {
    ErrorContext context;
    context.at = {file_.string(), static_cast<int>(at.begin.line), 0};
    context.hint = hint;
    throw Error(message, context);
  }

  size_t whole(const std::string& name, const toml::node& value) const {
    const auto number = value.value_exact<int64_t>();
    if (!number || *number < 0 || *number > 1'000'000'000'000)
      refuse(value.source(), "'" + name + "' must be a whole number from 0", known);
    return static_cast<size_t>(*number);
  }

  bool boolean(const std::string& name, const toml::node& value) const {
    if (!value.is_boolean()) refuse(value.source(), "'" + name + "' must be true or false", known);
    return value.value_or(false);
  }

  void read_table(const std::string& name, const toml::source_region& at, const toml::table& keys) {
    const model::Table* table = find_table(name, schema_);
    if (!table)
      refuse(at, "[seed.generate." + name + "]: there is no table '" + name + "'",
             did_you_mean(name, table_names(schema_), "A table of another schema stands in quotes: \"app.orders\"."));
    seed::TableChoice& choice = options_.tables[table->key];
    for (const auto& [key, value] : keys) {
      const std::string word(key.str());
      if (word == "rows") {
        choice.rows = whole(word, value);
      } else if (word == "skip") {
        if (boolean(word, value)) choice.rows = 0;
      } else if (word == "per") {
        choice.per = read_per(*table, value);
      } else if (word == "columns") {
        const toml::table* columns = value.as_table();
        if (!columns) refuse(value.source(), "'columns' must be a section", known);
        for (const auto& [column, content] : *columns)
          choice.columns[std::string(column.str())] =
              read_column(*table, std::string(column.str()), column.source(), content);
      } else {
        refuse(key.source(), "[seed.generate." + name + "] has no key '" + word + "'",
               did_you_mean(word, {"rows", "per", "skip", "columns"}, known));
      }
    }
    if (choice.per && choice.rows)
      refuse(at, "[seed.generate." + name + "] says 'per' and how many rows, which do not go together", known);
  }

  // "customers 0..20", "seller_id 3"
  seed::Per read_per(const model::Table& table, const toml::node& value) const {
    const std::string text = value.value_or(std::string());
    const std::string table_name = model::display(table.key);
    const size_t space = text.rfind(' ');
    seed::Per per;
    bool understood = space != std::string::npos && space > 0;
    if (understood) {
      const char *at = text.data() + space + 1, *end = text.data() + text.size();
      auto low = std::from_chars(at, end, per.low);
      per.high = per.low;
      auto high = low;
      if (low.ec == std::errc() && std::string_view(low.ptr, end).starts_with(".."))
        high = std::from_chars(low.ptr + 2, end, per.high);
      understood = low.ec == std::errc() && high.ec == std::errc() && high.ptr == end && per.high >= per.low;
    }
    if (!understood)
      refuse(value.source(), "'per' must be a table and how many rows for each of its rows: \"customers 0..20\"",
             known);
    const std::string parent(text::trim(text.substr(0, space)));
    std::vector<const model::ForeignKey*> found;
    std::vector<std::string> names;
    for (const model::ForeignKey& key : model::all<model::ForeignKey>(schema_)) {
      if (key.key.owner() != table.key || key.target() == table.key) continue;
      std::vector<std::string> own{model::display(key.target()), key.schema_to + "." + key.table_to, key.key.name};
      if (key.columns_from.size() == 1) own.push_back(key.columns_from[0]);
      if (std::find(own.begin(), own.end(), parent) != own.end()) found.push_back(&key);
      names.insert(names.end(), own.begin(), own.end());
    }
    if (found.empty())
      refuse(value.source(), table_name + " has no foreign key to '" + parent + "'",
             did_you_mean(parent, names, "'per' takes a table that it refers to, or the column that does."));
    if (found.size() > 1) {
      std::vector<std::string> columns;
      for (const model::ForeignKey* key : found) columns.push_back(text::join(key->columns_from, "+"));
      refuse(value.source(), table_name + " refers to " + parent + " by " + text::join(columns, " and by "),
             "Say which: per = \"" + columns[0] + text.substr(space) + "\"");
    }
    per.foreign_key = found[0]->key.name;
    return per;
  }

  // ---- columns
  seed::ColumnChoice read_column(const model::Table& table, const std::string& name, const toml::source_region& at,
                                 const toml::node& content) const {
    const model::Column* column = nullptr;
    std::vector<std::string> names;
    for (const model::Column& each : model::all<model::Column>(schema_))
      if (each.key.owner() == table.key) {
        names.push_back(each.key.name);
        if (each.key.name == name) column = &each;
      }
    const std::string whole_name = model::display(table.key) + "." + name;
    if (!column)
      refuse(at, model::display(table.key) + " has no column '" + name + "'",
             did_you_mean(name, names, "Its columns: " + text::join(names, ", ")));
    const toml::table* keys = content.as_table();
    if (!keys) refuse(at, "columns." + name + " must say what it takes: { values = [\"a\", \"b\"] }", known);
    if (column->generated) refuse(at, whole_name + " is generated by the database", known);
    seed::ColumnChoice choice;
    for (const auto& [key, value] : *keys) {
      const std::string word(key.str());
      if (word == "values")
        read_values(*column, whole_name, value, choice);
      else if (word == "range")
        read_range(*column, whole_name, value, choice);
      else if (word == "null")
        read_nulls(*column, whole_name, value, choice);
      else if (word == "skip")
        choice.skip = boolean(word, value) && may_skip(*column, whole_name, value);
      else
        refuse(key.source(), "columns." + name + " has no key '" + word + "'",
               did_you_mean(word, {"values", "range", "null", "skip"}, known));
    }
    return choice;
  }

  const model::ForeignKey* foreign_key_of(const model::Column& column) const {
    for (const model::ForeignKey& key : model::all<model::ForeignKey>(schema_))
      if (key.key.owner() == column.key.owner() &&
          std::find(key.columns_from.begin(), key.columns_from.end(), column.key.name) != key.columns_from.end())
        return &key;
    return nullptr;
  }

  void no_foreign_key(const model::Column& column, const std::string& name, const toml::node& value) const {
    if (const model::ForeignKey* key = foreign_key_of(column))
      refuse(value.source(), name + " refers to " + model::display(key->target()) + ", whose rows give its values",
             "'null' and the table's 'per' are what such a column takes.");
  }

  std::string text_of(const toml::node& value) const {
    if (const auto text = value.value_exact<std::string>()) return *text;
    if (const auto number = value.value_exact<int64_t>()) return std::to_string(*number);
    if (const auto truth = value.value_exact<bool>()) return *truth ? "t" : "f";
    std::ostringstream out;
    if (const toml::value<double>* number = value.as_floating_point())
      out << number->get();
    else if (const toml::value<toml::date>* date = value.as_date())
      out << date->get();
    else if (const toml::value<toml::date_time>* time = value.as_date_time())
      out << time->get();
    else
      refuse(value.source(), "a value must be a text, a number, a date, true or false", known);
    return out.str();
  }

  void read_values(const model::Column& column, const std::string& name, const toml::node& value,
                   seed::ColumnChoice& choice) const {
    no_foreign_key(column, name, value);
    if (const toml::array* list = value.as_array()) {
      for (const toml::node& item : *list) choice.values.push_back(text_of(item));
    } else if (const toml::table* weights = value.as_table()) {
      for (const auto& [key, weight] : *weights) {
        const auto number = weight.value<double>();
        if (!number || !(*number > 0))
          refuse(weight.source(), "the weight of '" + std::string(key.str()) + "' must be a number above 0", known);
        choice.values.emplace_back(key.str());
        choice.weights.push_back(*number);
      }
    }
    if (choice.values.empty())
      refuse(value.source(), "'values' must be a list, or a table of values and weights", known);
    for (const model::Enum& item : model::all<model::Enum>(schema_)) {
      if (item.key.name != column.type || (column.type_schema && *column.type_schema != item.key.schema)) continue;
      for (const std::string& each : choice.values)
        if (std::find(item.values.begin(), item.values.end(), each) == item.values.end())
          refuse(value.source(), "'" + each + "' is no value of the enum " + model::display(item.key),
                 did_you_mean(each, item.values, "Its values: " + text::join(item.values, ", ")));
    }
  }

  void read_range(const model::Column& column, const std::string& name, const toml::node& value,
                  seed::ColumnChoice& choice) const {
    no_foreign_key(column, name, value);
    const toml::array* list = value.as_array();
    if (!list || list->size() != 2) refuse(value.source(), "'range' must be the lowest and the highest value", known);
    const toml::node &low = *list->get(0), &high = *list->get(1);
    if (counts(column.type)) {
      choice.low = low.value<double>(), choice.high = high.value<double>();
      if (!choice.low || !choice.high || *choice.low > *choice.high)
        refuse(value.source(), "the range of " + name + " must be two numbers, the lower one first", known);
    } else if (tells_time(column.type)) {
      choice.low_text = text_of(low), choice.high_text = text_of(high);
      if (choice.high_text.size() == 10) choice.high_text += " 23:59:59";  // the whole day
      const auto is_date = [](const std::string& text) {
        return text.size() >= 10 && text[4] == '-' && text[7] == '-';
      };
      if (!is_date(choice.low_text) || !is_date(choice.high_text) || choice.low_text > choice.high_text)
        refuse(value.source(), "the range of " + name + " must be two dates (2026-01-31), the earlier one first",
               known);
    } else {
      refuse(value.source(), "a range is for numbers, dates and times; " + name + " is " + column.type,
             "values = […] takes a list.");
    }
  }

  void read_nulls(const model::Column& column, const std::string& name, const toml::node& value,
                  seed::ColumnChoice& choice) const {
    const auto share = value.value<double>();
    if (!share || !(*share >= 0 && *share <= 1))
      refuse(value.source(), "'null' must be the part of the rows, from 0 to 1", known);
    if ((column.not_null || column.primary_key) && *share > 0) refuse(value.source(), name + " cannot be NULL", known);
    choice.nulls = share;
  }

  bool may_skip(const model::Column& column, const std::string& name, const toml::node& value) const {
    const bool filled = column.default_value || column.identity || column.type.ends_with("serial");
    if ((column.not_null || column.primary_key) && !filled)
      refuse(value.source(), name + " cannot be left out: it is required and has no default", known);
    for (const model::ForeignKey& key : model::all<model::ForeignKey>(schema_))
      if (key.target() == column.key.owner() &&
          std::find(key.columns_to.begin(), key.columns_to.end(), column.key.name) != key.columns_to.end())
        refuse(value.source(), name + " cannot be left out: " + model::display(key.key.owner()) + " refers to it",
               known);
    return true;
  }

  const fs::path file_;
  const model::Schema& schema_;
  seed::Options& options_;
};

size_t number(const std::string& text, const std::string& whole) {
  size_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return value;
  ErrorContext context;
  context.hint = "--rows 500 for every table, --rows users=1000 for one.";
  throw Error("'" + whole + "' does not say how many rows", context);
}

}  // namespace

void read_seed_settings(const fs::path& directory, const std::vector<std::string>& rows, const model::Schema& schema,
                        seed::Options& options) {
  const fs::path file = directory / "sluice.toml";
  if (fs::exists(file)) {
    const toml::table all =
        toml::parse(files::read(file), file.string());  // what cannot be read is told by settings.cpp
    if (const toml::table* keys = all["seed"]["generate"].as_table()) Reader(file, schema, options).read(*keys);
  }
  for (const std::string& text : rows) {
    const size_t equals = text.rfind('=');
    if (equals == std::string::npos) {
      options.rows = number(text, text);
      continue;
    }
    const std::string name = text.substr(0, equals);
    const model::Table* table = find_table(name, schema);
    if (!table) {
      ErrorContext context;
      context.hint = did_you_mean(name, table_names(schema), "");
      throw Error("there is no table '" + name + "'", context);
    }
    seed::TableChoice& choice = options.tables[table->key];
    choice.rows = number(text.substr(equals + 1), text);
    choice.per.reset();
  }
}

}  // namespace sluice::cli
