#include "actors/subspace/publication_mind.hpp"

#include <iterator>
#include <utility>

namespace ammo {

publication_mind::step publication_mind::on_verdict(offerer asker, creation_verdict v) {
  step out;
  if (v.code != errc::ok) {
    out.answers.push_back({asker, std::move(v)});
    return out;
  }
  gathered_.push_back({asker, std::move(v)});
  if (now_ == phase::idle) {
    now_ = phase::gathering;
    out.schedule = true;
  }
  return out;
}

publication_mind::step publication_mind::on_due() {
  step out;
  if (now_ != phase::gathering)
    return out;
  now_ = phase::sending;
  ++broadcasts_;
  under_way_ = std::exchange(gathered_, {});
  out.publish = true;
  return out;
}

publication_mind::step publication_mind::anew() {
  step out;
  under_way_.insert(under_way_.end(), std::make_move_iterator(gathered_.begin()), std::make_move_iterator(gathered_.end()));
  gathered_.clear();
  now_ = phase::sending;
  ++broadcasts_;
  out.publish = true;
  return out;
}

publication_mind::step publication_mind::on_sent(std::uint64_t broadcast) {
  step out;
  if (now_ != phase::sending || broadcast != broadcasts_)
    return out;
  out.answers = std::exchange(under_way_, {});
  out.schedule = !gathered_.empty();
  now_ = out.schedule ? phase::gathering : phase::idle;
  return out;
}

} // namespace ammo
