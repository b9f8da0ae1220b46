// One call from JavaScript: its arguments, and work that runs off the event loop.
#pragma once
#include <napi.h>

#include <functional>

#include "addon/arguments.h"
#include "isa/code-path.h"
#include "threads/team.h"

namespace reseed::addon {

using Work = std::function<void(const CodePath&, size_t threads, Stop)>;

/** Argument i, which must be an object; 0 says how to run: threads, code path and the word that stops the work. */
Napi::Object argument(const Napi::CallbackInfo& info, size_t i);

/** Starts the work on another thread and returns its promise. Arguments are held until it is done. */
Napi::Value start(const Napi::CallbackInfo& info, Work work);

}  // namespace reseed::addon
