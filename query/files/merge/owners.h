// SPDX-License-Identifier: Apache-2.0
//
// Brings the processes and cgroups of several files into one table each. A row that stands for the
// same process or cgroup as a row of another file is not written again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "query/base/value.h"

namespace ctrack::query::merge {

/// The new ids of the rows of one file, by their old ids; 0 stays 0.
using IdMap = std::unordered_map<std::int64_t, std::int64_t>;

class Owners {
public:
    using Names = std::vector<std::string>;

    /// Gives the row its new id. Returns whether it must be written; if not, one like it was.
    bool take_process(const Names& columns, Row& row, IdMap& ids);
    bool take_cgroup(const Names& columns, Row& row, IdMap& ids);

private:
    using ProcessKey = std::tuple<std::int64_t, std::int64_t, std::string>;
    struct Process {
        std::int64_t id;
        Value started_us, exe, cmdline, uid;
    };
    using CgroupKey = std::tuple<std::int64_t, std::string>;

    std::map<ProcessKey, Process> processes_;
    std::map<CgroupKey, std::int64_t> cgroups_;
    std::int64_t next_process_ = 1, next_cgroup_ = 1;
};

} // namespace ctrack::query::merge
