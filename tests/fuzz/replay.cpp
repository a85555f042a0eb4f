// SPDX-License-Identifier: Apache-2.0
//
// The fuzz target without a fuzzer: the same 200,000 random inputs every time,
// with the bytes that matter most often right, for compilers without libFuzzer.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "bpf/ctrack_event.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void add_record(std::mt19937& random, std::vector<std::uint8_t>& input) {
    const auto selector = static_cast<std::uint8_t>(random() % 256);
    input.push_back(selector);
    const std::size_t start = input.size();
    const std::size_t length = selector & 4   ? selector >> 3
                               : selector & 2 ? sizeof(ctrack_summary)
                                              : sizeof(ctrack_event);
    for (std::size_t i = 0; i < length; ++i)
        input.push_back(static_cast<std::uint8_t>(random() % 4)); // small cookies, kinds, states
    if (length >= sizeof(ctrack_event) && random() % 8 != 0) {
        input[start + offsetof(ctrack_event, kind)] = static_cast<std::uint8_t>(random() % 12);
        input[start + offsetof(ctrack_event, old_state)] = static_cast<std::uint8_t>(random() % 14);
        input[start + offsetof(ctrack_event, new_state)] = static_cast<std::uint8_t>(random() % 14);
    }
}

} // namespace

int main() {
    std::mt19937 random(1);
    for (int run = 0; run < 200'000; ++run) {
        std::vector<std::uint8_t> input;
        for (unsigned records = random() % 8; records > 0; --records)
            add_record(random, input);
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    std::puts("200000 inputs");
}
