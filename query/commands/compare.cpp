// SPDX-License-Identifier: Apache-2.0
#include "query/commands/compare.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "query/base/usage_error.h"

namespace ctrack::query::diff {

namespace {

std::optional<std::int64_t> value_of(const Side& side, const Key& key) {
    const auto found = side.values.find(key);
    return found == side.values.end() ? std::nullopt : std::optional(found->second);
}

bool is_rtt(const Key& key) { return key.kind.starts_with("rtt"); }

// A peer that only one side knows gets a kind of its own.
void name_kind(Change& change) {
    if (change.key.kind == "bytes" && !change.before)
        change.key.kind = "new_peer";
    else if (change.key.kind == "bytes" && !change.after)
        change.key.kind = "gone_peer";
}

Change change_of(const Key& key, const Side& before, const Side& after) {
    Change change{key, value_of(before, key), value_of(after, key), 0, std::nullopt};
    const double scale =
        is_rtt(key) || before.recorded_us == 0
            ? 1
            : static_cast<double>(after.recorded_us) / static_cast<double>(before.recorded_us);
    const double expected = static_cast<double>(change.before.value_or(0)) * scale;
    const auto found = static_cast<double>(change.after.value_or(0));
    change.difference = found - expected;
    if (expected > 0)
        change.factor = found / expected;
    name_kind(change);
    return change;
}

// Whether nothing differs, or an RTT is not known on both sides.
bool says_nothing(const Change& change) {
    const bool is_peer = change.key.kind == "new_peer" || change.key.kind == "gone_peer";
    return (change.difference == 0 && !is_peer) ||
           (is_rtt(change.key) && (!change.before || !change.after));
}

int place(const Change& change) {
    const std::string& kind = change.key.kind;
    return kind == "failures"   ? 0
           : is_rtt(change.key) ? 1
           : kind == "bytes"    ? 2
           : kind == "new_peer" ? 3
                                : 4;
}

bool comes_first(const Change& a, const Change& b) {
    const auto order = [](const Change& change) {
        return std::tuple(place(change), -std::abs(change.difference), change.key);
    };
    return order(a) < order(b);
}

bool is_time_of_day(const std::string& text) {
    return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) &&
           text.find(':') <= 2 && text.find_first_of(" T") == std::string::npos;
}

} // namespace

std::vector<Change> compare(const Side& before, const Side& after) {
    std::set<Key> keys;
    for (const auto* side : {&before, &after})
        for (const auto& [key, value] : side->values)
            keys.insert(key);
    std::vector<Change> changes;
    for (const auto& key : keys)
        if (auto change = change_of(key, before, after); !says_nothing(change))
            changes.push_back(std::move(change));
    std::sort(changes.begin(), changes.end(), comes_first);
    return changes;
}

std::tuple<std::string, std::string> split_window(const std::string& option,
                                                  const std::string& text) {
    const auto dots = text.find("..");
    if (dots == std::string::npos || dots == 0 || dots + 2 == text.size())
        throw UsageError(fmt::format("bad {} '{}': expected FROM..TO, as \"yesterday "
                                     "14:00..15:00\"",
                                     option, text));
    const auto from = text.substr(0, dots);
    auto to = text.substr(dots + 2);
    const auto day = from.find_last_of(" T");
    if (is_time_of_day(to) && day != std::string::npos && is_time_of_day(from.substr(day + 1)))
        to = from.substr(0, day + 1) + to;
    return {from, to};
}

} // namespace ctrack::query::diff
