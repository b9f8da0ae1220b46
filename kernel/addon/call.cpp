// Runs the work of a call on a thread of libuv's pool, which starts the others, and settles the promise of the call.
#include "addon/call.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace reseed::addon {
namespace {

class Worker : public Napi::AsyncWorker {
 public:
  Worker(const Napi::CallbackInfo& info, Work work)
      : AsyncWorker(info.Env(), "reseed"), work_(std::move(work)), deferred_(Napi::Promise::Deferred::New(info.Env())) {
    const Napi::Object run = argument(info, 0);
    threads_ = std::max<size_t>(1, countAt(run, "threads"));
    stop_.word = arrayAt<int32_t>(run, "stop", 1);
    path_ = &codePathByName(run.Get("path").ToString().Utf8Value());
    const Napi::Array held = Napi::Array::New(info.Env(), info.Length());
    for (uint32_t i = 0; i < info.Length(); i++) held.Set(i, info[i]);
    held_ = Napi::Persistent(held.As<Napi::Object>());
  }

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { work_(*path_, threads_, stop_); }
  void OnOK() override { deferred_.Resolve(Env().Undefined()); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Work work_;
  Napi::Promise::Deferred deferred_;
  Napi::ObjectReference held_;
  size_t threads_ = 1;
  Stop stop_{};
  const CodePath* path_ = nullptr;
};

}  // namespace

Napi::Object argument(const Napi::CallbackInfo& info, size_t i) {
  if (!info[i].IsObject()) throw Napi::TypeError::New(info.Env(), "an argument is not an object");
  return info[i].As<Napi::Object>();
}

Napi::Value start(const Napi::CallbackInfo& info, Work work) {
  std::unique_ptr<Worker> worker;
  try {
    worker = std::make_unique<Worker>(info, std::move(work));
  } catch (const std::invalid_argument& error) {
    throw Napi::TypeError::New(info.Env(), error.what());
  }
  const Napi::Promise promise = worker->promise();
  // The worker deletes itself when it is done.
  worker.release()->Queue();
  return promise;
}

}  // namespace reseed::addon
