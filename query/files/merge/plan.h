// SPDX-License-Identifier: Apache-2.0
//
// Decides which parts of several files go into one, and under which ids.
//
// A recording is known by its host, boot and start. If two files hold the same one, it is taken
// from the file that holds all that the other does. The batches are put in the order of their
// times, and the ids of events, samples and intervals follow them, so that ids ascend with time in
// the new file as they do in any other.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "query/sql/database.h"

namespace ctrack::query::merge {

struct Source {
    explicit Source(const std::string& file) : path(file), database(file) {}

    std::string path;
    Database database;
};

/// The new id of a batch, and what is added to the ids of its events, samples and intervals.
struct BatchIds {
    std::int64_t id, event_shift, sample_shift, interval_shift;
};

struct FilePlan {
    std::set<std::int64_t> dropped_recordings;
    std::map<std::int64_t, BatchIds> batches;
};

struct Plan {
    std::vector<FilePlan> files;    ///< are in the order of the sources
    std::vector<std::string> notes; ///< has one text for each recording that is left out
};

/// Makes the plan. Throws Error if two files hold different parts of one recording.
Plan make_plan(std::deque<Source>& sources);

} // namespace ctrack::query::merge
