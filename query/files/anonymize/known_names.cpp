// SPDX-License-Identifier: Apache-2.0
#include "query/files/anonymize/known_names.h"

#include <span>
#include <sstream>

#include <re2/re2.h>

#include "common/embedded_sql.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> known_names;

namespace query::anonymize {

namespace {

constexpr std::size_t comm_bytes = 15;

} // namespace

KnownNames::KnownNames() {
    std::istringstream lines{std::string(known_names.front().text)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        for (std::string word; words >> word;) {
            names_.insert(word.substr(0, comm_bytes));
            names_.insert(word);
        }
    }
}

bool KnownNames::contains(const std::string& text) const {
    static const RE2 version(R"(-?\d{1,2}(?:\.\d{1,2})?(-|$))");
    auto name = text;
    RE2::Replace(&name, version, R"(\1)");
    return names_.contains(text) || names_.contains(name);
}

} // namespace query::anonymize
} // namespace ctrack
