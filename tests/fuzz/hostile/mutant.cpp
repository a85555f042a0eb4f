// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/hostile/mutant.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace ctrack::hostile {

namespace {

struct Kind {
    const char* name;
    std::string (*change)(const std::string& path, Choices& choices);
};

constexpr std::array kinds{
    Kind{"schema", change_schema},
    Kind{"values", change_values},
    Kind{"pages", change_pages},
};

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void copy(const std::string& from, const std::string& to) {
    for (const char* beside : {"-wal", "-shm", "-journal"})
        std::filesystem::remove(to + beside);
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
}

} // namespace

std::string make_mutant(const std::string& bases, const std::string& path, unsigned seed,
                        unsigned number) {
    Choices choices(seed, number);
    const auto& kind = kinds[number % kinds.size()];
    const bool is_utf16 = choices.one_in(8);
    const std::string base = bases + (is_utf16 ? "/utf16.db" : "/utf8.db");
    const std::string original = content(base);
    std::string done;
    do { // SQLite refuses some changes, and some values were there before
        copy(base, path);
        done = kind.change(path, choices);
    } while (content(path) == original);
    return std::string(kind.name) + (is_utf16 ? " in UTF-16: " : ": ") + done;
}

} // namespace ctrack::hostile
