#include "model/beyond.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "model/json.hpp"
#include "model/names.hpp"

namespace sluice::model {

namespace {

template <class T>
bool says_nothing(const T& field) {
  if constexpr (requires { field.has_value(); })
    return !field.has_value();
  else if constexpr (requires { field.empty(); })
    return field.empty();
  else
    return false;
}

template <class Kind>
bool any_field(const Kind& object) {
  bool any = beyond_drizzle<Kind>;
  Kind::fields(object, [&](const char* name, const auto& field) {
    if (name[0] == '_' && !says_nothing(field)) any = true;
  });
  return any;
}

template <class Kind>
void print_kind(JsonPrinter& out, const std::vector<Kind>& objects) {
  bool begun = false;
  const FieldWriter write(out);
  for (const Kind& object : objects) {
    if (!any_field(object)) continue;
    if (!begun) {
      out.key(kind_name<Kind>);
      out.begin_array();
      begun = true;
    }
    out.begin_object();
    if (!object.key.schema.empty()) write("schema", object.key.schema);
    if (!object.key.table.empty()) write("table", object.key.table);
    write("name", object.key.name);
    Kind::fields(object, [&](const char* name, const auto& field) {
      if (name[0] == '_' ? says_nothing(field) : !beyond_drizzle<Kind>) return;
      write(name[0] == '_' ? name + 1 : name, field);
    });
    out.end_object();
  }
  if (begun) out.end_array();
}

template <class Kind>
void read_kind(const FieldReader& root, std::vector<Kind>& objects) {
  const std::string list(kind_name<Kind>);
  std::optional<JsonValue> found = root.member(list);
  if (!found) return;
  if (!found->is_array()) root.fail(list, "a list");
  std::map<Key, size_t> known;  // the place: the list may grow
  if constexpr (!beyond_drizzle<Kind>)
    for (size_t i = 0; i < objects.size(); i++) known.emplace(objects[i].key, i);
  std::set<Key> said;
  found->each_element([&](JsonValue value) {
    FieldReader reader(value, root, list, "");
    Key key;
    reader("schema", key.schema);
    reader("table", key.table);
    key.name = reader.text("name");
    if (!said.insert(key).second) throw Error("the " + list + " " + display(key) + " stands there twice");
    if constexpr (beyond_drizzle<Kind>) {
      Kind object;
      object.key = std::move(key);
      Kind::fields(object, reader);
      objects.push_back(std::move(object));
    } else if (auto object = known.find(key); object != known.end()) {
      Kind::fields(objects[object->second], [&](const char* name, auto& field) {
        if (name[0] == '_') reader(name + 1, field);
      });
    } else if constexpr (std::is_same_v<Kind, Index>) {  // of a materialised view: no table of the snapshot has it
      Index index;
      index.key = std::move(key);
      reader("definition", index.definition);
      objects.push_back(std::move(index));
    }
  });
}

Key clipped_key(const Key& key) { return {clipped(key.schema), clipped(key.table), clipped(key.name)}; }

template <class Kind>
void take_kind(std::vector<Kind>& to, const std::vector<Kind>& from, const std::set<Key>& primary, bool more) {
  if constexpr (beyond_drizzle<Kind>) {
    to = from;
  } else {
    std::map<Key, Kind*> known;
    for (Kind& object : to) known.emplace(clipped_key(object.key), &object);
    std::vector<const Kind*> added;
    for (const Kind& object : from) {
      auto twin = known.find(clipped_key(object.key));
      if (twin == known.end()) {
        // .primaryKey() of a column says no name.
        bool said = std::is_same_v<Kind, PrimaryKey> && primary.contains(clipped_key(object.key.owner()));
        bool of_view = std::is_same_v<Kind, Index> && any_field(object);
        if ((more || of_view) && !said) added.push_back(&object);
        continue;
      }
      if constexpr (std::is_same_v<Kind, Table>)
        twin->second->row_security = twin->second->row_security || object.row_security;
      std::vector<const void*> fields;
      Kind::fields(object, [&](const char*, const auto& field) { fields.push_back(&field); });
      size_t at = 0;
      Kind::fields(*twin->second, [&](const char* name, auto& field) {
        using Field = std::remove_cvref_t<decltype(field)>;
        const auto& other = *static_cast<const Field*>(fields[at++]);
        // What drizzle says of an index is all that there is.
        if (name[0] == '_' && !std::is_same_v<Kind, Index>) field = other;
      });
    }
    for (const Kind* object : added) to.push_back(*object);
  }
}

}  // namespace

bool is_beyond_drizzle(const Schema& schema) {
  bool any = false;
  std::apply(
      [&](const auto&... kinds) {
        auto each = [&](const auto& objects) {
          for (const auto& object : objects) any = any || any_field(object);
        };
        (each(kinds), ...);
      },
      schema);
  return any;
}

std::string print_beyond(const Snapshot& snapshot, bool always) {
  if (!always && !is_beyond_drizzle(snapshot.schema)) return "";
  JsonPrinter out;
  const FieldWriter write(out);
  out.begin_object();
  write("version", std::string("1"));
  write("snapshot", snapshot.id);
  std::apply([&](const auto&... kinds) { (print_kind(out, kinds), ...); }, snapshot.schema);
  out.end_object();
  return out.take();
}

namespace {

void read_file(Snapshot& snapshot, std::string_view text, const std::string& name, bool own) {
  ErrorContext context;
  context.at.file = name;
  context.hint = "Restore the file from version control, or generate it again.";
  try {
    JsonDocument json(text);
    const FieldReader root(json.root());
    if (std::string version = root.text("version"); version != "1")
      throw Error("the file has the unknown version '" + version + "'", context);
    if (std::string id = root.text("snapshot"); own && id != snapshot.id)
      throw Error("the file belongs to another snapshot than the one beside it", context);
    std::apply([&](auto&... kinds) { (read_kind(root, kinds), ...); }, snapshot.schema);
  } catch (const JsonError& error) {
    context.at.line = text::line_of(text, error.offset);
    throw Error("the file is not valid JSON", context);
  } catch (const Error& error) {
    if (error.context.at.known()) throw;
    throw Error("the file is malformed: " + std::string(error.what()), context);
  }
}

}  // namespace

void read_beyond(Snapshot& snapshot, std::string_view text, const std::string& name) {
  read_file(snapshot, text, name, true);
}

void carry_beyond(Snapshot& snapshot, std::string_view text, const std::string& name) {
  read_file(snapshot, text, name, false);
  Schema& schema = snapshot.schema;
  std::set<Key> relations;
  auto collect = [&](const auto& objects) {
    for (const auto& object : objects) relations.insert(object.key);
  };
  collect(all<Table>(schema)), collect(all<View>(schema)), collect(all<Sequence>(schema));
  collect(all<Partition>(schema)), collect(all<CompositeType>(schema));
  std::apply(
      [&](auto&... kinds) {
        auto each = [&](auto& objects) {
          std::erase_if(objects, [&](const auto& object) {
            return !object.key.table.empty() && !relations.contains(object.key.owner());
          });
        };
        (each(kinds), ...);
      },
      schema);
}

Schema with_beyond(Schema words, const Schema& catalog, bool more) {
  std::set<Key> primary;
  for (const Column& column : all<Column>(words))
    if (column.primary_key) primary.insert(clipped_key(column.key.owner()));
  std::apply(
      [&](auto&... to) {
        auto take = [&](auto& objects) {
          using Kind = typename std::remove_cvref_t<decltype(objects)>::value_type;
          take_kind(objects, all<Kind>(catalog), primary, more);
        };
        (take(to), ...);
      },
      words);
  return words;
}

std::string type_text(const Key& type) {
  auto word = [](const std::string& name) {
    bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    return plain ? name : '"' + text::replace_all(name, "\"", "\"\"") + '"';
  };
  return (type.schema == "public" ? "" : word(type.schema) + ".") + word(type.name);
}

Schema without_beyond(Schema schema) {
  std::apply(
      [](auto&... kinds) {
        auto each = [](auto& objects) {
          using Kind = typename std::remove_cvref_t<decltype(objects)>::value_type;
          if constexpr (beyond_drizzle<Kind>) {
            objects.clear();
          } else {
            for (Kind& object : objects)
              Kind::fields(object, [](const char* name, auto& field) {
                if (name[0] == '_') field = {};
              });
          }
        };
        (each(kinds), ...);
      },
      schema);
  return schema;
}

}  // namespace sluice::model
