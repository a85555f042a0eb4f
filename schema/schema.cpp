// SPDX-License-Identifier: Apache-2.0
#include "schema/schema.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "common/sqlite_error.h"
#include "schema/format.h"

namespace ctrack::schema {

namespace {

// How long another program's lock on the file is waited for.
constexpr int busy_timeout_ms = 5000;

// Opening alone reads nothing: whether the file can be read shows here.
void read_header(SQLite::Database& db) { db.execAndGet("PRAGMA application_id"); }

// A file that is read may be a stranger's: what its schema has SQLite compute can then call no
// function that does anything but compute, and no statement changes the schema or SQLite's own
// tables behind its back.
void distrust(SQLite::Database& db) {
    sqlite3_db_config(db.getHandle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(db.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
}

// SQLite has words of its own for errors, but for the commonest ones they are about its insides.
std::string in_our_words(const SQLite::Exception& e, const std::string& path) {
    switch (e.getErrorCode()) {
    case SQLITE_NOTADB:
        return fmt::format("{} is not a ctrack file (not an SQLite database)", path);
    case SQLITE_CORRUPT: return fmt::format("{} is damaged ({})", path, e.what());
    default: return fmt::format("cannot use {}: {}", path, e.what());
    }
}

[[noreturn]] void rethrow(const SQLite::Exception& e, const std::string& path) {
    throw_error(e.getErrorCode(), in_our_words(e, path));
}

// Whether a file with its log and -shm can be opened, which takes three descriptors. If not, SQLite
// says only that it cannot open a file, and closes what it had opened.
bool has_descriptors_left() {
    std::array<int, 4> opened{};
    for (auto& descriptor : opened)
        descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const bool all = std::find(opened.begin(), opened.end(), -1) == opened.end();
    for (const int descriptor : opened)
        if (descriptor != -1)
            close(descriptor);
    return all;
}

[[noreturn]] void rethrow_reading(const SQLite::Exception& e, const std::string& path) {
    if (e.getErrorCode() == SQLITE_CANTOPEN && !has_descriptors_left())
        throw Error(fmt::format("cannot read {}: too many files are open: raise the limit, as with "
                                "ulimit -n 1024, or merge some files first",
                                path));
    if (e.getErrorCode() == SQLITE_CANTOPEN || e.getErrorCode() == SQLITE_READONLY)
        throw Error(
            fmt::format("cannot read {0}: its recorder runs, and reading then needs access to "
                        "{0}-shm: run as root, or copy {0} and {0}-wal together to a folder of "
                        "your own",
                        path));
    rethrow(e, path);
}

// What helps a user who may not read the file: the group for which it was made, or its folder.
std::string mend_of_denied(const std::string& path) {
    const auto folder = std::filesystem::absolute(path).parent_path();
    struct stat status {};
    const bool is_seen = stat(path.c_str(), &status) == 0 || stat(folder.c_str(), &status) == 0;
    const group* readers = is_seen && status.st_gid != 0 && (status.st_mode & S_IRGRP)
                               ? getgrgid(status.st_gid)
                               : nullptr;
    return readers
               ? fmt::format(": run as root, or become a member of the group {}", readers->gr_name)
               : ": run as root";
}

std::string mend_of(const std::error_code& error, const std::string& path) {
    if (error == std::errc::permission_denied)
        return mend_of_denied(path);
    return path == default_file ? ": start ctrack-recorder, or name a file with -r" : "";
}

void require_file(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (error)
        throw Error(
            fmt::format("cannot read {}: {}{}", path, error.message(), mend_of(error, path)));
    if (std::filesystem::is_directory(status))
        throw Error(fmt::format("cannot read {}: it is a directory", path));
    if (access(path.c_str(), R_OK) != 0)
        throw Error(
            fmt::format("cannot read {}: {}{}", path, std::strerror(errno), mend_of_denied(path)));
    if (!std::filesystem::is_regular_file(status))
        throw Error(fmt::format("cannot read {}: it is no file", path));
    if (std::filesystem::file_size(path) == 0)
        throw DamagedFile(fmt::format("{} is not a ctrack file (it is empty)", path));
}

// The path as a URI has it.
std::string escaped(const std::string& path) {
    std::string text;
    for (const unsigned char c : path)
        if (std::isalnum(c) || c == '/' || c == '.' || c == '-' || c == '_')
            text += static_cast<char>(c);
        else
            text += fmt::format("%{:02X}", c);
    return text;
}

// Opens a file in WAL mode whose folder SQLite cannot write to. It has no -shm, so no program uses
// it. If a killed recorder left a -wal, SQLite reads it without locks and indexes it in memory; if
// there is none, all there is stands in the file.
SQLite::Database open_unused(const std::string& path) {
    const bool has_log = std::filesystem::exists(path + "-wal");
    if (std::filesystem::exists(path + "-journal"))
        throw Error(
            fmt::format("cannot read {0}: a program was killed while it wrote to it: open it "
                        "once for writing, as sqlite3 {0} .tables does, which undoes what was "
                        "not done",
                        path));
    SQLite::Database db(
        fmt::format("file:{}?mode=ro&{}", escaped(path), has_log ? "vfs=unix-none" : "immutable=1"),
        SQLite::OPEN_READONLY | SQLite::OPEN_URI);
    if (has_log)
        db.exec("PRAGMA locking_mode = EXCLUSIVE");
    read_header(db);
    return db;
}

SQLite::Database open_read_only(const std::string& path) {
    try {
        SQLite::Database db(path, SQLite::OPEN_READONLY, busy_timeout_ms);
        read_header(db);
        return db;
    } catch (const SQLite::Exception& e) {
        const bool cannot_lock =
            e.getErrorCode() == SQLITE_CANTOPEN || e.getErrorCode() == SQLITE_READONLY;
        if (!cannot_lock || std::filesystem::exists(path + "-shm"))
            throw;
    }
    return open_unused(path);
}

} // namespace

Log log_of(const std::string& path) {
    constexpr std::size_t version_offset = 18; // for writing and for reading; 2 stands for WAL mode
    constexpr std::uintmax_t log_header_bytes = 32;
    std::array<char, version_offset + 2> header{};
    std::ifstream(path, std::ios::binary).read(header.data(), header.size());
    std::error_code error;
    const auto log_bytes = std::filesystem::file_size(path + "-wal", error);
    if (header[version_offset] != 2)
        return Log::none_needed;
    return error || log_bytes <= log_header_bytes ? Log::not_there : Log::there;
}

SQLite::Database empty() { return open_for_writing(":memory:"); }

void spare_memory_statistics() { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

SQLite::Database open_for_writing(const std::string& path, Migrations migrations) {
    try {
        SQLite::Database db(path,
                            SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX,
                            busy_timeout_ms);
        db.exec(fmt::format("PRAGMA page_size = {}", page_bytes));
        migrate(db, path, migrations);
        return db;
    } catch (const SQLite::Exception& e) {
        rethrow(e, path);
    }
}

SQLite::Database open_for_reading(const std::string& path, Migrations migrations) {
    require_file(path);
    try {
        auto db = open_read_only(path);
        // The last one to close it would write the log into the file.
        sqlite3_db_config(db.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        distrust(db);
        require_newest(db, path, migrations);
        return db;
    } catch (const SQLite::Exception& e) {
        rethrow_reading(e, path);
    }
}

void attach_for_reading(SQLite::Database& db, const std::string& path, const std::string& name) {
    require_file(path);
    try {
        SQLite::Statement attach(db, "ATTACH ? AS " + name);
        attach.bind(1, path);
        attach.exec();
        require_newest(db, path, our_migrations(), name);
    } catch (const SQLite::Exception& e) {
        rethrow_reading(e, path);
    }
}

} // namespace ctrack::schema
