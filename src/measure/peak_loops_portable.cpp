#include "measure/peak_loops.hpp"

namespace burin {

namespace {

// The vectors that every processor of the architecture has.
struct PortableF32Peak {
  using V = float __attribute__((vector_size(16)));
  using F = V;
  static constexpr int kProducts = 4, kSums = 12;
#if defined(__x86_64__)
  static void opaque(F& v) { asm volatile("" : "+x"(v)); }
#elif defined(__aarch64__)
  static void opaque(F& v) { asm volatile("" : "+w"(v)); }
#else
  static void opaque(F& v) { asm volatile("" : "+m"(v)); }
#endif
  static void keep(V& v) { opaque(v); }
  static V multiply_add(V sum, F a, F b) { return sum + a * b; }
};

// Of processors without vectors.
struct PortableInt8Peak {
  using V = uint32_t;
  using F = uint32_t;
  static constexpr int kProducts = 1, kSums = 12;
  static void opaque(F& v) { asm volatile("" : "+r"(v)); }
  static void keep(V& v) { opaque(v); }
  static V multiply_add(V sum, F a, F b) { return sum + a * b; }
};

}  // namespace

constinit const PeakLoop kF32PeakPortable = make_peak_loop<PortableF32Peak>();
constinit const PeakLoop kInt8PeakPortable = make_peak_loop<PortableInt8Peak>();

}  // namespace burin
