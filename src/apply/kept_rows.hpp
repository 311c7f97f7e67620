// What keeping and bringing back share (kept.cpp, kept_back.cpp).
#pragma once

#include <string>
#include <vector>

#include "server/connection.hpp"

namespace sluice::apply {

// The table of a copy.
std::string store_name(const std::string& id);

// Built-in types are copied as they are; others as text, since a copy must not stand in the way of DROP TYPE or DROP
// COLLATION.
inline constexpr const char* column_query =
    "SELECT a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), t.typnamespace = 'pg_catalog'::regnamespace AND "
    "a.attcollation IN (0, 100, 950), a.attgenerated, a.attidentity FROM pg_catalog.pg_attribute a JOIN "
    "pg_catalog.pg_type t ON t.oid = a.atttypid "
    "WHERE "
    "a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

std::string copied(const std::string& column, bool built_in);

// The rows of the table itself: those of tables that inherit from it are theirs.
std::string rows_of(server::Connection& connection, const std::string& oid);

// For the time of a copy no policy hides rows from the owner, and for the time of a restoration no trigger of the
// user's changes them or counts them as new; what goes through text is written and read in one way, whatever the
// session says. Gives the statements that put all back. Triggers stay as they are where a deferred constraint may wait
// for the end of the transaction: PostgreSQL alters no table with pending events.
std::vector<std::string> undisturbed(server::Connection& connection, const std::string& oid, bool triggers);
void put_back(server::Connection& connection, const std::vector<std::string>& statements);

// True if the error says nothing of the statement: a lock that was not got, a deadlock, a cancel, Ctrl-C, a lost
// connection. The whole attempt has failed then, not what was tried within it.
bool is_of_the_moment(const server::Connection& connection, const Error& error);

// Lets go of a copy.
void forget(server::Connection& connection, const std::string& id);

}  // namespace sluice::apply
