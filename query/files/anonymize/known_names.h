// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

namespace ctrack::query::anonymize {

/// The names in known_names.txt, which tell of no host in particular.
class KnownNames {
public:
    KnownNames();

    /// Whether a text is one of them, or is with the number of a version in it, as python3.11. A
    /// name that a process has is also known by its first 15 bytes, which is all the kernel keeps.
    bool contains(const std::string& text) const;

private:
    std::set<std::string> names_;
};

} // namespace ctrack::query::anonymize
