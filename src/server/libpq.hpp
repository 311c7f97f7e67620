// libpq, loaded when the first connection is opened. What only reads and writes files does without it and the two dozen
// libraries that it brings along (TLS, Kerberos, LDAP): loading them takes as long as reading a small schema.
// Private to this room.
//
// Its functions stand here under their own names, as objects of this namespace: inside of it they are called as ever.
// One that is not in the list is an undefined symbol when the program is linked.
#pragma once

#include <libpq-fe.h>

#include <atomic>

namespace sluice::server {

// The address of a function of libpq. Throws Error if the library is not there.
void* libpq_function(const char* name);

template <class Pointer>
class LibpqFunction;

template <class Result, class... Arguments>
class LibpqFunction<Result (*)(Arguments...)> {
 public:
  constexpr explicit LibpqFunction(const char* name) : name_(name) {}
  Result operator()(Arguments... arguments) const {
    void* address = address_.load(std::memory_order_acquire);
    if (address == nullptr) address_.store(address = libpq_function(name_), std::memory_order_release);
    return reinterpret_cast<Result (*)(Arguments...)>(address)(arguments...);
  }

 private:
  const char* name_;
  mutable std::atomic<void*> address_ = nullptr;
};

// NOLINTBEGIN(readability-identifier-naming): their names are libpq's
#define SLUICE_LIBPQ(name) inline constinit const LibpqFunction<decltype(&::name)> name(#name)
SLUICE_LIBPQ(PQbackendPID);
SLUICE_LIBPQ(PQcancel);
SLUICE_LIBPQ(PQclear);
SLUICE_LIBPQ(PQcmdStatus);
SLUICE_LIBPQ(PQcmdTuples);
SLUICE_LIBPQ(PQconnectPoll);
SLUICE_LIBPQ(PQconnectStartParams);
SLUICE_LIBPQ(PQconnectionUsedPassword);
SLUICE_LIBPQ(PQconninfoFree);
SLUICE_LIBPQ(PQconninfoParse);
SLUICE_LIBPQ(PQconsumeInput);
SLUICE_LIBPQ(PQdb);
SLUICE_LIBPQ(PQenterPipelineMode);
SLUICE_LIBPQ(PQerrorMessage);
SLUICE_LIBPQ(PQexitPipelineMode);
SLUICE_LIBPQ(PQfinish);
SLUICE_LIBPQ(PQflush);
SLUICE_LIBPQ(PQfname);
SLUICE_LIBPQ(PQfreeCancel);
SLUICE_LIBPQ(PQfreemem);
SLUICE_LIBPQ(PQftype);
SLUICE_LIBPQ(PQgetCancel);
SLUICE_LIBPQ(PQgetCopyData);
SLUICE_LIBPQ(PQgetResult);
SLUICE_LIBPQ(PQgetisnull);
SLUICE_LIBPQ(PQgetlength);
SLUICE_LIBPQ(PQgetvalue);
SLUICE_LIBPQ(PQhost);
SLUICE_LIBPQ(PQhostaddr);
SLUICE_LIBPQ(PQisBusy);
SLUICE_LIBPQ(PQnfields);
SLUICE_LIBPQ(PQnotifies);
SLUICE_LIBPQ(PQntuples);
SLUICE_LIBPQ(PQparameterStatus);
SLUICE_LIBPQ(PQpipelineSync);
SLUICE_LIBPQ(PQport);
SLUICE_LIBPQ(PQputCopyData);
SLUICE_LIBPQ(PQputCopyEnd);
SLUICE_LIBPQ(PQresultErrorField);
SLUICE_LIBPQ(PQresultErrorMessage);
SLUICE_LIBPQ(PQresultStatus);
SLUICE_LIBPQ(PQsendPrepare);
SLUICE_LIBPQ(PQsendQuery);
SLUICE_LIBPQ(PQsendQueryParams);
SLUICE_LIBPQ(PQsendQueryPrepared);
SLUICE_LIBPQ(PQserverVersion);
SLUICE_LIBPQ(PQsetErrorVerbosity);
SLUICE_LIBPQ(PQsetNoticeReceiver);
SLUICE_LIBPQ(PQsetnonblocking);
SLUICE_LIBPQ(PQsocket);
SLUICE_LIBPQ(PQstatus);
SLUICE_LIBPQ(PQtransactionStatus);
SLUICE_LIBPQ(PQuser);
#undef SLUICE_LIBPQ
// NOLINTEND(readability-identifier-naming)

}  // namespace sluice::server
