// Finding inputs and outputs by name.
#include <algorithm>

#include "burin/runtime.hpp"
#include "runtime/out_of_memory.hpp"
#include "runtime/program_state.hpp"

namespace burin {

namespace {

std::string quoted(std::string_view name) { return "`" + std::string(name) + "`"; }

std::string list(std::span<const std::string> names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + quoted(name);
  return text.empty() ? "none" : text;
}

Result<size_t> index_of(std::string_view name, std::span<const std::string> names, const char* what) {
  const auto it = std::ranges::find(names, name);
  if (it != names.end()) return static_cast<size_t>(it - names.begin());
  return Status(StatusCode::kInvalidArgument, std::string("the model has no ") + what + " " + quoted(name),
                "It has " + list(names) + ".");
}

}  // namespace

Result<const SignatureInfo*> Program::signature(std::string_view key) const {
  return runtime::within_memory([&]() -> Result<const SignatureInfo*> {
    const auto it = std::ranges::find(state_->signatures, key, &SignatureInfo::key);
    if (it != state_->signatures.end()) return &*it;
    if (std::ranges::find(state_->other_signatures, key) != state_->other_signatures.end()) {
      return Status(StatusCode::kUnsupported,
                    "the signature " + quoted(key) + " calls a graph other than the main one");
    }
    std::vector<std::string> keys;
    for (const SignatureInfo& signature : state_->signatures) keys.push_back(signature.key);
    return Status(StatusCode::kInvalidArgument, "the model has no signature " + quoted(key),
                  "It has " + list(keys) + ".");
  });
}

Result<size_t> Program::input_index(std::string_view name, std::string_view signature_key) const {
  return runtime::within_memory([&]() -> Result<size_t> {
    if (signature_key.empty()) return index_of(name, state_->signatures.front().inputs, "input");
    const Result<const SignatureInfo*> found = signature(signature_key);
    return found.is_ok() ? index_of(name, found.value()->inputs, "input") : found.status();
  });
}

Result<size_t> Program::output_index(std::string_view name, std::string_view signature_key) const {
  return runtime::within_memory([&]() -> Result<size_t> {
    if (signature_key.empty()) return index_of(name, state_->signatures.front().outputs, "output");
    const Result<const SignatureInfo*> found = signature(signature_key);
    return found.is_ok() ? index_of(name, found.value()->outputs, "output") : found.status();
  });
}

}  // namespace burin
