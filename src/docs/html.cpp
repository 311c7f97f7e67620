#include "base/text.hpp"
#include "docs/docs.hpp"

namespace sluice::docs {

namespace {

constexpr const char* head = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="sluice docs">
<style>
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6878; --line: #d5dce5; --paper: #fff; --box: #f5f7fa; --accent: #1f6feb; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --soft: #97a3b4; --line: #333d4b; --paper: #12161c; --box: #1a2029; --accent: #6cb0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1200px; padding: 24px; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
a { color: var(--accent); text-decoration: none; } a:hover, a:focus { text-decoration: underline; }
code { font: 13px/1.4 ui-monospace, monospace; background: var(--box); padding: 1px 4px; border-radius: 4px; }
pre { overflow-x: auto; background: var(--box); padding: 12px; border-radius: 6px; } pre code { padding: 0; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: 5px 10px; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 500; } .wide { overflow-x: auto; }
section { margin: 32px 0; } h3 { margin-bottom: 4px; } .soft { color: var(--soft); } nav a { margin-right: 12px; white-space: nowrap; }
input { font: inherit; color: inherit; background: var(--box); border: 1px solid var(--line); border-radius: 6px; padding: 6px 10px; width: 100%; max-width: 400px; margin: 8px 0; }
svg { max-width: none; } svg text { font: 12px ui-monospace, monospace; fill: var(--ink); } svg .type, svg .key { fill: var(--soft); }
svg .title { font-weight: 700; } svg rect { fill: var(--box); stroke: var(--line); } svg path { fill: none; stroke: var(--soft); } svg path.optional { stroke-dasharray: 4 3; }
svg a:hover rect, svg a:focus rect { stroke: var(--accent); }
</style>
)";

constexpr const char* script = R"(<script>
document.getElementById('find').addEventListener('input', (event) => {
  const words = event.target.value.toLowerCase()
  for (const section of document.querySelectorAll('section.table'))
    section.hidden = !section.textContent.toLowerCase().includes(words)
})
</script>
)";

// `code` and [text](#anchor), the rest escaped.
std::string inline_html(std::string_view text) {
  std::string out, plain;
  auto flush = [&] { out += escaped(plain), plain.clear(); };
  for (size_t i = 0; i < text.size();) {
    size_t end;
    if (text[i] == '`' && (end = text.find('`', i + 1)) != std::string_view::npos) {
      flush();
      out += "<code>" + escaped(text.substr(i + 1, end - i - 1)) + "</code>";
      i = end + 1;
    } else if (size_t middle; text[i] == '[' && (middle = text.find("](#", i)) != std::string_view::npos &&
                              (end = text.find(')', middle)) != std::string_view::npos) {
      flush();
      out += "<a href=\"#" + escaped(text.substr(middle + 3, end - middle - 3)) + "\">" +
             escaped(text.substr(i + 1, middle - i - 1)) + "</a>";
      i = end + 1;
    } else {
      plain += text[i++];
    }
  }
  flush();
  return out;
}

std::string list(const Facts& facts) {
  std::string out = "<ul>\n";
  for (const Inline& line : facts.lines) out += "<li>" + inline_html(line) + "</li>\n";
  return out + "</ul>\n";
}

std::string code(const std::string& text) { return text.empty() ? "" : "<code>" + escaped(text) + "</code>"; }

std::string table(const TableDoc& table) {
  std::string out =
      "<section class=\"table\" id=\"" + escaped(table.anchor) + "\">\n<h3>" + escaped(table.name) + "</h3>\n";
  if (!table.comment.empty()) out += "<p>" + escaped(table.comment) + "</p>\n";
  if (!table.since.empty()) out += "<div class=\"soft\">since " + code(table.since) + "</div>\n";
  out += "<div class=\"wide\"><table>\n<tr><th>column<th>type<th><th>default<th>since</tr>\n";
  for (const ColumnDoc& column : table.columns)
    out += "<tr><td>" + code(column.name) + "<td>" + escaped(column.type) + "<td>" +
           inline_html(text::join(column.notes, ", ")) + "<td>" + code(column.default_value) + "<td>" +
           (column.since == table.since ? "" : code(column.since)) + "</tr>\n";
  out += "</table></div>\n";
  for (const Facts& facts : table.facts) out += "<h4>" + escaped(facts.title) + "</h4>\n" + list(facts);
  return out + "</section>\n";
}

std::string section(const ViewDoc& item) {
  std::string out = "<section id=\"" + escaped(item.anchor) + "\">\n<h3>" + escaped(item.name) + "</h3>\n";
  if (!item.comment.empty()) out += "<p>" + escaped(item.comment) + "</p>\n";
  if (item.materialized) out += "<div class=\"soft\">materialized</div>\n";
  if (!item.definition.empty()) out += "<pre><code>" + escaped(text::trim(item.definition)) + "</code></pre>\n";
  for (const Facts& facts : item.facts) out += "<h4>" + escaped(facts.title) + "</h4>\n" + list(facts);
  return out + "</section>\n";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string html(const Document& document) {
  std::string out = std::string(head) + "<title>" + escaped(document.title) + "</title>\n<h1>" +
                    escaped(document.title) + "</h1>\n<p class=\"soft\">" + inline_html(document.source) +
                    "</p>\n<nav>";
  for (const TableDoc& item : document.tables)
    out += "<a href=\"#" + escaped(item.anchor) + "\">" + escaped(item.name) + "</a>\n";
  out += "</nav>\n<div class=\"wide\">" + drawing(document) +
         "</div>\n<input id=\"find\" type=\"search\" placeholder=\"Find a table, column, index …\" "
         "aria-label=\"Find\">\n<h2>Tables</h2>\n";
  for (const TableDoc& item : document.tables) out += table(item);
  if (!document.views.empty()) out += "<h2>Views</h2>\n";
  for (const ViewDoc& view : document.views) out += section(view);
  if (!document.functions.empty()) out += "<h2>Functions</h2>\n";
  for (const ViewDoc& function : document.functions) out += section(function);
  for (const Facts& facts : document.others) out += "<h2>" + escaped(facts.title) + "</h2>\n" + list(facts);
  return out + script;
}

}  // namespace sluice::docs
