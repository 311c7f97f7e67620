// What PostgreSQL makes of names: it keeps 63 bytes of them, and makes up those that were not given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/schema.hpp"

namespace sluice::model {

inline constexpr size_t max_name_bytes = 63;

// The first `bytes` of the name, never half a UTF-8 character: what PostgreSQL keeps of it.
std::string clipped(std::string_view name, size_t bytes = max_name_bytes);
// True if PostgreSQL takes both for one name.
bool same_name(std::string_view a, std::string_view b);
// The name with something behind it, in 63 bytes.
std::string with_suffix(std::string_view name, std::string_view suffix);

// PostgreSQL's name for what was given none: users_pkey, users_id_seq. `column` may be empty.
std::string implicit_name(const std::string& table, const std::string& column, const std::string& label);

// Eight letters that stand for a text.
std::string checksum(std::string_view text);

// The same two for objects of ours: where something must be cut they have a checksum of it, so that names that differ
// only at their end do not become one.
std::string own_name(std::string_view name, std::string_view suffix);
std::string own_name(const std::string& table, const std::string& column, const std::string& label);

// An identity ("FUNCTION public.f(integer, text)") in plain letters: PostgreSQL spells them in more ways than one.
std::string plain_identity(const std::string& identity);

// drizzle gives constraints and indexes names of any length, and two of them may begin with the same 63 bytes. The
// schema with such names told apart by a checksum; nothing if there are none. The first in the order of the full names
// keeps what PostgreSQL makes of it.
std::optional<Schema> with_distinct_names(const Schema& schema);

// The schema as PostgreSQL takes it, for comparing and planning: with distinct names, and with the schema of each
// column's enum. Snapshots do not always say that one: those of version 5, those that people wrote, and those of
// projects where drizzle-kit does not know drizzle's enum by its class
// (`schema.enum('name', Object)`). An enum of that name in public is meant, else the only one in another schema.
// Nothing if it is the schema itself.
std::optional<Schema> as_in_database(const Schema& schema);

}  // namespace sluice::model
