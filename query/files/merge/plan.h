// SPDX-License-Identifier: Apache-2.0
//
// What of several files goes into one, and under which ids.
//
// A recording is known by its host, boot and start. Where two files hold the same one, it
// is taken from the file that holds all the other does. Commits are put in the order of
// their times, and the ids of events and samples with them, so that ids ascend with time
// in the new file as in any other.
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

/// The ids from `first` to `last` of a file get `shift` added.
struct Shift {
    std::int64_t first, last, shift;
};

/// A batch's new id, and what is added to the ids of its events and samples.
struct BatchIds {
    std::int64_t id, event_shift, sample_shift;
};

struct FilePlan {
    std::set<std::int64_t> dropped_recordings;
    std::map<std::int64_t, BatchIds> batches;
    std::vector<Shift> events, samples; ///< in the order of their ids
};

struct Plan {
    std::vector<FilePlan> files;    ///< as the sources
    std::vector<std::string> notes; ///< one for each recording left out
};

/// Throws Error if two files hold different parts of one recording.
Plan make_plan(std::deque<Source>& sources);

} // namespace ctrack::query::merge
