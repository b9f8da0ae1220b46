// Memory for rows that are packed in panels, and how many panels they take.
#pragma once
#include <cstddef>
#include <cstdint>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace reseed {

/** Bytes that are not initialised, aligned so that no vector of 64 bytes lies across two cache lines. */
class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(size_t n) { grow(n); }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  ~Bytes() { release(); }
  void grow(size_t n) {
    if (n <= size_) return;
    release();
    data_ = ::operator new(n, std::align_val_t{64});
    size_ = n;
    askForLargePages();
  }
  template <class T = char>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  /** Memory that is read in no order is then found faster. Where the system has none, nothing is lost. */
  void askForLargePages() const {
#if defined(__linux__)
    const uintptr_t page = size_t{1} << 21, begin = reinterpret_cast<uintptr_t>(data_);
    const uintptr_t from = (begin + page - 1) / page * page;
    if (size_ >= 2 * page) madvise(reinterpret_cast<void*>(from), begin + size_ - from, MADV_HUGEPAGE);
#endif
  }
  void release() {
    ::operator delete(data_, std::align_val_t{64});
    data_ = nullptr;
    size_ = 0;
  }
  void* data_ = nullptr;
  size_t size_ = 0;
};

/** Panels for n rows; the last one may be in part empty. */
inline size_t panelsOf(size_t n, size_t panel) { return (n + panel - 1) / panel; }

}  // namespace reseed
