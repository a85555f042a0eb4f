// SPDX-License-Identifier: Apache-2.0
//
// The fields a filter knows: one line each in fields.cpp. Their SQL is columns
// of the view connection_facts (sql/connection_facts.sql).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ctrack::query::filter {

/// How the values of a field are written.
enum class Type {
    integer,   ///< 4026531840
    text,      ///< nginx, ng*, ~ ^ng
    unit,      ///< text; nginx stands for nginx.service
    container, ///< the beginning of an id
    address,   ///< 10.0.0.1, 10.0.0.0/8, ::1, 2001:db8::/32
    port,      ///< 443, 8000-8999
    duration,  ///< 50ms
    size,      ///< 10MiB
    time,      ///< as for -b
    error,     ///< ECONNREFUSED, 111
    family,    ///< ipv4, ipv6, 4, 6
    direction, ///< active, passive, unknown
    outcome,   ///< open, closed, failed, refused ...
    closed_by, ///< local, peer, both, unknown
    flag,      ///< 1 or 0; has a word, no values
};

struct Field {
    std::string_view name;
    Type type;
    std::string_view column;       ///< SQL
    std::string_view other_column; ///< SQL; where not empty, either of the two may match
    bool of_listeners;             ///< a listening socket has it too
    std::string_view meaning;      ///< for the help; empty: another name of a field
};

std::span<const Field> fields();

/// The field of that name, or nullptr.
const Field* find_field(std::string_view name);

/// For names known to be there.
const Field& field(std::string_view name);

std::vector<std::string> field_names();

/// The words that outcome, direction and the like may be; empty for other types.
std::span<const std::string_view> words_of(Type type);

} // namespace ctrack::query::filter
