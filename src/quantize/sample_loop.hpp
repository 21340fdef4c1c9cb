// A loop over samples whose results do not depend on the number of threads: they are combined in the order of the
// samples, or so that the order does not matter.
#pragma once

#include <cstddef>
#include <functional>

namespace burin {

// work(sample, worker) runs on `threads` threads, worker 0..threads-1; commit(sample, worker) follows on the same
// thread, one at a time, in the order of the samples. The exception of the first sample that failed is thrown.
void for_each_sample(size_t count, int threads, const std::function<void(size_t sample, size_t worker)>& work,
                     const std::function<void(size_t sample, size_t worker)>& commit);
// The same with nothing to commit: no thread waits for another.
void for_each_sample(size_t count, int threads, const std::function<void(size_t sample, size_t worker)>& work);

}  // namespace burin
