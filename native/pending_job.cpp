#include "pending_job.h"

#include <utility>

namespace chainrule {

Napi::Value PendingJob::start(Napi::Env env, Work work) {
  if (!wakeup_ && !createWakeup(env)) return env.Undefined();
  napi_value promise = nullptr;
  napi_create_promise(env, &deferred_, &promise);
  napi_ref_threadsafe_function(env, wakeup_);
  owner_.begun();
  pending_ = true;
  work_ = work;
  if (!thread_.start(run, this)) run(this);
  return Napi::Value(env, promise);
}

// The way from the thread back to JavaScript. It holds the process open only while work is pending.
bool PendingJob::createWakeup(Napi::Env env) {
  const napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "chainrule"), 0, 1, nullptr,
                                                             nullptr, this, onDone, &wakeup_);
  if (status != napi_ok) {
    Napi::Error::New(env, "could not create a thread-safe function").ThrowAsJavaScriptException();
    return false;
  }
  napi_unref_threadsafe_function(env, wakeup_);
  // Hooks run in reverse order: ours joins the thread before Node takes the thread-safe function away.
  napi_add_env_cleanup_hook(env, onTeardown, this);
  return true;
}

// On the thread, where there is one.
void PendingJob::run(void* argument) {
  PendingJob* self = static_cast<PendingJob*>(argument);
  self->result_ = self->work_(self->owner_);
  napi_call_threadsafe_function(self->wakeup_, nullptr, napi_tsfn_nonblocking);
}

// Back on JavaScript's thread; without an environment when it is being torn down.
void PendingJob::onDone(napi_env env, napi_value, void* context, void*) {
  if (env) static_cast<PendingJob*>(context)->settle(env);
}

void PendingJob::settle(Napi::Env env) {
  if (!pending_) return;
  pending_ = false;
  napi_unref_threadsafe_function(env, wakeup_);
  napi_resolve_deferred(env, deferred_, Napi::Number::New(env, static_cast<double>(result_)));
  owner_.settled();
}

// The environment ends (a worker is terminated, say) while the owner is alive: no JavaScript may run any more.
void PendingJob::onTeardown(void* argument) {
  PendingJob* self = static_cast<PendingJob*>(argument);
  self->stop();
  self->pending_ = false;
  napi_release_threadsafe_function(std::exchange(self->wakeup_, nullptr), napi_tsfn_abort);
}

void PendingJob::stop() {
  owner_.cancelWork();
  thread_.join();
}

void PendingJob::close(Napi::Env env) {
  stop();
  settle(env);
  if (!wakeup_) return;
  napi_remove_env_cleanup_hook(env, onTeardown, this);
  napi_release_threadsafe_function(std::exchange(wakeup_, nullptr), napi_tsfn_abort);
}

}  // namespace chainrule
