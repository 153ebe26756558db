#include "runtime/store/postgres_link.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>

namespace ammo::store {

namespace {

std::uint64_t big_endian(const char* from, int size) noexcept {
  std::uint64_t value = 0;
  for (int i = 0; i < size; ++i)
    value = value << 8 | static_cast<unsigned char>(from[i]);
  return value;
}

/// The first line of what the server or libpq says.
std::string first_line(const char* said) {
  std::string line(said ? said : "");
  line.resize(std::min(line.size(), line.find('\n')));
  return line;
}

} // namespace

std::uint64_t postgres_rows::number(int row, int column) const noexcept {
  return null(row, column) ? 0 : big_endian(PQgetvalue(of_.get(), row, column), PQgetlength(of_.get(), row, column));
}

bool postgres_rows::yes(int row, int column) const noexcept { return number(row, column) != 0; }

std::string postgres_rows::text(int row, int column) const {
  return {PQgetvalue(of_.get(), row, column), static_cast<std::size_t>(PQgetlength(of_.get(), row, column))};
}

incarnation postgres_rows::node(int row, int column) const noexcept {
  if (null(row, column) || PQgetlength(of_.get(), row, column) != 16)
    return {};
  const char* from = PQgetvalue(of_.get(), row, column);
  return {big_endian(from, 8), big_endian(from + 8, 8)};
}

bytes postgres_rows::data(int row, int column) const {
  const auto* from = reinterpret_cast<const std::byte*>(PQgetvalue(of_.get(), row, column));
  return {from, from + PQgetlength(of_.get(), row, column)};
}

result<std::unique_ptr<postgres_link>> postgres_link::open(std::string url, postgres_limits limits) {
  std::unique_ptr<postgres_link> made(new postgres_link(std::move(url), limits));
  if (auto connected = made->connect(); !connected)
    return connected.error();
  return made;
}

result<void> postgres_link::connect() {
  prepared_.clear();
  const std::string connect_within = std::to_string(limits_.connect.count()),
                    silent = std::to_string(limits_.silent.count());
  const std::string session =
    "-c idle_in_transaction_session_timeout=2000 -c client_min_messages=warning -c statement_timeout=" +
    std::to_string(limits_.statement.count());
  const std::array names{"connect_timeout",
                         "tcp_user_timeout",
                         "keepalives_idle",
                         "fallback_application_name",
                         "options",
                         "dbname",
                         static_cast<const char*>(nullptr)};
  const std::array values{connect_within.c_str(), silent.c_str(), "5", "ammo", session.c_str(), url_.c_str(),
                          static_cast<const char*>(nullptr)};
  connection_.reset(PQconnectdbParams(names.data(), values.data(), 1)); // the address comes last, so what it says wins
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    failure why{errc::store_unavailable, first_line(PQerrorMessage(connection_.get()))};
    connection_.reset();
    return why;
  }
  PQsetnonblocking(connection_.get(), 1);
  PQsetNoticeReceiver(
    connection_.get(), [](void* link, const PGresult*) { static_cast<postgres_link*>(link)->warned_ = true; }, this);
  // A commit that comes back is on the server's disk at least, whatever its configuration has for others.
  auto kept = execute("select set_config('synchronous_commit', case current_setting('synchronous_commit') when 'off' then 'local' else current_setting('synchronous_commit') end, false)");
  if (!kept)
    connection_.reset();
  return kept;
}

