// SPDX-License-Identifier: Apache-2.0
//
// What both programs know of themselves, as JSON. Man pages and completion are made of it.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace ctrack::manual {

using Json = nlohmann::ordered_json;

/// Options, commands, reports, fields of filters, units and tables of ctrack-query. An empty
/// recording is made at `scratch`, because only a report that is compiled tells which options it
/// takes.
Json query_reference(const std::string& scratch);

/// The options of ctrack-recorder, and the capabilities that it can use.
Json recorder_reference();

} // namespace ctrack::manual
