// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

#include "tests/fuzz/hostile/choices.h"

namespace ctrack::hostile {

/// A ctrack file that is changed by SQL, with nothing that would hinder it: no keys, no checks, and
/// the table of the schema may be written.
class SqlFile {
public:
    explicit SqlFile(const std::string& path);

    /// Runs statements. Returns them, or why SQLite refused them, as one line.
    std::string run(const std::string& sql);

    /// The first column of the rows of a SELECT.
    std::vector<std::string> texts(const std::string& sql);

    std::vector<std::string> tables();
    std::vector<std::string> views();
    std::vector<std::string> columns(const std::string& table);

private:
    SQLite::Database db_;
};

/// Changes the text of the schema, which SQLite reads when the file is opened again.
std::string rewrite_schema(const std::string& path, const std::string& update);

} // namespace ctrack::hostile
