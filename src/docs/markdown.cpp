#include "base/text.hpp"
#include "docs/docs.hpp"

namespace sluice::docs {

namespace {

// In a cell of a table.
std::string cell(std::string text) {
  return text::replace_all(text::replace_all(std::move(text), "|", "\\|"), "\n", " ");
}

std::string code(const std::string& text) { return text.empty() ? "" : "`" + text::replace_all(text, "`", "'") + "`"; }

// Mermaid's names are words of letters, digits, '_' and '-'.
std::string word(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    out += is_word ? c : '_';
  }
  if (out.empty() || (out[0] >= '0' && out[0] <= '9')) out.insert(out.begin(), '_');
  return out;
}

std::string mermaid_type(const std::string& type) {
  std::string plain = type.substr(0, type.find('(')), list;
  for (size_t at = type.find("[]"); at != std::string::npos; at = type.find("[]", at + 2)) list += "[]";
  plain = plain.substr(0, plain.find('['));
  if (type.find("with time zone") != std::string::npos) plain += plain.find("with") == std::string::npos ? "tz" : "";
  return word(text::replace_all(std::string(text::trim(plain)), " with time zone", "tz")) + list;
}

std::string diagram(const Document& document) {
  std::string out = "```mermaid\nerDiagram\n";
  auto name = [&](size_t table) { return word(document.tables[table].name); };
  for (const Edge& edge : document.edges)
    out += "  " + name(edge.parent) + (edge.optional ? " |o--" : " ||--") + (edge.single ? "o| " : "o{ ") +
           name(edge.child) + " : \"" + text::replace_all(edge.columns, "\"", "'") + "\"\n";
  for (size_t i = 0; i < document.tables.size(); i++) {
    out += "  " + name(i) + " {\n";
    for (const ColumnDoc& column : document.tables[i].columns) {
      std::vector<std::string> keys;
      if (column.is_key) keys.push_back("PK");
      if (column.is_foreign) keys.push_back("FK");
      if (column.is_unique) keys.push_back("UK");
      out += "    " + mermaid_type(column.type) + " " + word(column.name) +
             (keys.empty() ? "" : " " + text::join(keys, ", ")) + (column.not_null ? "" : " \"null\"") + "\n";
    }
    out += "  }\n";
  }
  return out + "```\n";
}

std::string list(const Facts& facts) {
  std::string out = "**" + facts.title + "**\n\n";
  for (const Inline& line : facts.lines) out += "- " + text::replace_all(line, "\n", " ") + "\n";
  return out + "\n";
}

std::string table(const TableDoc& table) {
  std::string out = "### " + table.name + "\n\n";
  if (!table.comment.empty()) out += table.comment + "\n\n";
  if (!table.since.empty()) out += "Since " + code(table.since) + ".\n\n";
  out += "| column | type | | default | since |\n|---|---|---|---|---|\n";
  for (const ColumnDoc& column : table.columns)
    out += "| " + cell(code(column.name)) + " | " + cell(column.type) + " | " + cell(text::join(column.notes, ", ")) +
           " | " + cell(code(column.default_value)) + " | " +
           (column.since == table.since ? "" : cell(code(column.since))) + " |\n";
  out += "\n";
  for (const Facts& facts : table.facts) out += list(facts);
  return out;
}

// With a fence that is longer than any in the text.
std::string sql_block(const std::string& sql) {
  std::string fence = "```";
  while (sql.find(fence) != std::string::npos) fence += '`';
  return fence + "sql\n" + std::string(text::trim(sql)) + "\n" + fence + "\n\n";
}

std::string section(const ViewDoc& item) {
  std::string out = "### " + item.name + "\n\n";
  if (!item.comment.empty()) out += item.comment + "\n\n";
  if (item.materialized) out += "Materialized.\n\n";
  if (!item.definition.empty()) out += sql_block(item.definition);
  for (const Facts& facts : item.facts) out += list(facts);
  return out;
}

}  // namespace

std::string markdown(const Document& document) {
  std::string out = "<!-- Written by 'sluice docs'. Do not edit: 'sluice docs --check' compares it. -->\n# " +
                    document.title + "\n\n" + document.source + "\n\n";
  if (!document.tables.empty()) {
    out += "## Diagram\n\n" + diagram(document) + "\n## Tables\n\n";
    for (const TableDoc& item : document.tables) out += table(item);
  }
  if (!document.views.empty()) {
    out += "## Views\n\n";
    for (const ViewDoc& view : document.views) out += section(view);
  }
  if (!document.functions.empty()) {
    out += "## Functions\n\n";
    for (const ViewDoc& function : document.functions) out += section(function);
  }
  for (const Facts& facts : document.others) {
    out += "## " + facts.title + "\n\n";
    for (const Inline& line : facts.lines) out += "- " + text::replace_all(line, "\n", " ") + "\n";
    out += "\n";
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace sluice::docs
