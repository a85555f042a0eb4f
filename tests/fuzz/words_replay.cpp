// SPDX-License-Identifier: Apache-2.0
//
// A fuzz target of texts without a fuzzer: the same 200,000 random rows of words every
// time, for compilers without libFuzzer. Its argument is the file of the words, one
// "WORD" a line, in which a backslash stands before a quote.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::string unescaped(const std::string& line) {
    std::string word;
    for (std::size_t i = 1; i + 1 < line.size(); ++i)
        if (line[i] != '\\')
            word += line[i];
    return word;
}

std::vector<std::string> read_words(const char* path) {
    std::vector<std::string> words;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        if (line.starts_with('"'))
            words.push_back(unescaped(line));
    return words;
}

std::string random_text(std::mt19937& random, const std::vector<std::string>& words) {
    std::string text;
    for (unsigned count = random() % 12; count > 0; --count) {
        text += words[random() % words.size()];
        if (random() % 4 != 0)
            text += ' ';
        if (random() % 64 == 0)
            text += static_cast<char>(random());
    }
    return text;
}

} // namespace

int main(int argc, char** argv) {
    const auto words = read_words(argc > 1 ? argv[1] : "words.dict");
    if (words.empty()) {
        std::fputs("no words\n", stderr);
        return 1;
    }
    std::mt19937 random(1);
    for (int run = 0; run < 200'000; ++run) {
        const auto text = random_text(random, words);
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    }
    std::puts("200000 inputs");
}
