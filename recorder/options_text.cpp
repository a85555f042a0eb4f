// SPDX-License-Identifier: Apache-2.0
#include "recorder/options_text.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace ctrack {

namespace {

using std::chrono::milliseconds;

std::string or_off(milliseconds time) {
    return time.count() ? fmt::format("{}ms", time.count()) : "off";
}

// In the largest unit that says it exactly.
std::string size(std::uint64_t bytes) {
    std::string_view units = " KMGTP";
    for (; bytes && bytes % 1024 == 0 && units.size() > 1; bytes /= 1024)
        units.remove_prefix(1);
    return fmt::format("{}{}", bytes, units[0] == ' ' ? "" : units.substr(0, 1));
}

const char* yes(bool flag) { return flag ? "true" : "false"; }

struct Field {
    std::string_view name;
    std::string (*text)(const Options&);
    void (*take)(Options&, const Options&); ///< nullptr if only a restart can change it
};

using O = const Options&;

constexpr std::array fields = std::to_array<Field>({
    {"db", [](O o) { return o.db; }, nullptr},
    {"cgroup", [](O o) { return o.cgroup; }, nullptr},
    {"duration", [](O o) { return or_off(o.duration); }, nullptr},
    {"commit-interval", [](O o) { return or_off(o.commit_interval); },
     [](Options& o, O read) { o.commit_interval = read.commit_interval; }},
    {"interval", [](O o) { return or_off(o.interval); },
     [](Options& o, O read) { o.interval = read.interval; }},
    {"rtt", [](O o) { return o.rtt; }, nullptr},
    {"lifecycle-ring", [](O o) { return size(o.lifecycle_ring_bytes); }, nullptr},
    {"sample-ring", [](O o) { return size(o.sample_ring_bytes); }, nullptr},
    {"max-size", [](O o) { return o.max_bytes ? size(o.max_bytes) : "off"; },
     [](Options& o, O read) { o.max_bytes = read.max_bytes; }},
    {"max-age", [](O o) { return or_off(o.max_age); },
     [](Options& o, O read) { o.max_age = read.max_age; }},
    {"connect-errors", [](O o) { return o.connect_errors; }, nullptr},
    {"namespaces", [](O o) { return o.namespaces; }, nullptr},
    {"quiet", [](O o) { return std::string(yes(o.quiet)); },
     [](Options& o, O read) { o.quiet = read.quiet; }},
    {"verbose", [](O o) { return std::string(yes(o.verbose)); },
     [](Options& o, O read) { o.verbose = read.verbose; }},
});

std::string text_of(const Field& field, const Options& options) {
    return fmt::format("{}={}", field.name, field.text(options));
}

// Whether a recording has intervals is said of it as a whole.
bool can_change(const Field& field, const Options& in_force, const Options& read) {
    const bool both_have_intervals = in_force.interval.count() && read.interval.count();
    return field.take && (field.name != "interval" || both_have_intervals);
}

} // namespace

std::string text_of(const Options& options) {
    std::string text;
    for (const auto& field : fields)
        text += text_of(field, options) + "\n";
    return text;
}

Reloaded reload(const Options& in_force, const Options& read) {
    Reloaded result{in_force, {}, {}, {}};
    for (const auto& field : fields) {
        if (field.text(in_force) == field.text(read))
            continue;
        if (!can_change(field, in_force, read)) {
            result.waiting.push_back(text_of(field, read));
            continue;
        }
        field.take(result.options, read);
        result.before.push_back(text_of(field, in_force));
        result.changed.push_back(text_of(field, read));
    }
    return result;
}

} // namespace ctrack
