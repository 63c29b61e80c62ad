// The module that JavaScript sees: a `Session` class, functions and constants.
#define NAPI_DISABLE_CPP_EXCEPTIONS
#include <napi.h>

#include <stdlib.h>
#include <string.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.h"
#include "cpu.h"
#include "csv_object.h"
#include "finite.h"
#include "generated/ops.h"
#include "peak.h"
#include "pending_job.h"
#include "session.h"

namespace chainrule {
namespace {

constexpr int64_t MAX_THREADS = 1024;

void throwError(Napi::Env env, const std::string& message) { Napi::Error::New(env, message).ThrowAsJavaScriptException(); }

// Each JavaScript environment (the main thread, every worker) has its own.
class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports);

  const Isa& isa() const { return *isa_; }

 private:
  // (threads = 1): GFLOP/s
  Napi::Value measurePeak(const Napi::CallbackInfo& info) {
    Arguments arguments(info);
    const int64_t threads = info[0].IsUndefined() ? 1 : arguments.integer(0, "threads", 1, MAX_THREADS);
    if (!arguments.ok()) return info.Env().Undefined();
    return Napi::Number::New(info.Env(), chainrule::measurePeak(*isa_, static_cast<int>(threads)));
  }

  // (buffer, elements) → the first byte of the buffer at which `elements` floats may lie for sessions to share
  Napi::Value alignedStart(const Napi::CallbackInfo& info) {
    Arguments arguments(info);
    const int64_t elements = arguments.integer(1, "elements", 0, MAX_INT32);
    if (!arguments.ok()) return info.Env().Undefined();
    if (!info[0].IsArrayBuffer()) return arguments.fail<Napi::TypeError>("buffer", "an ArrayBuffer"), info.Env().Undefined();
    Napi::ArrayBuffer buffer = info[0].As<Napi::ArrayBuffer>();
    const size_t bytes = static_cast<size_t>(elements) * sizeof(float);
    const uintptr_t offset = chainrule::alignedStart(buffer.Data(), bytes) - reinterpret_cast<uintptr_t>(buffer.Data());
    if (offset + bytes > buffer.ByteLength()) {
      return arguments.fail<Napi::RangeError>("buffer", "room for the elements and what aligns them"), info.Env().Undefined();
    }
    preferHugePages(static_cast<char*>(buffer.Data()) + offset, bytes);
    return Napi::Number::New(info.Env(), static_cast<double>(offset));
  }

  // (values, threads = 1) → the index of the first that is NaN or infinite, or -1
  Napi::Value firstNotFinite(const Napi::CallbackInfo& info) {
    Arguments arguments(info);
    const auto values = arguments.floats(0, "values");
    const int64_t threads = info[1].IsUndefined() ? 1 : arguments.integer(1, "threads", 1, MAX_THREADS);
    if (!arguments.ok()) return info.Env().Undefined();
    const int64_t index =
        chainrule::firstNotFinite(values.Data(), static_cast<int64_t>(values.ElementLength()), static_cast<int32_t>(threads));
    return Napi::Number::New(info.Env(), static_cast<double>(index));
  }

  const Isa* isa_ = nullptr;
};

