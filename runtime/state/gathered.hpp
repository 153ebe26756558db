/// Questions to many bodies at once, and their answers on the thread that waits for them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace ammo {

/// Bodies that are asked at once.
inline constexpr std::size_t at_once = 256;

/// States that bodies were asked for. Whoever is asked answers, or drops the question.
template <class State>
class gathered {
public:
  /// A question's way back. It counts as answered when the last copy of it is gone.
  std::function<void(std::uint64_t, State)> question() {
    const auto whole = whole_;
    {
      const std::scoped_lock turn(whole->turn);
      ++whole->open;
    }
    const std::shared_ptr<void> asked(nullptr, [whole](void*) {
      const std::scoped_lock turn(whole->turn);
      if (--whole->open == 0)
        whole->changed.notify_all();
    });
    return [whole, asked](std::uint64_t place, State s) {
      const std::scoped_lock turn(whole->turn);
      whole->all.emplace_back(place, std::move(s));
    };
  }
  /// All that have answered; false: the time is over.
  bool wait(std::chrono::milliseconds within) {
    std::unique_lock turn(whole_->turn);
    return whole_->changed.wait_for(turn, within, [this] { return whole_->open == 0; });
  }
  std::vector<std::pair<std::uint64_t, State>> take() {
    const std::scoped_lock turn(whole_->turn);
    return std::exchange(whole_->all, {});
  }

private:
  struct shared {
    std::mutex turn;
    std::condition_variable changed;
    std::size_t open = 0;
    std::vector<std::pair<std::uint64_t, State>> all;
  };
  std::shared_ptr<shared> whole_ = std::make_shared<shared>();
};

} // namespace ammo
