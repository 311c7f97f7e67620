#include "read/typescript/packages.hpp"

#include <array>

#include "base/text.hpp"

namespace sluice::read {

namespace {

constexpr std::array answered = {
    "drizzle-orm",      "drizzle-kit", "dotenv",      "dotenv-expand", "dotenv-flow",
    "@dotenvx/dotenvx", "@next/env",   "server-only", "client-only",
};

// A schema that imports its client as well must not need the client's package, nor open a connection.
constexpr std::array drivers = {
    "pg",
    "pg-native",
    "pg-pool",
    "pg-cursor",
    "postgres",
    "pgpass",
    "@neondatabase/serverless",
    "@vercel/postgres",
    "@vercel/postgres-kysely",
    "@electric-sql/pglite",
    "@xata.io/client",
    "@planetscale/database",
    "@aws-sdk/client-rds-data",
    "@aws-sdk/credential-providers",
    "@google-cloud/cloud-sql-connector",
    "mysql2",
    "better-sqlite3",
    "sqlite3",
    "@libsql/client",
    "@tidbcloud/serverless",
    "@op-engineering/op-sqlite",
    "expo-sqlite",
    "sql.js",
    "kysely",
    "knex",
    "@prisma/client",
    "ioredis",
    "redis",
    "@upstash/redis",
    "ws",
    "bufferutil",
    "utf-8-validate",
    "gel",
    "@supabase/supabase-js",
    "@supabase/ssr",
};

}  // namespace

const std::vector<std::string>& external_flags() {
  static const std::vector<std::string> flags = [] {
    std::vector<std::string> result;
    for (const char* name : answered) result.push_back(std::string("--external:") + name);
    for (const char* name : drivers) result.push_back(std::string("--external:") + name);
    result.emplace_back("--external:*.node");  // native code: requiring it throws
    result.emplace_back("--external:bun:*");
    result.emplace_back("--external:cloudflare:*");
    return result;
  }();
  return flags;
}

const std::string& driver_pattern() {
  static const std::string pattern = [] {
    std::string result = "^(drizzle-kit/.*|bun:.*|cloudflare:.*";
    for (const char* name : drivers) result += std::string("|") + text::replace_all(name, ".", "\\.");
    return result + ")(/|$)";
  }();
  return pattern;
}

std::filesystem::path find_package(const std::filesystem::path& from, const std::string& name) {
  std::error_code error;
  for (std::filesystem::path at = from;; at = at.parent_path()) {
    std::filesystem::path package = at / "node_modules" / name;
    if (std::filesystem::exists(package / "package.json", error)) return package;
    if (at == at.parent_path()) return {};
  }
}

}  // namespace sluice::read
