#include "runtime/cli/load_command.hpp"

#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/output_file.hpp"
#include "runtime/gateway/transport/asio.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/ssl.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

namespace ammo::cli {
namespace {

using namespace web;

constexpr std::size_t most_bytes = 4u << 20, most_rows = 5'000; // of one request
constexpr auto patience = std::chrono::seconds(120);            // for one answer
constexpr int most_tries = 10;
constexpr std::size_t most_told = 20; // refusals

struct place {
  std::string host, port;
  bool secure = false;
};

/// "http://127.0.0.1:8088", "https://site.example:8443".
result<place> place_of(std::string url) {
  const bool secure = url.starts_with("https://");
  const std::string scheme = secure ? "https://" : "http://";
  if (!url.starts_with(scheme))
    return {errc::bad_value, "--to: \"" + url + "\" is no address like http://127.0.0.1:8088"};
  url.erase(0, scheme.size());
  while (url.ends_with('/'))
    url.pop_back();
  const auto colon = url.rfind(':');
  const bool with_port = colon != url.npos && url.find(']', colon) == url.npos;
  place out{url.substr(0, with_port ? colon : url.npos), with_port ? url.substr(colon + 1) : secure ? "443"
                                                                                                    : "80",
            secure};
  if (out.host.empty() || out.port.empty() || url.find('/') != url.npos)
    return {errc::bad_value, "--to: \"" + scheme + url + "\" is no address like http://127.0.0.1:8088"};
  if (out.host.starts_with('[') && out.host.ends_with(']'))
    out.host = out.host.substr(1, out.host.size() - 2);
  return out;
}

/// Where the next row of a table ends: after the line, for CSV after the line that ends the record.
std::size_t end_of_row(std::string_view text, std::size_t from, bool csv) {
  bool quoted = false;
  for (; from < text.size(); ++from) {
    if (csv && text[from] == '"')
      quoted = !quoted;
    if (text[from] == '\n' && !quoted)
      return from + 1;
  }
  return text.size();
}

/// One connection, which comes back when it is lost.
class server {
public:
  /// `trusted`: file with certificates beside the system's; empty: the system's alone. `token`: empty: none is sent. Throws what OpenSSL refuses.
  server(place at, const std::string& trusted, std::string token) : at_(std::move(at)), token_(std::move(token)) {
    if (!at_.secure)
      return;
    tls_.set_verify_mode(net::ssl::verify_peer);
    if (trusted.empty())
      tls_.set_default_verify_paths();
    else
      tls_.load_verify_file(trusted);
  }

  /// The answer to a batch. Errors: `system_refused` (nobody listens, or nobody who can be trusted), `timed_out`, `outcome_unknown` (the connection was lost).
  result<http::response<http::string_body>> post(const std::string& body, const std::string& type, const std::string& key) {
    if (!stream_ || !socket().is_open())
      if (auto connected = connect(); !connected)
        return connected.error();
    http::request<http::string_body> asked(http::verb::post, "/v1/goals:batch", 11);
    asked.set(http::field::host, at_.host.find(':') == at_.host.npos ? at_.host : '[' + at_.host + ']');
    asked.set(http::field::content_type, type);
    asked.set("Idempotency-Key", key);
    if (!token_.empty())
      asked.set(http::field::authorization, "Bearer " + token_);
    asked.body() = body;
    asked.prepare_payload();
    http::response<http::string_body> got;
    const auto error = at_.secure ? exchange(*stream_, asked, got) : exchange(stream_->next_layer(), asked, got);
    if (error) {
      stream_.reset();
      return {error == beast::error::timeout ? errc::timed_out : errc::outcome_unknown, error.message()};
    }
    if (!got.keep_alive())
      stream_.reset();
    return got;
  }

private:
  using secure_stream = beast::ssl_stream<beast::tcp_stream>;
  tcp::socket& socket() { return stream_->next_layer().socket(); }

  /// Runs what has been started.
  void run() {
    context_.restart();
    context_.run();
  }
  template <class Stream>
  boost_error exchange(Stream& on, const http::request<http::string_body>& asked, http::response<http::string_body>& got) {
    boost_error error;
    stream_->next_layer().expires_after(patience);
    http::async_write(on, asked, [&](boost_error e, std::size_t) {
      error = e;
      if (!e)
        http::async_read(on, buffer_, got, [&](boost_error failed, std::size_t) { error = failed; });
    });
    run();
    return error;
  }
  result<void> connect() {
    boost_error error;
    net::ip::tcp::resolver resolver(context_);
    const auto found = resolver.resolve(at_.host, at_.port, error);
    stream_.emplace(context_, tls_);
    buffer_.clear();
    if (!error)
      stream_->next_layer().connect(found, error);
    if (!error && at_.secure)
      error = shake_hands();
    if (error) {
      stream_.reset();
      return {errc::system_refused, at_.host + ':' + at_.port + ": " + error.message()};
    }
    return {};
  }
  boost_error shake_hands() {
    stream_->set_verify_callback(net::ssl::host_name_verification(at_.host));
    SSL_set_tlsext_host_name(stream_->native_handle(), at_.host.c_str());
    boost_error error;
    stream_->next_layer().expires_after(patience);
    stream_->async_handshake(net::ssl::stream_base::client, [&](boost_error e) { error = e; });
    run();
    return error;
  }

