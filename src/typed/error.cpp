#include "typed/error.hpp"

namespace sluice::typed {

namespace {

pg::Error as_seen(const Error& error) {
  const ErrorContext& from = error.context;
  std::string message = error.what();
  if (!from.sqlstate.empty()) message += " [" + from.sqlstate + "]";
  if (from.at.known()) message = from.at.file + ":" + std::to_string(from.at.line) + ": " + message;
  for (const std::string& more : {from.detail, from.hint, from.state})
    if (!more.empty()) message += "\n  " + more;
  pg::Error out(message);
  out.sqlstate = from.sqlstate;
  out.detail = from.detail;
  out.hint = from.hint;
  out.statement = from.statement;
  return out;
}

}  // namespace

void throw_translated(const server::Refusal& refusal) {
  pg::Error out = as_seen(refusal);
  out.constraint = refusal.constraint;
  out.schema = refusal.schema;
  out.table = refusal.table;
  out.column = refusal.column;
  out.connection_lost = refusal.connection_lost;
  throw out;
}

void throw_translated(const Error& error) { throw as_seen(error); }

}  // namespace sluice::typed
