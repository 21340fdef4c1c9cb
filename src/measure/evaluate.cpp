#include "measure/evaluate.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

#include "burin/error.hpp"
#include "measure/sample_session.hpp"

namespace burin {
namespace {

constexpr size_t kTop = 5;
// Samples that a thread loads before it runs one model after the other on them: weights stay in the caches.
constexpr size_t kGroup = 8;

// What is kept of one model's answer to one sample.
struct Answer {
  uint32_t top1 = 0;
  bool in_top5 = false;
  SignalToNoise ratio;
};

std::vector<float> class_scores(const SampleSession& session) {
  std::vector<float> scores = session.output(0);
  if (scores.size() == 1) scores.insert(scores.begin(), 1.0f - scores[0]);
  return scores;
}

class Evaluator {
 public:
  Evaluator(std::span<const Program> programs, const SampleSource& samples, std::span<const size_t> labels,
            Progress& progress)
      : programs_(programs),
        samples_(samples),
        labels_(labels),
        progress_(progress),
        answers_(programs.size(), std::vector<Answer>(samples.size())) {}

  void run(int threads) {
    std::vector<std::thread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back([this] { work(); });
    work();
    for (std::thread& other : others) other.join();
    if (failure_) std::rethrow_exception(failure_);
  }

  const std::vector<Answer>& answers(size_t program) const { return answers_[program]; }

