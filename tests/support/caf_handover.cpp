/// Tells the thread sanitizer what CAF guarantees: what a sender did happens before its message is handled, and an
/// actor handles one message after the other. The distribution's CAF isn't instrumented, so that the sanitizer can't see
/// the atomics of its mailboxes and takes every hand-over for a race. These functions step in front of CAF's own ones.
#include <caf/all.hpp>

#include <dlfcn.h>

extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);

/// An ending actor closes its mailbox and then destroys what was never handled. What comes between these functions' word of the hand-over and
/// that closing is a race to nobody but the sanitizer: the closing is atomic, and can't be stepped in front of.
extern "C" const char* __tsan_default_suppressions() { return "race:caf::scheduled_actor::cleanup\nrace:caf::scheduled_actor::finalize\n"; }

namespace {

/// CAF's own function behind the one that stands in front of it.
template <class Function>
Function* original(const char* symbol) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, symbol));
}

} // namespace

namespace caf {

/// References are counted: what was done before one was given up happens before the last one's owner destroys the actor.
void intrusive_ptr_release(actor_control_block* x) {
  static auto* const next = original<void(actor_control_block*)>("_ZN3caf21intrusive_ptr_releaseEPNS_19actor_control_blockE");
  __tsan_release(x);
  next(x);
}

/// Whoever gives up the last weak reference frees the block, after everybody else has let go of it.
void intrusive_ptr_release_weak(actor_control_block* x) {
  static auto* const next = original<void(actor_control_block*)>("_ZN3caf26intrusive_ptr_release_weakEPNS_19actor_control_blockE");
  __tsan_release(x);
  __tsan_acquire(x);
  next(x);
}

/// What a message holds is shared by all who are sent it, and the last of them destroys it. CAF does the same, where the sanitizer can't see it.
void ref_counted::deref() const noexcept {
  if (rc_.fetch_sub(1, std::memory_order_acq_rel) == 1)
    request_deletion(true);
}

void local_actor::on_destroy() {
  static auto* const next = original<void(local_actor*)>("_ZN3caf11local_actor10on_destroyEv");
  __tsan_acquire(ctrl());
  next(this);
}

void scheduled_actor::enqueue(mailbox_element_ptr element, execution_unit* context) {
  static auto* const next = original<void(scheduled_actor*, mailbox_element_ptr, execution_unit*)>(
    "_ZN3caf15scheduled_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEEPNS_14execution_unitE");
  __tsan_release(this);
  next(this, std::move(element), context);
}

void scheduled_actor::launch(execution_unit* context, bool lazy, bool hide) {
  static auto* const next = original<void(scheduled_actor*, execution_unit*, bool, bool)>(
    "_ZN3caf15scheduled_actor6launchEPNS_14execution_unitEbb");
  __tsan_release(this);
  next(this, context, lazy, hide);
}

resumable::resume_result scheduled_actor::resume(execution_unit* context, size_t max_throughput) {
  static auto* const next = original<resume_result(scheduled_actor*, execution_unit*, size_t)>(
    "_ZN3caf15scheduled_actor6resumeEPNS_14execution_unitEm");
  __tsan_acquire(this);
  return next(this, context, max_throughput);
}

invoke_message_result scheduled_actor::consume(mailbox_element& element) {
  static auto* const next = original<invoke_message_result(scheduled_actor*, mailbox_element&)>(
    "_ZN3caf15scheduled_actor7consumeERNS_15mailbox_elementE");
  __tsan_acquire(this);
  auto result = next(this, element);
  __tsan_release(this);
  return result;
}

bool scheduled_actor::activate(execution_unit* context) {
  static auto* const next = original<bool(scheduled_actor*, execution_unit*)>(
    "_ZN3caf15scheduled_actor8activateEPNS_14execution_unitE");
  __tsan_acquire(this);
  const bool result = next(this, context);
  __tsan_release(this);
  return result;
}

/// Destroys what was never handled.
bool scheduled_actor::cleanup(error&& reason, execution_unit* context) {
  static auto* const next = original<bool(scheduled_actor*, error&&, execution_unit*)>(
    "_ZN3caf15scheduled_actor7cleanupEONS_5errorEPNS_14execution_unitE");
  __tsan_acquire(this);
  return next(this, std::move(reason), context);
}

void blocking_actor::enqueue(mailbox_element_ptr element, execution_unit* context) {
  static auto* const next = original<void(blocking_actor*, mailbox_element_ptr, execution_unit*)>(
    "_ZN3caf14blocking_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEEPNS_14execution_unitE");
  __tsan_release(this);
  next(this, std::move(element), context);
}

void blocking_actor::await_data() {
  static auto* const next = original<void(blocking_actor*)>("_ZN3caf14blocking_actor10await_dataEv");
  next(this);
  __tsan_acquire(this);
}

bool blocking_actor::await_data(timeout_type until) {
  static auto* const next = original<bool(blocking_actor*, timeout_type)>(
    "_ZN3caf14blocking_actor10await_dataENSt6chrono10time_pointINS1_3_V212system_clock"
    "ENS1_8durationIlSt5ratioILl1ELl1000000000EEEEEE");
  const bool result = next(this, until);
  __tsan_acquire(this);
  return result;
}

} // namespace caf
