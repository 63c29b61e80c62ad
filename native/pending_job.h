// Work on a thread of its own that JavaScript awaits. With addon.cpp and arguments.h, all that knows Node-API.
#pragma once

#define NAPI_DISABLE_CPP_EXCEPTIONS
#include <napi.h>

#include "training_thread.h"

namespace chainrule {

class PendingJob {
 public:
  // Whose work it is. Not collected while the work is pending: `begun` and `settled` hold and let go.
  class Owner {
   public:
    virtual void begun() = 0;
    virtual void settled() = 0;
    // Makes the work end early.
    virtual void cancelWork() = 0;

   protected:
    ~Owner() = default;
  };

  // May run on any thread. The promise resolves to its result.
  using Work = int64_t (*)(Owner& owner);

  explicit PendingJob(Owner& owner) : owner_(owner) {}

  // From the start to the promise's settling. Looked at on JavaScript's thread only, from which all else here is called too.
  bool isPending() const { return pending_; }

  // The thread gives way to the process's others. Before the first start.
  void giveWay() { thread_.giveWay(); }

  // Off this thread, or on it where the system gives no other: → Promise. Throws in JavaScript where that cannot be; then nothing is pending.
  // Nothing must be pending before.
  Napi::Value start(Napi::Env env, Work work);

  // Cancels the work under way and waits for it. May be called again.
  void close(Napi::Env env);

 private:
  bool createWakeup(Napi::Env env);
  static void run(void* argument);
  static void onDone(napi_env env, napi_value, void* context, void*);
  static void onTeardown(void* argument);
  void stop();
  void settle(Napi::Env env);

  Owner& owner_;
  TrainingThread thread_;
  napi_threadsafe_function wakeup_ = nullptr;
  napi_deferred deferred_ = nullptr;
  Work work_ = nullptr;
  int64_t result_ = 0;
  bool pending_ = false;
};

}  // namespace chainrule
