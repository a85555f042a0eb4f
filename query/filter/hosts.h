// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <istream>
#include <string>
#include <vector>

namespace ctrack::query::filter {

/// The addresses that a text as /etc/hosts gives to the name, in either case. Lines with something
/// else than an address are passed over. No name server is asked, here or elsewhere: it would say
/// what the name stands for now, and would learn what somebody looks for.
std::vector<std::string> addresses_of(const std::string& name, std::istream& hosts);

} // namespace ctrack::query::filter
