// Connection texts as people have them: URLs written for node drivers, Prisma or JDBC, and libpq's "key=value" form.
// We take them apart ourselves instead of leaving it to libpq, for two reasons: parameters that only other drivers know
// must not stop us, and libpq's complaints about a text can quote a piece of the password.
#pragma once

#include <map>
#include <string>

namespace sluice::server {

using Settings = std::map<std::string, std::string>;  // libpq's keywords

// Throws Error that names the wrong part and never quotes a password.
Settings parse_connection_text(const std::string& text);

}  // namespace sluice::server
