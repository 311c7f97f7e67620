// The data model as a document: Markdown with a Mermaid diagram, or one page of HTML with a drawing. Pure: the same
// schema gives the same text, so that a file in the repository can be checked for being stale.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/schema.hpp"

namespace sluice::docs {

// The schema after a migration.
struct Step {
  std::string migration;  // its tag
  model::Schema schema;
};

// Text in Markdown's words for code and links (`code`, [text](#anchor)); both outputs are made of it.
using Inline = std::string;

struct ColumnDoc {
  std::string name, type;
  std::vector<Inline> notes;  // "primary key", "not null", "→ [tutors](#tutors)"
  std::string default_value;
  std::string since;  // the migration
  bool is_key = false, is_foreign = false, is_unique = false, not_null = false;
};

struct Facts {
  std::string title;
  std::vector<Inline> lines;
};

struct TableDoc {
  model::Key key;
  std::string name, anchor, since, comment;
  std::vector<ColumnDoc> columns;
  std::vector<Facts> facts;  // foreign keys, indexes, policies …, each that there is
};

// A foreign key as a diagram shows it.
struct Edge {
  size_t child = 0, parent = 0;  // in Document::tables
  std::string columns;           // of the child
  std::string column;            // the first of them
  bool optional = false;         // may be NULL
  bool single = false;           // at most one child
};

// A view or a function: what is told by its text.
struct ViewDoc {
  std::string name, anchor, definition, comment;
  bool materialized = false;
  std::vector<Facts> facts;
};

struct Document {
  std::string title, source;  // "Data model", where it comes from
  std::vector<TableDoc> tables;
  std::vector<Edge> edges;
  std::vector<ViewDoc> views, functions;
  std::vector<Facts> others;  // enums, sequences, roles, schemas, extensions, domains …
};

// `steps` in the order of the migrations; the last one is what is described. `folder` is named in the text.
Document describe(const std::vector<Step>& steps, const std::string& folder);

std::string markdown(const Document& document);
std::string html(const Document& document);
// The tables and their foreign keys as an SVG element.
std::string drawing(const Document& document);

// Text as HTML.
std::string escaped(std::string_view text);

}  // namespace sluice::docs