 private:
  void work() {
    size_t sample = 0;
    try {
      std::vector<SampleSession> sessions;
      for (const Program& program : programs_) sessions.emplace_back(program, 1);
      std::vector<SampleBuffer> buffers;
      for (size_t i = 0; i < std::min(kGroup, samples_.size()); ++i) buffers.emplace_back(programs_[0]);
      std::vector<std::vector<float>> reference_scores(buffers.size());
      while (!failed_) {
        const size_t begin = next_.fetch_add(kGroup);
        if (begin >= samples_.size()) return;
        const size_t end = std::min(begin + kGroup, samples_.size());
        for (sample = begin; sample < end; ++sample) samples_.load(sample, buffers[sample - begin].inputs());
        for (size_t p = 0; p < programs_.size(); ++p) {
          for (sample = begin; sample < end; ++sample) {
            sessions[p].set_inputs(buffers[sample - begin].inputs());
            sessions[p].invoke();
            std::vector<float> scores = class_scores(sessions[p]);
            answers_[p][sample] = judge(scores, sample, p == 0 ? scores : reference_scores[sample - begin]);
            if (p == 0) reference_scores[sample - begin] = std::move(scores);
          }
        }
        progress_.advance(done_ += end - begin);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failed_ = true;
      if (sample < failed_sample_) {
        failed_sample_ = sample;
        failure_ = std::current_exception();
      }
    }
  }

  Answer judge(const std::vector<float>& scores, size_t sample, const std::vector<float>& reference) const {
    Answer answer;
    answer.top1 = static_cast<uint32_t>(top1(scores));
    if (!labels_.empty()) answer.in_top5 = in_top(scores, labels_[sample], kTop);
    for (size_t i = 0; i < scores.size(); ++i) answer.ratio.add(reference[i], scores[i]);
    return answer;
  }

  std::span<const Program> programs_;
  const SampleSource& samples_;
  std::span<const size_t> labels_;
  Progress& progress_;
  std::vector<std::vector<Answer>> answers_;
  std::atomic<size_t> next_ = 0;
  std::atomic<size_t> done_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  size_t failed_sample_ = std::numeric_limits<size_t>::max();
  std::exception_ptr failure_;
};

Accuracy accuracy_of(const std::vector<Answer>& answers, std::span<const size_t> labels, size_t classes) {
  Accuracy accuracy;
  accuracy.classes.resize(classes);
  accuracy.confusion.assign(classes, std::vector<size_t>(classes));
  size_t right = 0;
  size_t in_top5 = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    const size_t predicted = answers[i].top1;
    ++accuracy.confusion[labels[i]][predicted];
    ++accuracy.classes[labels[i]].samples;
    ++accuracy.classes[predicted].predicted;
    if (predicted == labels[i]) {
      ++right;
      ++accuracy.classes[predicted].correct;
    }
    in_top5 += answers[i].in_top5 ? 1 : 0;
  }
  accuracy.top1 = static_cast<double>(right) / static_cast<double>(answers.size());
  accuracy.top5 = static_cast<double>(in_top5) / static_cast<double>(answers.size());
  return accuracy;
}

AgainstReference against(const std::vector<Answer>& reference, const std::vector<Answer>& answers,
                         std::span<const size_t> labels) {
  AgainstReference result;
  size_t same = 0, only_reference_right = 0, only_other_right = 0;
  SignalToNoise ratio;
  for (size_t i = 0; i < answers.size(); ++i) {
    same += reference[i].top1 == answers[i].top1 ? 1 : 0;
    ratio.add(answers[i].ratio);
    if (labels.empty()) continue;
    const bool reference_right = reference[i].top1 == labels[i];
    const bool right = answers[i].top1 == labels[i];
    only_reference_right += reference_right && !right ? 1 : 0;
    only_other_right += right && !reference_right ? 1 : 0;
  }
  result.agreement = static_cast<double>(same) / static_cast<double>(answers.size());
  result.snr_db = ratio.decibels();
  if (!labels.empty()) result.accuracy = paired_difference(answers.size(), only_reference_right, only_other_right);
  return result;
}

}  // namespace

std::optional<double> ClassFigures::precision() const {
  if (predicted == 0) return std::nullopt;
  return static_cast<double>(correct) / static_cast<double>(predicted);
}

std::optional<double> ClassFigures::recall() const {
  if (samples == 0) return std::nullopt;
  return static_cast<double>(correct) / static_cast<double>(samples);
}

void check_comparable(const Program& reference, const Program& program) {
  if (class_count(program) == 0) {
    throw Error(StatusCode::kUnsupported, "the model has no output to score", "give a model that classifies");
  }
  bool equal = program.inputs().size() == reference.inputs().size() && class_count(program) == class_count(reference);
  for (size_t i = 0; equal && i < program.inputs().size(); ++i) {
    equal = program.inputs()[i].shape == reference.inputs()[i].shape;
  }
  if (!equal) {
    throw Error(StatusCode::kInvalidArgument,
                "the model differs from the reference in the shapes of its inputs or outputs",
                "compare models that were made for the same data");
  }
}

size_t class_count(const Program& program) {
  if (program.outputs().empty()) return 0;
  const int64_t scores = program.outputs()[0].shape.elements();
  return scores == 1 ? 2 : static_cast<size_t>(std::max<int64_t>(scores, 0));
}

std::vector<Evaluation> evaluate_programs(std::span<const Program> programs, const SampleSource& samples,
                                          std::span<const size_t> labels, int threads, Progress& progress,
                                          const std::string& what) {
  for (const Program& program : programs) check_comparable(programs[0], program);
  if (samples.size() == 0) {
    throw Error(StatusCode::kInvalidArgument, "there are no samples to evaluate", "give data that has some");
  }
  progress.start(what, samples.size());
  Evaluator evaluator(programs, samples, labels, progress);
  evaluator.run(threads);
  progress.finish();
  std::vector<Evaluation> evaluations;
  for (size_t p = 0; p < programs.size(); ++p) {
    Evaluation evaluation;
    evaluation.samples = samples.size();
    if (!labels.empty()) evaluation.accuracy = accuracy_of(evaluator.answers(p), labels, class_count(programs[p]));
    evaluation.against_reference = against(evaluator.answers(0), evaluator.answers(p), labels);
    evaluations.push_back(std::move(evaluation));
  }
  return evaluations;
}

}  // namespace burin
