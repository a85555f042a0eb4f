// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace ctrack::hostile {

/// The decisions of which a mutant is made. They follow from seed and number alone, with every
/// compiler, because the standard says what these two generators give.
class Choices {
public:
    Choices(unsigned seed, unsigned number) {
        std::seed_seq both{seed, number};
        random_.seed(both);
    }

    std::size_t below(std::size_t bound) { return random_() % bound; }
    bool one_in(std::size_t count) { return below(count) == 0; }

    /// Throws std::out_of_range if the list is empty.
    template <typename List> const auto& of(const List& list) {
        return list.at(list.empty() ? 0 : below(list.size()));
    }

    std::string bytes(std::size_t count) {
        std::string all(count, '\0');
        for (char& byte : all)
            byte = static_cast<char>(random_());
        return all;
    }

private:
    std::mt19937 random_;
};

} // namespace ctrack::hostile
