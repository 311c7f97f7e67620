// Statements that run outside a transaction cannot be committed together with the note that they ran. So their intent
// is noted first, with what the catalog said then; a run that finds an intent asks the catalog whether it took effect.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/connection.hpp"

namespace sluice::apply {

// What must be known of the state before `statement`, to tell later what is its work. Changes nothing.
std::string state_before(server::Connection& connection, std::string_view statement);

enum class Effect {
  took_effect,
  none,     // nothing of it is there, or it may be repeated
  half,     // an invalid index that is provably the statement's own: tidy_up() removes it
  unclear,  // something is there that may be another's
};

struct Found {
  Effect effect = Effect::none;
  std::string object;     // what was looked at, quoted and qualified
  std::string repair;     // for Effect::half: the statement that makes way for the next attempt
  bool finishes = false;  // for Effect::half: `repair` completes the statement instead
};

// Asks the catalog what has become of `statement`; `before` is of state_before().
Found look_for_effect(server::Connection& connection, std::string_view statement, const std::string& before);

// After a statement that failed: what it has changed all the same ("The index public.a is invalid now: …"), or "".
std::string what_it_left(server::Connection& connection, std::string_view statement);
// Invalid indexes that some REINDEX CONCURRENTLY left where `statement` has worked, each with what drops it.
std::vector<std::string> left_by_reindex(server::Connection& connection, std::string_view statement);

}  // namespace sluice::apply
