/// Many Goal Buddies in one request: those that are new are added, those that are here are brought up to date.
#include "runtime/gateway/service/permission.hpp"
#include "runtime/gateway/service/service.hpp"
#include "runtime/gateway/text/goal_document.hpp"
#include "runtime/gateway/text/members.hpp"
#include "runtime/gateway/text/table.hpp"

#include <algorithm>
#include <mutex>

namespace ammo::web {
namespace {

constexpr std::size_t under_way_at_once = 256;
constexpr std::size_t most_refusals_told = 1'000;

/// Carries out a table, so many rows at a time; answers after the last. Usable from any thread.
class batch : public std::enable_shared_from_this<batch> {
public:
  batch(shared_service with, request&& r, answerer to) : with_(std::move(with)), asked_(std::move(r)), to_(std::move(to)) {
    const std::string_view type = asked_.content_type;
    if (type.starts_with("text/csv"))
      rows_ = std::make_unique<csv_rows>(asked_.body);
    else if (type.starts_with("application/x-ndjson") || type.starts_with("application/jsonl") || type.starts_with("application/json-seq"))
      rows_ = std::make_unique<json_lines>(asked_.body);
    else
      throw refusal(fault::unsupported_type, "\"" + asked_.content_type.substr(0, 80) + "\"; application/x-ndjson and text/csv are read");
    (void)key_of(asked_);
  }

  /// Starts what may start. Whoever comes while another thread does so leaves it to that one.
  void go() {
    std::unique_lock locked(changing_);
    if (going_)
      return;
    going_ = true;
    while (!ended_ && under_way_ < under_way_at_once) {
      const auto number = begun_;
      goal_spec spec;
      try {
        document row;
        if (!rows_->next(row)) {
          ended_ = true;
          break;
        }
        ++begun_;
        members from(row);
        spec = goal_of(from, goal_id{from.needed_id("goal")});
        from.end();
        permit_in(asked_.who, spec.subspace);
      } catch (const refusal& why) {
        begun_ = number + 1;
        refuse(number, why);
        continue;
      }
      ++under_way_;
      locked.unlock(); // what is refused at once is heard of at once
      add(number, std::move(spec));
      locked.lock();
    }
    going_ = false;
    if (ended_ && under_way_ == 0 && !answered_) {
      answered_ = true;
      locked.unlock();
      answer();
    }
  }

private:
  /// A row without a place can only be of a Goal Buddy that is here.
  void add(std::size_t number, goal_spec spec) {
    auto later = std::make_shared<goal_spec>(spec);
    if (spec.grounded.empty())
      return look_up(number, later);
    with_->rt.add_goal(
      std::move(spec), [self = shared_from_this(), number, later](const result<creation_receipt>& made) {
        if (!made && made.code() == errc::duplicate_goal)
          self->look_up(number, later);
        else
          self->hear(number, made.code(), made ? failure{} : made.error());
      },
      key_of(asked_, 3 * number));
  }

  /// Of a Goal Buddy that is here already, the creation that is live.
  void look_up(std::size_t number, const std::shared_ptr<goal_spec>& spec) {
    try {
      permit_in(asked_.who, {}); // it may live in any subspace, whatever the row says
    } catch (const refusal& why) {
      return hear_refused(number, why);
    }
    with_->rt.write({.goal = spec->goal, .order = writing_order::recall}, [self = shared_from_this(), number, spec](const result<written_receipt>& live) {
      if (!live)
        return self->hear(number, live.code(), live.error());
      self->move(number, *spec, *live);
    });
  }

  /// The creation gets what the row says of place, item and tags, and everything that people's buddies know goes on to hold.
  void move(std::size_t number, const goal_spec& spec, const written_receipt& live) {
    creation_spec to;
    to.goal = spec.goal;
    to.replaces = live.creation.creation;
    to.e = spec.grounded.empty() ? live.e : spec.grounded;
    to.content = spec.content;
    to.item = spec.item;
    to.tags = spec.tags;
    auto again = std::make_shared<creation_spec>(to);
    with_->rt.create(
      std::move(to), [self = shared_from_this(), number, again](const result<creation_receipt>& made) {
        if (!made && made.code() == errc::unknown_creation)
          self->replace(number, again);
        else
          self->hear(number, made.code(), made ? failure{} : made.error());
      },
      key_of(asked_, 3 * number + 1));
  }

  /// A Goal Buddy whose creation the host has moved before doesn't know what is live: all of it gives way to a new one.
  void replace(std::size_t number, const std::shared_ptr<creation_spec>& to) {
    to->replaces = no_creation;
    with_->rt.withdraw(to->goal, [self = shared_from_this(), number, to](const result<void>& gone) {
      if (!gone && gone.code() != errc::unknown_creation)
        return self->hear(number, gone.code(), gone.error());
      self->with_->rt.create(
        std::move(*to), [self, number](const result<creation_receipt>& made) {
          self->hear(number, made.code(), made ? failure{} : made.error());
        },
        key_of(self->asked_, 3 * number + 2));
    });
  }

  void hear(std::size_t number, errc code, const failure& why) {
    {
      std::lock_guard locked(changing_);
      --under_way_;
      if (code == errc::ok)
        ++accepted_;
      else
        refuse(number, refusal(why));
    }
    go();
  }

  void hear_refused(std::size_t number, const refusal& why) {
    {
      std::lock_guard locked(changing_);
      --under_way_;
      refuse(number, why);
    }
    go();
  }

  void refuse(std::size_t number, const refusal& why) {
    ++refused_count_;
    if (refused_.size() < most_refusals_told)
      refused_.emplace_back(number, why);
  }

  void answer() {
    std::ranges::sort(refused_, {}, [](const auto& r) { return r.first; });
    document refused = document::array();
    for (const auto& [number, why] : refused_)
      refused.push_back({{"index", number}, {"error", why.name()}, {"detail", why.detail()}});
    auto out = answer_with(200, {{"accepted", accepted_}, {"refused_count", refused_count_}, {"refused", std::move(refused)}}, asked_.answer);
    for (const auto& [_, why] : refused_)
      if (!why.of_runtime())
        out.faults.push_back(why.what_fault());
    to_(std::move(out));
  }

  const shared_service with_;
  const request asked_;
  const answerer to_;
  std::unique_ptr<table_reader> rows_;
  std::mutex changing_; ///< all that follows
  bool going_ = false, ended_ = false, answered_ = false;
  std::size_t begun_ = 0, under_way_ = 0, accepted_ = 0, refused_count_ = 0;
  std::vector<std::pair<std::size_t, refusal>> refused_;
};

} // namespace

void add_batch_calls(std::vector<route>& all, const shared_service& with) {
  all.push_back({"post_goals", "POST", "/v1/goals:batch", [with](request&& r, answerer to) { std::make_shared<batch>(with, std::move(r), std::move(to))->go(); }, reach::admin, false, true, true});
}

} // namespace ammo::web
