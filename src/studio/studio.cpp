#include "studio/studio.hpp"

#include <cctype>

#include "base/text.hpp"
#include "studio/assets.hpp"
#include "studio/changes.hpp"
#include "studio/transfer.hpp"

namespace sluice::studio {

namespace {

std::string printed(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string text_at(const Json& body, const char* name) {
  const auto found = body.find(name);
  return found != body.end() && found->is_string() ? found->get<std::string>() : "";
}

Json parsed(const std::string& body) {
  Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) throw Error("the request's body is not a JSON object");
  return json;
}

Response failed(const Error& error) {
  return {error.context.exit == Exit::refused ? 403 : 422, "application/json", printed({{"error", error_json(error)}})};
}

// A name that is safe in a header and as a file's.
std::string file_name(const std::string& table, const char* ending) {
  std::string out;
  for (const char c : table) out += std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' ? c : '_';
  return out + ending;
}

}  // namespace

Studio::Studio(HttpServer& server, std::vector<Database> databases, bool read_only, int timeout_seconds,
               Project project, Migrations migrations)
    : server_(server),
      guard_(server.port()),
      databases_(std::move(databases), read_only, timeout_seconds),
      read_only_(read_only),
      project_(std::move(project)),
      migrations_(std::move(migrations)) {}

std::string Studio::address() const {
  return "http://127.0.0.1:" + std::to_string(server_.port()) + "/#token=" + guard_.token();
}

void Studio::run() {
  Handler handler;
  handler.refuse = [this](const Request& request) {
    std::optional<Response> refusal = guard_.refuse(request);
    if (refusal) Guard::add_headers(*refusal, "");
    return refusal;
  };
  handler.answer = [this](const Request& request) {
    try {
      return answer(request);
    } catch (const Error& error) {
      Response response = failed(error);
      Guard::add_headers(response, "");
      return response;
    } catch (const std::exception& error) {  // a request of another form than the page's
      Response response{400, "application/json", printed({{"error", {{"message", error.what()}}}})};
      Guard::add_headers(response, "");
      return response;
    }
  };
  server_.run(std::move(handler));
}

Response Studio::answer(const Request& request) {
  if (!request.path.starts_with("/api/")) return file(request.path);
  Response response = api(request);
  Guard::add_headers(response, "");
  return response;
}

Response Studio::file(const std::string& path) const {
  // The page has paths of its own (/tables/public/users): what is no file is the page.
  std::optional<Asset> found = path.starts_with("/assets/") ? asset(path) : std::nullopt;
  const bool page = !found;
  if (page && path.starts_with("/assets/")) return {404, "text/plain", "there is no such file\n"};
  if (page) found = asset("/index.html");
  if (!found) return {503, "text/plain; charset=utf-8", "this program was built without the studio's page\n"};
  Response response{200, found->type, std::string(found->content)};
  if (page) {
    // The editor makes style elements of its own, and the policy lets those with this word pass.
    const std::string nonce = random_text(16);
    response.body = text::replace_all(response.body, "%NONCE%", nonce);
    Guard::add_headers(response, nonce);
    return response;
  }
  response.headers.emplace_back("Content-Encoding", "gzip");
  // The names of the other files change with their content.
  response.headers.emplace_back("Cache-Control", "max-age=31536000, immutable");
  Guard::add_headers(response, "");
  return response;
}

Response Studio::api(const Request& request) {
  const std::string what = request.path.substr(5);
  if (request.method == "POST") {
    if (what == "session") return guard_.exchange(request);
    return {200, "application/json", printed(post(what, request))};
  }
  if (what == "info") {
    Json list = Json::array();
    for (const Database& database : databases_.all())
      list.push_back({{"id", database.id},
                      {"label", database.label},
                      {"url", server::without_password(database.url)},
                      {"protected", database.is_protected},
                      {"readOnly", databases_.read_only(database.id)}});
    return {200, "application/json",
            printed({{"databases", list},
                     {"readOnly", read_only_},
                     {"directory", project_.directory},
                     {"folder", project_.folder}})};
  }
  if (what == "objects") {
    const Lease connection = databases_.open(request.parameter("database"));
    return {200, "application/json", objects_json(*connection)};
  }
  if (what == "export") return send_export(request);
  if (what == "events") {
    Response response{200, "text/event-stream", ""};
    response.stream = [this](const Response::Write& write) { events_.stream(write); };
    return response;
  }
  return {404, "application/json", R"({"error":{"message":"the studio has no such address"}})"};
}

Response Studio::send_export(const Request& request) {
  const Format format = request.parameter("format") == "json" ? Format::json : Format::csv;
  const std::string schema = request.parameter("schema"), name = request.parameter("table"),
                    database = request.parameter("database");
  const std::string given = request.parameter("request");
  const Json body = given.empty() ? Json::object() : parsed(given);
  {  // what is wrong with it is said before the file begins
    const Lease connection = databases_.open(database);
    Query query;
    where(query, table_info(*connection, schema, name), body.value("filters", Json()));
  }
  Response response{200, format == Format::csv ? "text/csv; charset=utf-8" : "application/json", ""};
  response.headers.emplace_back(
      "Content-Disposition",
      "attachment; filename=\"" + file_name(name, format == Format::csv ? ".csv" : ".json") + "\"");
  response.stream = [this, database, schema, name, body, format](const Response::Write& write) {
    const Lease connection = databases_.open(database);
    export_rows(*connection, table_info(*connection, schema, name), body, format, write);
  };
  return response;
}

Json Studio::save(const Json& body) {
  const std::string database = text_at(body, "database");
  const Lease connection = databases_.open(database);
  const TableInfo table = table_info(*connection, text_at(body, "schema"), text_at(body, "table"));
  const std::vector<Change> changes = changes_of(table, body);
  Json statements = Json::array();
  for (const Change& change : changes) statements.push_back(change.sql);
  if (body.value("preview", false)) return {{"statements", statements}};
  databases_.refuse_read_only(database);
  try {
    apply_changes(*connection, table, changes);
  } catch (const Error& error) {
    return {{"statements", statements}, {"error", error_json(error)}, {"failed", error.context.finished}};
  }
  return {{"statements", statements}, {"saved", changes.size()}};
}

Json Studio::post(const std::string& what, const Request& request) {
  if (what == "import") {
    const std::string database = request.parameter("database");
    databases_.refuse_read_only(database);
    const Lease connection = databases_.open(database);
    const TableInfo table = table_info(*connection, request.parameter("schema"), request.parameter("table"));
    const Json columns = Json::parse(request.parameter("columns"));
    return {{"rows", import_csv(*connection, table, columns.get<std::vector<std::string>>(), request.body)}};
  }
  const Json body = parsed(request.body);
  if (what == "sql") return run_sql(databases_, runs_, body);
  if (what == "explain") return explain_sql(databases_, runs_, body);
  if (what == "cancel") return {{"cancelled", runs_.cancel(databases_, text_at(body, "run"))}};
  if (what == "changes") return save(body);
  if (what.starts_with("migrations/")) return post_migrations(what.substr(11), body);
  if (what == "rows" || what == "count" || what == "value") {
    const Lease connection = databases_.open(text_at(body, "database"));
    const TableInfo table = table_info(*connection, text_at(body, "schema"), text_at(body, "table"));
    if (what == "rows") return read_rows(*connection, table, body);
    return what == "count" ? count_rows(*connection, table, body) : read_value(*connection, table, body);
  }
  throw Error("the studio has no such address");
}

Json Studio::post_migrations(const std::string& what, const Json& body) {
  const Database& database = databases_.find(text_at(body, "database"));
  if (what == "status") return migrations_.status(database);
  if (what == "migration") return migrations_.migration(text_at(body, "tag"));
  if (what == "preflight") return migrations_.preflight(database);
  const std::lock_guard lock(one_at_a_time_);
  if (what == "drift") return migrations_.drift(database);
  if (what == "draft") return migrations_.draft(body);
  if (what == "generate") {
    if (read_only_) databases_.refuse_read_only("");
    return migrations_.generate(body);
  }
  if (what == "apply" || what == "rollback") {
    databases_.refuse_read_only(database.id);
    return (what == "apply" ? migrations_.apply : migrations_.rollback)(database, text_at(body, "to"), events_);
  }
  throw Error("the studio has no such address");
}

}  // namespace sluice::studio
