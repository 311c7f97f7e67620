#include "server/connection_errors.hpp"

#include <cstring>
#include <optional>

#include "base/text.hpp"

namespace sluice::server {

namespace {

std::string field(const PGresult* result, int code) {
  const char* value = PQresultErrorField(result, code);
  return value ? value : "";
}

std::string first_line(std::string_view s) { return std::string(text::trim(s.substr(0, s.find('\n')))); }

bool contains(std::string_view s, std::string_view part) { return s.find(part) != std::string_view::npos; }

// What the server said while connecting: with PQERRORS_VERBOSE "FATAL:  28P01: password authentication failed …". The
// code does not depend on the server's language, unlike the text.
struct Refusal {
  std::string sqlstate, message;
};

std::optional<Refusal> refusal_in(std::string_view text) {
  for (size_t i = text.find(":  "); i != std::string_view::npos; i = text.find(":  ", i + 1)) {
    std::string_view rest = text.substr(i + 3);
    if (rest.size() < 7 || rest.substr(5, 2) != ": ") continue;
    std::string_view code = rest.substr(0, 5);
    if (code.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string_view::npos) continue;
    return Refusal{std::string(code), first_line(rest.substr(7))};
  }
  return std::nullopt;
}

struct Place {
  std::string address, user, database;
  bool password_given, placeholder_password, local_default;
};

Place place_of(const PGconn* connection, const Settings& settings) {
  auto text_or = [](const char* s, const char* otherwise) { return std::string(s && *s ? s : otherwise); };
  Place place;
  place.address = address_of(connection);
  place.user = text_or(PQuser(connection), "?");
  place.database = text_or(PQdb(connection), "?");
  place.password_given = PQconnectionUsedPassword(connection) != 0 || settings.contains("password");
  auto password = settings.find("password");
  place.placeholder_password = password != settings.end() && password->second.starts_with("[YOUR-");
  place.local_default = place.address == "localhost:54322" || place.address == "127.0.0.1:54322";
  return place;
}

struct Explanation {
  std::string message, hint;
};

Explanation explain_refusal(const Refusal& refusal, const Place& at) {
  const std::string user = "user \"" + at.user + "\"", database = "database \"" + at.database + "\"";
  const std::string& code = refusal.sqlstate;
  if (code == "28P01") {
    if (at.placeholder_password)
      return {"the password for " + user + " at " + at.address + " is still a placeholder",
              "Replace [YOUR-PASSWORD] in the URL by the database password."};
    return {at.address + " refused the password for " + user,
            "Check the password (in a URL, special characters must be percent-encoded: @ as %40, / as %2F). PostgreSQL "
            "answers the same when there is no such user."};
  }
  if (code == "3D000")
    return {database + " does not exist at " + at.address,
            "Check the name at the end of the URL, or create it: CREATE DATABASE \"" + at.database + "\""};
  if (code == "28000") {
    if (contains(refusal.message, "pg_hba.conf"))
      return {at.address + " does not let " + user + " connect to " + database + " from here",
              contains(refusal.message, "no encryption") ? "Add ?sslmode=require to the URL: the server may want TLS."
                                                         : "The server's pg_hba.conf has no entry for this."};
    if (contains(refusal.message, "does not exist"))
      return {user + " does not exist at " + at.address, "Check the user name in the URL."};
    return {at.address + " refused " + user + ": " + refusal.message, "Check the user name in the URL."};
  }
  if (code == "53300")
    return {"too many connections at " + at.address,
            "Wait, close other clients, or raise max_connections; `SELECT * FROM pg_stat_activity` shows who is "
            "connected."};
  if (code == "57P03")
    return {at.address + " does not accept connections yet: " + refusal.message, "Try again in a moment."};
  if (contains(refusal.message, "Tenant or user not found"))
    return {"the pooler at " + at.address + " does not know " + user,
            "Supabase's pooler wants the user name as postgres.<project-ref>, and the host of the project's region."};
  return {"cannot connect to " + database + " at " + at.address + ": " + refusal.message, ""};
}

// Failures before the server said anything, by libpq's text (it is English: we never set a locale for messages).
Explanation explain_failure(const std::string& text, const Place& at) {
  const std::string start = at.local_default ? "Start the local database: sluice db start" : "";
  auto has = [&](std::string_view part) { return contains(text, part); };
  if (has("Connection refused"))
    return {"nothing is listening at " + at.address,
            !start.empty() ? start : "Check host and port in the URL, and that the server runs."};
  if (has("could not translate host name"))
    return {"the host of " + at.address + " is not known", "Check the host in the URL, and the network or DNS."};
  if (has("connection to server on socket") && has("No such file or directory"))
    return {"no server is running with a socket in " + at.address,
            "Check that the server runs, or give a URL with a host: postgresql://user:password@host:5432/database"};
  if (has("no password supplied"))
    return {at.address + " asks for a password for user \"" + at.user + "\", and none was given",
            "Put it into the URL, PGPASSWORD or ~/.pgpass."};
  if (has("server does not support SSL"))
    return {at.address + " does not support TLS", "Remove sslmode from the URL, or use sslmode=prefer."};
  if (has("certificate verify failed") || has("does not match host name") || has("root certificate file"))
    return {"the TLS certificate of " + at.address + " cannot be verified",
            "Give the server's root certificate (sslrootcert=path), or sslmode=require to encrypt without verifying."};
  if (has("SSL error") || has("SSL SYSCALL") || has("could not accept SSL") || has("certificate"))
    return {"the TLS connection to " + at.address + " failed", "Check sslmode, sslcert and sslkey."};
  if (has("timeout expired") || has("Connection timed out"))
    return {at.address + " does not answer", "Check host and port, and a firewall between."};
  if (has("Network is unreachable") || has("No route to host") || has("Cannot assign requested address"))
    return {
        "there is no network route to " + at.address,
        "Check the network or VPN. A host with only an IPv6 address needs an IPv6 network (Supabase: use the pooler)."};
  if (has("received invalid response") || has("expected authentication request"))
    return {"what listens at " + at.address + " is not PostgreSQL", start};
  if (has("server closed the connection unexpectedly"))
    return {at.address + " closed the connection at once", "It may not be PostgreSQL, or it is starting or stopping."};
  return {"cannot connect to database \"" + at.database + "\" at " + at.address, ""};
}

// libpq's own words, for the detail. They hold host, port and user, never the password; the lines that
// PQERRORS_VERBOSE adds (LOCATION: auth.c …) say nothing to a user.
std::string without_locations(std::string_view text) {
  std::string result;
  for (const std::string& line : text::split(text::trim(text), "\n"))
    if (!line.starts_with("LOCATION:")) result += (result.empty() ? "" : "\n") + std::string(text::trim(line));
  return result;
}

// The line of the character (not byte) `position`, from 1, in a UTF-8 text.
int line_of_character(std::string_view sql, int position) {
  int line = 1, character = 0;
  for (char c : sql) {
    if ((c & 0xC0) != 0x80 && ++character >= position) break;
    if (c == '\n') line++;
  }
  return line;
}

}  // namespace

std::string address_of(const PGconn* connection) {
  const char* host = PQhost(connection);
  const char* port = PQport(connection);
  if (!host || !*host) return "the server";
  if (*host == '/') return host;
  std::string name = std::strchr(host, ':') ? "[" + std::string(host) + "]" : host;
  return name + ":" + (port && *port ? port : "5432");
}

std::string describe(const PGconn* connection) {
  const char* database = PQdb(connection);
  return "database \"" + std::string(database ? database : "?") + "\" at " + address_of(connection);
}

Error connection_error(const PGconn* connection, const Settings& settings) {
  std::string text = PQerrorMessage(connection);
  Place place = place_of(connection, settings);
  ErrorContext context;
  std::optional<Refusal> refusal = refusal_in(text);
  Explanation explanation = refusal ? explain_refusal(*refusal, place) : explain_failure(text, place);
  context.sqlstate = refusal ? refusal->sqlstate : "08001";
  context.hint = explanation.hint;
  if (!refusal || !contains(explanation.message, refusal->message))
    context.detail = refusal ? refusal->message : without_locations(text);
  return Error(explanation.message, context);
}

Error connection_timeout(const PGconn* connection, int seconds) {
  ErrorContext context;
  context.sqlstate = "08001";
  context.hint = "Check host and port, and a firewall between. connect_timeout=60 in the URL waits longer.";
  return Error(address_of(connection) + " did not answer within " + std::to_string(seconds) + " s", context);
}

Error statement_error(const PGresult* result, std::string_view sql, int finished) {
  ErrorContext context;
  context.sqlstate = field(result, PG_DIAG_SQLSTATE);
  context.statement = sql;
  context.hint = field(result, PG_DIAG_MESSAGE_HINT);
  auto add_detail = [&](const std::string& label, const std::string& s) {
    if (!s.empty()) context.detail += (context.detail.empty() ? "" : "\n") + label + s;
  };
  add_detail("", field(result, PG_DIAG_MESSAGE_DETAIL));
  add_detail("inside: ", field(result, PG_DIAG_INTERNAL_QUERY));
  add_detail("where: ", field(result, PG_DIAG_CONTEXT));
  context.finished = static_cast<size_t>(finished);
  std::string position = field(result, PG_DIAG_STATEMENT_POSITION);
  if (!position.empty()) {
    context.at.line = line_of_character(sql, std::stoi(position));
  } else if (finished > 0) {
    add_detail("", "It was statement " + std::to_string(finished + 1) + " of the text.");
  }
  std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) message = first_line(PQresultErrorMessage(result));
  if (context.hint.empty() && context.sqlstate == "25006")
    context.hint =
        "The server is read-only: a standby, or default_transaction_read_only is on. Connect to the primary; a URL "
        "with "
        "several hosts finds it with target_session_attrs=read-write.";
  if (context.hint.empty() && contains(message, "cannot use subquery in"))
    context.hint =
        "Write what the query selects, without SELECT; authUid of drizzle-orm/supabase is one: sql`auth.uid()` "
        "instead.";
  if (context.hint.empty() && contains(message, "statement pooling mode"))
    context.hint =
        "PgBouncer pools single statements here. Use the URL of the database itself, or of a pool in session mode.";
  return Error(message, context);
}

Error connection_lost(const PGconn* connection, const std::string& where, std::string_view sql) {
  ErrorContext context;
  context.sqlstate = "08006";
  context.statement = sql;
  context.detail = without_locations(PQerrorMessage(connection));
  context.hint = "The statement may or may not have taken effect: look before you run it again.";
  return Error("the connection to " + where + " was lost while a statement ran", context);
}

}  // namespace sluice::server
