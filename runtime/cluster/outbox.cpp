#include "runtime/cluster/outbox.hpp"

#include <algorithm>
#include <utility>

namespace ammo::cluster {

bool outbox::add(address to, store::unit_id unit, store::term_number term, std::uint16_t type, store::bytes frame, bool latest) {
  const place at{to, unit, type};
  const auto older = latest ? latest_.find(at) : latest_.end();
  const std::size_t freed = older == latest_.end() ? 0 : older->second->frame.size();
  if (queued_ - freed + frame.size() > limits_.queue) {
    ++shed_[type];
    return false;
  }
  queued_ += frame.size() - freed;
  if (older != latest_.end())
    letters_.erase(older->second);
  letters_.push_back({to, unit, term, std::move(frame), latest ? std::optional(at) : std::nullopt});
  if (latest)
    latest_.insert_or_assign(at, std::prev(letters_.end()));
  return true;
}

store::bytes outbox::sent(batch_writer& w, std::uint64_t received) {
  auto batch = w.take({++number_, received});
  out_.emplace_back(number_, batch.size());
  out_bytes_ += batch.size();
  return batch;
}

std::optional<store::bytes> outbox::next(std::uint64_t received) {
  if (letters_.empty() || out_bytes_ >= limits_.window)
    return std::nullopt;
  batch_writer w(std::min(queued_ + 32 * letters_.size(), limits_.batch));
  while (!letters_.empty() && (w.letters() == 0 || w.size() + letters_.front().frame.size() <= limits_.batch)) {
    const auto& l = letters_.front();
    w.add({l.to, l.unit, l.term, l.frame});
    queued_ -= l.frame.size();
    if (l.latest)
      latest_.erase(*l.latest);
    letters_.pop_front();
  }
  return sent(w, received);
}

store::bytes outbox::acknowledgement(std::uint64_t received) {
  batch_writer none;
  return sent(none, received);
}

bool outbox::on_acknowledged(std::uint64_t number) {
  if (number > number_ || number < acknowledged_)
    return false;
  acknowledged_ = number;
  for (; !out_.empty() && out_.front().first <= number; out_.pop_front())
    out_bytes_ -= out_.front().second;
  return true;
}

void outbox::on_broken() {
  out_.clear();
  out_bytes_ = 0;
  number_ = acknowledged_ = 0;
}

} // namespace ammo::cluster