class SessionObject : public Napi::ObjectWrap<SessionObject>, private PendingJob::Owner {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Session",
                       {InstanceMethod<&SessionObject::write>("write"), InstanceMethod<&SessionObject::read>("read"),
                        InstanceMethod<&SessionObject::share>("share"), InstanceMethod<&SessionObject::bind>("bind"),
                        InstanceMethod<&SessionObject::fill>("fill"), InstanceMethod<&SessionObject::run>("run"),
                        InstanceMethod<&SessionObject::runAsync>("runAsync"), InstanceMethod<&SessionObject::copyAsync>("copyAsync"),
                        InstanceMethod<&SessionObject::giveWay>("giveWay"), InstanceMethod<&SessionObject::cancel>("cancel"),
                        InstanceMethod<&SessionObject::records>("records"), InstanceMethod<&SessionObject::dispose>("dispose")});
  }

  // (code, literals, arenaElements, maximumRows, seed, threads, division, numerics, packable, scratch, shared?); no division: an empty one
  explicit SessionObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SessionObject>(info), job_(*this) {
    Arguments arguments(info);
    const auto code = arguments.typedArray<Napi::Int32Array>(0, "code", napi_int32_array, "an Int32Array");
    const auto literals = arguments.typedArray<Napi::Float64Array>(1, "literals", napi_float64_array, "a Float64Array");
    const int64_t arenaElements = arguments.integer(2, "arenaElements", 0, MAX_INT32);
    const int64_t maximumRows = arguments.integer(3, "maximumRows", 1, MAX_INT32);
    const int64_t seed = arguments.integer(4, "seed", -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER);
    const int32_t threads = static_cast<int32_t>(arguments.integer(5, "threads", 1, MAX_THREADS));
    const auto division = arguments.typedArray<Napi::Int32Array>(6, "division", napi_int32_array, "an Int32Array");
    const Numerics numerics = static_cast<Numerics>(arguments.integer(7, "numerics", 0, NUMERICS_COUNT - 1));
    const std::vector<PackableView> packable = arguments.packable(8);
    const int64_t scratch = arguments.integer(9, "scratch", 0, MAX_INT32);
    const bool shares = !info[10].IsUndefined();
    auto shared = shares ? arguments.floats(10, "shared") : Napi::Float32Array();
    if (!arguments.ok()) return;
    const int64_t sharedElements = shares ? static_cast<int64_t>(shared.ElementLength()) : 0;
    if (sharedElements > arenaElements) {
      arguments.fail<Napi::RangeError>("shared", "at most the arena's " + std::to_string(arenaElements) + " elements");
      return;
    }
    if (division.ElementLength() != 0 && division.ElementLength() != code.ElementLength()) {
      arguments.fail<Napi::RangeError>("division", "as many words as the code has, or none");
      return;
    }
    auto session = std::make_unique<Session>(info.Env().GetInstanceData<Addon>()->isa());
    const Problem problem =
        session->open({code.Data(), division.ElementLength() ? division.Data() : nullptr, code.ElementLength(), literals.Data(),
                       literals.ElementLength(), arenaElements, maximumRows, packable, shares ? shared.Data() : nullptr, sharedElements},
                      {seed, threads, numerics, scratch});
    if (problem.empty()) {
      session_ = std::move(session);
      if (shares) shared_ = Napi::Persistent(shared.As<Napi::Object>());
      reportMemory(info.Env());
    } else {
      throwError(info.Env(), problem);
    }
  }

  void Finalize(Napi::Env env) override { close(env); }

 private:
  // (shared): the shared elements are these, as they are now
  Napi::Value share(const Napi::CallbackInfo& info) {
    const Napi::Value undefined = info.Env().Undefined();
    if (!idle(info.Env())) return undefined;
    Arguments arguments(info);
    auto shared = arguments.floats(0, "shared");
    if (!arguments.ok()) return undefined;
    if (static_cast<int64_t>(shared.ElementLength()) != session_->sharedElements()) {
      arguments.fail<Napi::RangeError>("shared", std::to_string(session_->sharedElements()) + " elements");
      return undefined;
    }
    session_->share(shared.Data());
    shared_ = Napi::Persistent(shared.As<Napi::Object>());
    return undefined;
  }

  // (offset, values)
  Napi::Value write(const Napi::CallbackInfo& info) {
    copyArena(info, "values", [](Session& session, int64_t offset, Napi::Float32Array values) {
      session.write(offset, values.Data(), static_cast<int64_t>(values.ElementLength()));
    });
    return info.Env().Undefined();
  }

  // (offset, out)
  Napi::Value read(const Napi::CallbackInfo& info) {
    copyArena(info, "out",
              [](Session& session, int64_t offset, Napi::Float32Array out) { memcpy(out.Data(), session.at(offset), out.ByteLength()); });
    return info.Env().Undefined();
  }

  template <typename Copy>
  void copyArena(const Napi::CallbackInfo& info, const char* name, Copy copy) {
    if (!idle(info.Env())) return;
    Arguments arguments(info);
    const int64_t offset = arguments.integer(0, "offset", session_->sharedElements(), session_->arenaElements());
    auto values = arguments.floats(1, name);
    if (!arguments.ok() || values.ElementLength() == 0) return;
    if (fits(arguments, name, offset, values)) copy(*session_, offset, values);
  }

  // Throws unless the values fit into the arena from `offset` on.
  bool fits(Arguments& arguments, const char* name, int64_t offset, const Napi::Float32Array& values) {
    const int64_t room = session_->arenaElements() - offset;
    if (static_cast<int64_t>(values.ElementLength()) <= room) return true;
    arguments.fail<Napi::RangeError>(name, "at most " + std::to_string(room) + " elements from offset " + std::to_string(offset) +
                                               ", got " + std::to_string(values.ElementLength()));
    return false;
  }

  // (columns, widths, rows, batchSize, shuffle, before?)
  Napi::Value bind(const Napi::CallbackInfo& info) {
    const Napi::Value undefined = info.Env().Undefined();
    if (!idle(info.Env())) return undefined;
    Arguments arguments(info);
    DataView data;
    data.columns = arguments.columns(0, 1);
    data.rows = arguments.integer(2, "rows", 1, MAX_INT32);
    data.batchSize = arguments.integer(3, "batchSize", 1, MAX_INT32);
    data.shuffle = arguments.boolean(4, "shuffle");
    if (info.Length() > 5) data.before = arguments.integer(5, "before", -1, MAX_SAFE_INTEGER);
    if (!arguments.ok()) return undefined;
    const Problem problem = session_->bind(data);
    if (!problem.empty()) throwError(info.Env(), problem);
    reportMemory(info.Env());
    return undefined;
  }

  // (column, start, values)
  Napi::Value fill(const Napi::CallbackInfo& info) {
    const Napi::Value undefined = info.Env().Undefined();
    if (!idle(info.Env())) return undefined;
    Arguments arguments(info);
    const int64_t column = arguments.integer(0, "column", 0, MAX_INT32);
    const int64_t start = arguments.integer(1, "start", 0, MAX_SAFE_INTEGER);
    const auto values = arguments.floats(2, "values");
    if (!arguments.ok()) return undefined;
    const Problem problem = session_->fill(column, start, values.Data(), values.ElementLength());
    if (!problem.empty()) throwError(info.Env(), problem);
    return undefined;
  }

  // (from, to, repeats, epoch, batch, rows, offset?, values?) → repeats done; the arena's elements from `offset` on are read in `values`
  Napi::Value run(const Napi::CallbackInfo& info) {
    RunRequest request;
    if (!prepare(info, request)) return info.Env().Undefined();
    if (!info[7].IsUndefined() && !lend(info, request.lent)) return info.Env().Undefined();
    return Napi::Number::New(info.Env(), static_cast<double>(session_->run(request)));
  }

  bool lend(const Napi::CallbackInfo& info, Lent& lent) {
    Arguments arguments(info);
    lent.offset = arguments.integer(6, "offset", 0, session_->arenaElements());
    const auto values = arguments.floats(7, "values");
    if (!arguments.ok() || !fits(arguments, "values", lent.offset, values)) return false;
    lent.length = static_cast<int64_t>(values.ElementLength());
    lent.data = values.Data();
    return true;
  }

  // Runs, those on the caller's thread but for their helpers, give way to the process's other threads. Before the first run.
  Napi::Value giveWay(const Napi::CallbackInfo& info) {
    if (!idle(info.Env())) return info.Env().Undefined();
    session_->giveWay();
    job_.giveWay();
    return info.Env().Undefined();
  }

  // With nothing lent: → Promise of the repeats done.
  Napi::Value runAsync(const Napi::CallbackInfo& info) {
    if (!prepare(info, request_)) return info.Env().Undefined();
    return job_.start(info.Env(), [](PendingJob::Owner& owner) {
      SessionObject& self = static_cast<SessionObject&>(owner);
      return self.session_->run(self.request_);
    });
  }

  // (offsets, outs) → Promise of 1 if all that it has copied is finite, else of 0. Nobody changes or transfers the arrays meanwhile.
  Napi::Value copyAsync(const Napi::CallbackInfo& info) {
    const Napi::Value undefined = info.Env().Undefined();
    if (!idle(info.Env())) return undefined;
    Arguments arguments(info);
    copies_ = arguments.copies(0, 1, session_->sharedElements(), session_->arenaElements());
    if (!arguments.ok()) return undefined;
    outs_ = Napi::Persistent(info[1].As<Napi::Object>());
    return job_.start(info.Env(), [](PendingJob::Owner& owner) -> int64_t {
      SessionObject& self = static_cast<SessionObject&>(owner);
      return self.session_->copyFinite(self.copies_) ? 1 : 0;
    });
  }

  void begun() override { Ref(); }

  void settled() override {
    copies_.clear();
    outs_.Reset();
    Unref();
  }

  void cancelWork() override {
    if (session_) session_->cancel();
  }

  bool prepare(const Napi::CallbackInfo& info, RunRequest& request) {
    if (!idle(info.Env())) return false;
    Arguments arguments(info);
    request = arguments.runRequest();
    if (!arguments.ok()) return false;
    const Problem problem = session_->prepare(request);
    if (!problem.empty()) return throwError(info.Env(), problem), false;
    session_->resume();
    reportMemory(info.Env());
    return true;
  }

  Napi::Value cancel(const Napi::CallbackInfo& info) {
    if (session_) session_->cancel();
    return info.Env().Undefined();
  }

  // (out)
  Napi::Value records(const Napi::CallbackInfo& info) {
    const Napi::Value undefined = info.Env().Undefined();
    if (!idle(info.Env())) return undefined;
    Arguments arguments(info);
    auto out = arguments.typedArray<Napi::Float64Array>(0, "out", napi_float64_array, "a Float64Array");
    if (!arguments.ok() || out.ElementLength() == 0) return undefined;
    const Array<double>& records = session_->records();
    if (out.ElementLength() > records.length()) {
      arguments.fail<Napi::RangeError>("out", "at most " + std::to_string(records.length()) + " elements");
      return undefined;
    }
    memcpy(out.Data(), records.data(), out.ByteLength());
    return undefined;
  }

  Napi::Value dispose(const Napi::CallbackInfo& info) {
    close(info.Env());
    return info.Env().Undefined();
  }

  // Throws unless the session is open and no run is under way.
  bool idle(Napi::Env env) {
    if (!session_) return throwError(env, "this session is disposed"), false;
    if (job_.isPending()) return throwError(env, "this session is running: await runAsync first"), false;
    return true;
  }

  // Cancels and waits for a run under way, then frees everything. May be called again.
  void close(Napi::Env env) {
    job_.close(env);
    session_.reset();
    shared_.Reset();
    reportMemory(env);
  }

  // Tells the garbage collector how much memory hangs on this object.
  void reportMemory(Napi::Env env) {
    const int64_t bytes = session_ ? session_->bytes() : 0;
    Napi::MemoryManagement::AdjustExternalMemory(env, bytes - std::exchange(reported_, bytes));
  }

  std::unique_ptr<Session> session_;
  // Keeps what is shared from being collected.
  Napi::ObjectReference shared_;
  int64_t reported_ = 0;
  PendingJob job_;
  RunRequest request_{};
  // What `copyAsync` copies, and its arrays until it is done.
  std::vector<ArenaCopy> copies_;
  Napi::ObjectReference outs_;
};