bool postgres_link::waits_for(short events) {
  pollfd on{PQsocket(connection_.get()), events, 0};
  int ready = 0;
  do
    ready = ::poll(&on, 1, static_cast<int>(limits_.patience.count()));
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

answer_ptr postgres_link::answer() {
  PGconn* c = connection_.get();
  for (int left = PQflush(c); left != 0; left = PQflush(c)) // a server that reads nothing may be waiting for us to read
    if (left < 0 || !waits_for(POLLIN | POLLOUT) || PQconsumeInput(c) == 0)
      return nullptr;
  for (answer_ptr last;;) {
    while (PQisBusy(c) != 0)
      if (!waits_for(POLLIN) || PQconsumeInput(c) == 0)
        return nullptr;
    answer_ptr next(PQgetResult(c));
    if (!next)
      return last;
    last = std::move(next);
  }
}

failure postgres_link::failed(const PGresult* answer) {
  const char* state = answer ? PQresultErrorField(answer, PG_DIAG_SQLSTATE) : nullptr;
  const char* said = answer ? PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
  std::string detail = first_line(said ? said : PQerrorMessage(connection_.get()));
  if (!answer && detail.empty())
    detail = "the server has said nothing for " + std::to_string(limits_.patience.count()) + " ms";
  if (!answer || PQstatus(connection_.get()) != CONNECTION_OK)
    connection_.reset();
  const std::string_view code = state ? state : "";
  if (code == "53100")
    return {errc::state_full, detail};
  if (code.starts_with("XX001") || code.starts_with("XX002"))
    return {errc::state_damaged, detail};
  if (code.empty() || code.starts_with("08") || code.starts_with("25P") || code.starts_with("40") ||
      code.starts_with("53") || code.starts_with("55") || code.starts_with("57") || code.starts_with("58"))
    return {errc::store_unavailable, detail};
  return {errc::internal, detail};
}

result<postgres_rows> postgres_link::run(std::string_view sql, std::span<const parameter> parameters) {
  if (!connection_ || PQstatus(connection_.get()) != CONNECTION_OK)
    if (auto connected = connect(); !connected)
      return connected.error();
  warned_ = false;
  auto known = std::ranges::find_if(prepared_, [&](std::string_view p) { return p.data() == sql.data(); });
  const std::string name = "s" + std::to_string(known - prepared_.begin());
  if (known == prepared_.end()) {
    const bool sent = PQsendPrepare(connection_.get(), name.c_str(), std::string(sql).c_str(), 0, nullptr) == 1;
    const auto made = sent ? answer() : nullptr;
    if (PQresultStatus(made.get()) != PGRES_COMMAND_OK)
      return failed(made.get());
    prepared_.push_back(sql);
  }
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  for (const parameter& p : parameters) {
    static constexpr char nothing = 0; // a null pointer would be SQL's null
    values.push_back(!p.binary        ? p.text.c_str()
                     : p.data.empty() ? &nothing
                                      : reinterpret_cast<const char*>(p.data.data()));
    lengths.push_back(static_cast<int>(p.binary ? p.data.size() : p.text.size()));
    formats.push_back(p.binary);
  }
  const bool sent = PQsendQueryPrepared(connection_.get(), name.c_str(), static_cast<int>(values.size()), values.data(), lengths.data(),
                                        formats.data(), 1) == 1;
  auto told = sent ? answer() : nullptr;
  const auto status = PQresultStatus(told.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    return failed(told.get());
  if (warned_)
    return {errc::store_unavailable, "the server warned while it committed: it may not be on the standby"};
  return postgres_rows(std::move(told));
}

result<void> postgres_link::execute(const char* sql) {
  if (!connection_ || PQstatus(connection_.get()) != CONNECTION_OK)
    if (auto connected = connect(); !connected)
      return connected;
  const auto told = PQsendQuery(connection_.get(), sql) == 1 ? answer() : nullptr;
  const auto status = PQresultStatus(told.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    return failed(told.get());
  return {};
}

std::string hexadecimal(const bytes& data) {
  std::string text = "\"\\\\x";
  for (const std::byte b : data) {
    text += "0123456789abcdef"[static_cast<unsigned>(b) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned>(b) & 15];
  }
  return text + "\"";
}

std::string signed_text(std::uint64_t value) { return std::to_string(static_cast<std::int64_t>(value)); }

} // namespace ammo::store
