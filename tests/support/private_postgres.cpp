#include "tests/support/private_postgres.hpp"

#include "tests/support/source_path.hpp"

#include <libpq-fe.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <stdexcept>

namespace ammo::test {

namespace {

/// The script and the socket that is its standard input and output. When the program ends, however it does, the script sees the end of its
/// input.
class server {
public:
  server() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("no socket pair");
    const std::string script = source_path("tests/support/private_postgres");
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], STDIN_FILENO);
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl("/bin/sh", "sh", script.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::close(ends[1]);
    end_ = ends[0];
    address = "host=" + line() + " user=ammo dbname=postgres";
  }
  ~server() {
    ::close(end_);
    ::waitpid(child_, nullptr, 0);
  }
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  void crash(std::chrono::seconds down) {
    const auto order = std::to_string(down.count()) + '\n';
    if (::write(end_, order.data(), order.size()) != static_cast<::ssize_t>(order.size()))
      throw std::runtime_error("the private PostgreSQL has ended");
    (void)line();
  }

  std::string address;

private:
  std::string line() const {
    std::string text;
    for (char c; ::read(end_, &c, 1) == 1;) {
      if (c == '\n')
        return text;
      text += c;
    }
    throw std::runtime_error("the private PostgreSQL didn't start; its own words stand above");
  }
  ::pid_t child_ = 0;
  int end_ = -1;
};

server& the_server() {
  static server one;
  return one;
}

} // namespace

const std::string& private_postgres() { return the_server().address; }

std::string new_postgres_database() {
  static int made = 0;
  const std::string name = "test_" + std::to_string(++made), create = "create database " + name;
  const std::unique_ptr<PGconn, decltype(&PQfinish)> to(PQconnectdb(private_postgres().c_str()), &PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> told(PQexec(to.get(), create.c_str()), &PQclear);
  if (PQresultStatus(told.get()) != PGRES_COMMAND_OK)
    throw std::runtime_error(PQerrorMessage(to.get()));
  const std::string host = private_postgres().substr(5, private_postgres().find(' ') - 5);
  return "postgresql:///" + name + "?host=" + host + "&user=ammo";
}

void crash_private_postgres(std::chrono::seconds down) { the_server().crash(down); }

} // namespace ammo::test
