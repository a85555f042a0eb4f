// SPDX-License-Identifier: Apache-2.0
#include "query/sql/presence.h"

#include <fstream>
#include <string>

#include <sqlite3.h>

#include "common/clock.h"
#include "schema/schema.h"

namespace ctrack::query {

namespace {

std::string read_boot_id() {
    std::string id;
    std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), id);
    return id;
}

void now_in_boot(sqlite3_context* context, int, sqlite3_value** values) {
    const auto* boot_id = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
    static const std::string this_boot = read_boot_id();
    if (boot_id != nullptr && !this_boot.empty() && boot_id == this_boot)
        sqlite3_result_int64(context,
                             clock_now_us(CLOCK_BOOTTIME) + sqlite3_value_int64(values[1]));
}

void is_logged(sqlite3_context* context, int, sqlite3_value** values) {
    const auto* name = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
    const char* path = sqlite3_db_filename(sqlite3_context_db_handle(context), name);
    sqlite3_result_int(context,
                       path != nullptr && schema::log_of(path) == schema::Log::there ? 1 : 0);
}

} // namespace

void add_presence(SQLite::Database& db) {
    db.createFunction("now_in_boot", 2, false, nullptr, now_in_boot, nullptr, nullptr, nullptr);
    db.createFunction("is_logged", 1, false, nullptr, is_logged, nullptr, nullptr, nullptr);
}

} // namespace ctrack::query
