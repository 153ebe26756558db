#include "runtime/cli/terminal/progress_bar.hpp"

#include "runtime/cli/terminal/terminal.hpp"
#include "runtime/report/report_format.hpp"
#include "runtime/report/terminal_text.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace ammo::cli {
namespace {

constexpr const char* clear_line = "\r\x1b[2K";

std::string minutes(double seconds) {
  auto whole = static_cast<long>(std::ceil(std::min(seconds, 359'999.0)));
  auto rest = std::to_string(whole % 60);
  return std::to_string(whole / 60) + ':' + (rest.size() < 2 ? "0" : "") + rest;
}

} // namespace

std::string progress_line(const progress& p, double seconds, std::size_t columns) {
  double done = p.rounds_all == 0 ? 0 : static_cast<double>(p.rounds_done) / static_cast<double>(p.rounds_all);
  auto name = pad_right(std::string(p.policy), 9);
  auto numbers = pad_left(fixed(std::floor(100 * done), 0) + " %", 6);
  if (done > 0)
    numbers += "  " + minutes(seconds / done - seconds) + " left";
  numbers += "  regret " + fixed(p.slate_regret, 3);
  auto used = width_of(name) + width_of(numbers) + 2;
  auto room = std::clamp<std::size_t>(columns > used ? columns - used : 0, 4, 40);
  return cut(name + ' ' + bar(done, room) + numbers, columns);
}

progress_bar::~progress_bar() {
  if (!drawn_)
    return;
  std::fputs(clear_line, stream_);
  std::fflush(stream_);
}

void progress_bar::show(const progress& p) {
  const auto now = time_->now();
  if (!wanted_ || (drawn_ && now - drawn_at_ < std::chrono::milliseconds(100)))
    return;
  auto line = progress_line(p, std::chrono::duration<double>(now - start_).count(), columns_of(stream_) - 1);
  std::fprintf(stream_, "%s%s", clear_line, line.c_str());
  std::fflush(stream_);
  drawn_ = true;
  drawn_at_ = now;
}

} // namespace ammo::cli