  place at_;
  const std::string token_;
  net::io_context context_;
  net::ssl::context tls_{net::ssl::context::tls_client};
  std::optional<secure_stream> stream_; // plain: its next layer alone is spoken on
  beast::flat_buffer buffer_;
};

struct outcome {
  std::uint64_t accepted = 0, refused = 0, told = 0;
};

/// Sends one part until the server has taken it; a repeat has the same key, so that nothing is done twice.
result<nlohmann::json> deliver(server& to, const std::string& part, const std::string& type, const std::string& key) {
  failure last;
  for (int tries = 0; tries < most_tries; ++tries) {
    if (tries > 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(std::min(5'000, 100 << tries)));
    auto got = to.post(part, type, key);
    if (!got && got.code() == errc::system_refused)
      return got.error();
    if (!got) {
      last = got.error();
      continue;
    }
    auto said = nlohmann::json::parse(got->body(), nullptr, false);
    if (got->result_int() == 200 && said.is_object() && said.contains("refused"))
      return said;
    const auto name = said.is_object() ? said.value("error", std::to_string(got->result_int())) : std::to_string(got->result_int());
    last = {errc::bad_value, "the server says " + name + (said.is_object() ? ": " + said.value("detail", "") : "")};
    if (got->result_int() != 503)
      return last;
  }
  return last;
}

void tell(const nlohmann::json& said, std::uint64_t first, outcome& all) {
  all.accepted += said.value("accepted", std::uint64_t{0});
  all.refused += said.value("refused_count", std::uint64_t{0});
  for (const auto& r : said["refused"])
    if (all.told++ < most_told)
      std::fprintf(stderr, "ammo: row %llu: %s: %s\n", static_cast<unsigned long long>(first + r.value("index", std::uint64_t{0}) + 1), r.value("error", "").c_str(), r.value("detail", "").c_str());
}

} // namespace

CLI::App& add_load_command(CLI::App& app, load_request& request) {
  auto& load = *app.add_subcommand("load", "Send a table of Goal Buddies to a server: new ones are added, others brought up to date");
  load.add_option("FILE", request.file, "Lines of JSON (.jsonl, .ndjson, .json) or a table (.csv)")->type_name("")->required();
  load.add_option("--to", request.to, "The server")->type_name("URL")->capture_default_str();
  load.add_option("--cacert", request.trusted, "Certificates in PEM to trust for https, in place of the system's")->type_name("FILE");
  load.add_option("--token-file", request.token_file, "Where there are keys: an admin's token; the file is read once")->type_name("FILE");
  load.footer("Examples:\n"
              "  ammo load films.csv\n"
              "  ammo load films.jsonl --to http://127.0.0.1:9000\n"
              "  ammo load films.jsonl --to https://127.0.0.1:8090 --cacert site.pem --token-file admin.token\n\n"
              "Columns and members: docs/gateway.md. Rows that are refused are told with their numbers, and the others are taken.");
  return load;
}

int load(const load_request& request) {
  const bool csv = request.file.ends_with(".csv");
  if (!csv && !request.file.ends_with(".jsonl") && !request.file.ends_with(".ndjson") && !request.file.ends_with(".json"))
    return refuse({errc::bad_value, "FILE: \"" + request.file + "\" is neither .csv nor .jsonl, .ndjson, .json"}, bad_usage);
  const auto at = place_of(request.to);
  if (!at)
    return refuse(at.error(), bad_usage);
  std::ifstream in(request.file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad())
    return refuse({errc::no_such_file, request.file}, bad_usage);

  const auto type = csv ? "text/csv" : "application/x-ndjson";
  std::size_t from = csv ? end_of_row(text, 0, true) : 0;
  const auto header = text.substr(0, from);
  std::random_device dice;
  const auto run = "ammo load " + std::to_string(dice()) + '-' + std::to_string(dice()) + ' ';
  std::string token;
  if (!request.token_file.empty()) {
    std::ifstream said(request.token_file, std::ios::binary);
    if (!(said >> token))
      return refuse({errc::no_such_file, "--token-file: " + request.token_file}, bad_usage);
  }
  if (!request.trusted.empty() && !std::ifstream(request.trusted).is_open())
    return refuse({errc::no_such_file, "--cacert: " + request.trusted}, bad_usage);
  std::optional<server> opened;
  try {
    opened.emplace(*at, request.trusted, std::move(token));
  } catch (const boost::system::system_error& e) {
    return refuse({errc::bad_value, "--cacert: " + std::string(e.what())}, bad_usage);
  }
  server& to = *opened;
  outcome all;
  for (std::uint64_t row = 0; from < text.size();) {
    auto end = from;
    std::uint64_t rows = 0;
    while (end < text.size() && rows < most_rows && (rows == 0 || end - from < most_bytes)) {
      const auto next = end_of_row(text, end, csv);
      rows += text.find_first_not_of(" \t\r\n", end) < next; // an empty line is no row
      end = next;
    }
    const auto said = deliver(to, header + text.substr(from, end - from), type, run + std::to_string(row));
    if (!said)
      return refuse(said.error(), failed);
    tell(*said, row, all);
    row += rows;
    from = end;
  }
  if (all.told > most_told)
    std::fprintf(stderr, "ammo: and %llu more\n", static_cast<unsigned long long>(all.told - most_told));
  if (!put(std::to_string(all.accepted) + " taken, " + std::to_string(all.refused) + " refused\n", stdout))
    return failed;
  return all.refused == 0 ? 0 : failed;
}

} // namespace ammo::cli
