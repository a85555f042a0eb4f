// SPDX-License-Identifier: Apache-2.0
//
// The fields that a filter knows. Each has one line in fields.cpp, and its SQL is made of columns
// of the view connection_facts (query/sql/connection_facts.sql).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ctrack::query::filter {

/// How the values of a field are written.
enum class Type {
    integer,   ///< as 4026531840
    text,      ///< as nginx, ng* or ~ ^ng
    unit,      ///< as text, but nginx stands for nginx.service
    container, ///< as the beginning of an id
    address,   ///< as 10.0.0.1, 10.0.0.0/8, ::1, fe80::1%eth0 or a name in /etc/hosts
    port,      ///< as 443, 8000-8999 or https
    duration,  ///< as 50ms
    size,      ///< as 10MiB
    time,      ///< as -b takes it
    error,     ///< as ECONNREFUSED or 111
    family,    ///< as ipv4, ipv6, 4 or 6
    direction, ///< as active, passive or unknown
    outcome,   ///< as open, closed, failed, refused ...
    closed_by, ///< as local, peer, both or unknown
    end,       ///< as peer or local
    flag,      ///< not at all: the field is 1 or 0, and a word of the filter stands for 1
};

struct Field {
    std::string_view name;
    Type type;
    std::string_view column;       ///< is SQL
    std::string_view other_column; ///< is SQL; if it is not empty, either of the two may match
    bool of_listeners;             ///< whether a listening socket has it too
    std::string_view meaning;      ///< stands in the help; is empty for a second name of a field
};

std::span<const Field> fields();

/// The field that has this name, or nullptr.
const Field* find_field(std::string_view name);

/// The field that has this name. Throws std::logic_error if there is none.
const Field& field(std::string_view name);

std::vector<std::string> field_names();

/// The words that a value of this type may be. There are none for a type whose values are free.
std::span<const std::string_view> words_of(Type type);

} // namespace ctrack::query::filter
