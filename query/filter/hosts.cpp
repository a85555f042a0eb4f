// SPDX-License-Identifier: Apache-2.0
#include "query/filter/hosts.h"

#include <algorithm>
#include <iterator>
#include <sstream>

#include <strings.h>

#include "query/filter/network.h"

namespace ctrack::query::filter {

namespace {

// The words of a line without its comment.
std::vector<std::string> words_of(const std::string& line) {
    std::istringstream rest(line.substr(0, line.find('#')));
    return {std::istream_iterator<std::string>(rest), {}};
}

} // namespace

std::vector<std::string> addresses_of(const std::string& name, std::istream& hosts) {
    std::vector<std::string> addresses;
    for (std::string line; std::getline(hosts, line);) {
        const auto words = words_of(line);
        const auto address = words.empty() ? std::nullopt : parse_address(words[0]);
        if (address && std::any_of(words.begin() + 1, words.end(), [&](const auto& word) {
                return strcasecmp(word.c_str(), name.c_str()) == 0;
            }))
            addresses.push_back(address_text(*address));
    }
    return addresses;
}

} // namespace ctrack::query::filter