Addon::Addon(Napi::Env env, Napi::Object exports) {
  std::string error;
  isa_ = chooseIsa(getenv("CHAINRULE_ISA"), error);
  if (!isa_) {
    throwError(env, error);
    return;
  }
  const std::vector<const Isa*> available = availableIsas();
  Napi::Array isas = Napi::Array::New(env, available.size());
  for (uint32_t i = 0; i < available.size(); i++) isas.Set(i, Napi::String::New(env, available[i]->name));
  DefineAddon(exports,
              {InstanceValue("tableHash", Napi::Number::New(env, TABLE_HASH), napi_enumerable),
               InstanceValue("programVersion", Napi::Number::New(env, PROGRAM_VERSION), napi_enumerable),
               InstanceValue("isa", Napi::String::New(env, isa_->name), napi_enumerable), InstanceValue("isas", isas, napi_enumerable),
               InstanceValue("multipliesBfloat16", Napi::Boolean::New(env, isa_->multipliesBfloat16), napi_enumerable),
               InstanceMethod<&Addon::measurePeak>("measurePeak", napi_enumerable),
               InstanceMethod<&Addon::firstNotFinite>("firstNotFinite", napi_enumerable),
               InstanceMethod<&Addon::alignedStart>("alignedStart", napi_enumerable),
               InstanceValue("slackBytes", Napi::Number::New(env, HUGE_PAGE_BYTES), napi_enumerable),
               InstanceValue("Session", SessionObject::define(env), napi_enumerable),
               InstanceValue("csvVersion", Napi::Number::New(env, CSV_VERSION), napi_enumerable),
               InstanceValue("CsvLines", defineCsvLines(env), napi_enumerable)});
}

}  // namespace

NODE_API_NAMED_ADDON(chainrule, Addon)

}  // namespace chainrule
