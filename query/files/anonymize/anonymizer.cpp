// SPDX-License-Identifier: Apache-2.0
#include "query/files/anonymize/anonymizer.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>
#include <nettle/hmac.h>

#include "common/error.h"

namespace ctrack::query::anonymize {

namespace {

using Digest = std::array<std::uint8_t, SHA256_DIGEST_SIZE>;

constexpr std::size_t least_key_bytes = 32;

struct Column {
    std::string_view table, column;
    Kind kind;
};

// A table "*" stands for every table.
constexpr std::array known_columns{
    Column{"*", "local_address", Kind::address},
    Column{"*", "peer_address", Kind::address},
    Column{"connections", "requested_address", Kind::address},
    Column{"connections", "nat_local_address", Kind::address},
    Column{"connections", "nat_peer_address", Kind::address},
    Column{"*", "interface", Kind::name},
    Column{"*", "comm", Kind::name},
    Column{"processes", "exe", Kind::path},
    Column{"processes", "cmdline", Kind::name},
    Column{"cgroups", "path", Kind::path},
    Column{"cgroups", "container_id", Kind::hex},
    Column{"cgroups", "systemd_unit", Kind::unit},
    Column{"cgroups", "systemd_slice", Kind::unit},
    Column{"cgroups", "systemd_user_unit", Kind::unit},
    Column{"recordings", "host_id", Kind::hex},
    Column{"recordings", "hostname", Kind::name},
    Column{"recordings", "boot_id", Kind::hex},
    Column{"recordings", "kernel", Kind::plain},
    Column{"recordings", "ctrack_version", Kind::plain},
    Column{"recordings", "cgroup_path", Kind::path},
    Column{"recordings", "clock", Kind::plain},
    Column{"recordings", "rtt_source", Kind::plain},
    Column{"recordings", "rtt_mode", Kind::plain},
    Column{"recordings", "options", Kind::removed}, // paths, mostly
    Column{"recordings", "end_kind", Kind::plain},
    Column{"recordings", "adoption", Kind::plain},
    Column{"recordings", "connect_errors", Kind::plain},
    Column{"*", "direction", Kind::plain},
    Column{"*", "pid_source", Kind::plain},
    Column{"*", "start_kind", Kind::plain},
    Column{"connections", "outcome", Kind::plain},
    Column{"connections", "closed_by", Kind::plain},
    Column{"connections", "congestion", Kind::plain},
    Column{"connections", "ulp", Kind::plain},
    Column{"retention", "kind", Kind::plain},
    Column{"event_kinds", "*", Kind::plain},
    Column{"tcp_states", "*", Kind::plain},
    Column{"errnos", "*", Kind::plain},
};

Digest hmac(std::string_view key, std::string_view text) {
    hmac_sha256_ctx context;
    hmac_sha256_set_key(&context, key.size(), reinterpret_cast<const std::uint8_t*>(key.data()));
    hmac_sha256_update(&context, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()));
    Digest digest;
    hmac_sha256_digest(&context, digest.size(), digest.data());
    return digest;
}

std::string_view view(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Whether the address names no particular host.
bool is_everywhere(const std::string& address) {
    return address.starts_with("127.") || address == "0.0.0.0" || address == "::" ||
           address == "::1";
}

} // namespace

Kind kind_of(std::string_view table, std::string_view column) {
    for (const auto& known : known_columns)
        if ((known.table == "*" || known.table == table) &&
            (known.column == "*" || known.column == column))
            return known.kind;
    throw std::logic_error(fmt::format("anonymize does not know {}.{}", table, column));
}

Anonymizer::Anonymizer(std::string_view key)
    : name_key_(hmac(key, "ctrack names")), addresses_(hmac(key, "ctrack addresses")) {}

void Anonymizer::begin(const Table& table, const std::vector<std::string>& columns) {
    places_.clear();
    for (const auto& column : table.text_columns)
        if (const auto kind = kind_of(table.name, column); kind != Kind::plain)
            places_.emplace_back(
                std::find(columns.begin(), columns.end(), column) - columns.begin(), kind);
}

bool Anonymizer::take(Row& row) {
    for (const auto& [place, kind] : places_)
        if (auto* text = std::get_if<std::string>(&row.at(place)))
            *text = replaced(kind, *text);
    return true;
}

std::string Anonymizer::replaced(Kind kind, const std::string& text) const {
    switch (kind) {
    case Kind::address: return address(text);
    case Kind::name: return name(text);
    case Kind::path: return path(text);
    case Kind::unit: return unit(text);
    case Kind::hex: return hex(text);
    case Kind::removed: return "";
    case Kind::plain: break;
    }
    return text;
}

// A name has 13 characters, because a comm has room for 15. Two names of a million are the same
// with a probability of 1 in 500.
std::string Anonymizer::name(const std::string& text) const {
    if (text.empty())
        return text;
    const auto digest = hmac(view(name_key_), text);
    return fmt::format("x{:02x}", fmt::join(digest.begin(), digest.begin() + 6, ""));
}

std::string Anonymizer::unit(const std::string& text) const {
    for (const std::string_view ending : {".service", ".scope", ".slice"})
        if (text.size() > ending.size() && text.ends_with(ending))
            return name(text.substr(0, text.size() - ending.size())) + std::string(ending);
    return name(text);
}

std::string Anonymizer::path(const std::string& text) const {
    std::string mapped;
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('/', begin)) != text.npos; begin = end + 1)
        (mapped += unit(text.substr(begin, end - begin))) += '/';
    return mapped + unit(text.substr(begin));
}

std::string Anonymizer::hex(const std::string& text) const {
    const auto digest = hmac(view(name_key_), text);
    const auto digits = fmt::format("{:02x}", fmt::join(digest, ""));
    std::string mapped;
    for (std::size_t i = 0, next = 0; i < text.size(); ++i)
        mapped += text[i] == '-' ? '-' : digits[next++ % digits.size()];
    return mapped;
}

std::string Anonymizer::address(const std::string& text) const {
    if (is_everywhere(text))
        return text;
    auto mapped = addresses_.map(text);
    while (is_everywhere(mapped)) // else it would be taken for loopback
        mapped = addresses_.map(mapped);
    return mapped;
}

std::string read_key(const std::string& path) {
    std::string key;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                               std::fclose);
    std::array<char, 4096> block;
    for (std::size_t size = 1; file && size > 0; key.append(block.data(), size))
        size = std::fread(block.data(), 1, block.size(), file.get());
    if (!file || std::ferror(file.get()) != 0)
        throw Error(fmt::format("cannot read the key {}: {}", path, std::strerror(errno)));
    if (key.size() < least_key_bytes)
        throw Error(fmt::format("the key {} is too short: it needs {} bytes, as 'head -c {} "
                                "/dev/urandom' makes them",
                                path, least_key_bytes, least_key_bytes));
    return key;
}

} // namespace ctrack::query::anonymize
