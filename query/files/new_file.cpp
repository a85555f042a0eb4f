// SPDX-License-Identifier: Apache-2.0
#include "query/files/new_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>

#include "common/file_descriptor.h"
#include "query/base/usage_error.h"
#include "schema/schema.h"

namespace ctrack::query {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const std::string& path, const std::string& why) {
    throw StorageError(fmt::format("cannot write {}: {}", path, why));
}

// SQLite would take the log of another file for the log of this one.
void require_no_log(const std::string& path) {
    for (const auto* suffix : {"-wal", "-journal"})
        if (fs::exists(path + suffix))
            fail(path, fmt::format("{}{} is there: the file is in use, or its program was killed; "
                                   "take another name",
                                   path, suffix));
}

void require_free(const std::string& path, bool replace) {
    std::error_code error;
    const auto status = fs::symlink_status(path, error);
    if (fs::is_directory(status))
        fail(path, "it is a directory, and -o names a file");
    if (fs::exists(status) && !replace)
        fail(path, "it is there already; --force writes over it");
    if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_symlink(status))
        fail(path, "it is no file");
    require_no_log(path);
}

std::string temporary_file(const std::string& path) {
    const fs::path file(path);
    std::string name = file.parent_path() / fmt::format(".{}.XXXXXX", file.filename().string());
    const int descriptor = mkstemp(name.data());
    if (descriptor == -1)
        fail(path, std::strerror(errno));
    close(descriptor);
    return name;
}

int rename_to_free(const std::string& from, const std::string& to) {
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    // The file system cannot rename without replacing.
    return link(from.c_str(), to.c_str()) == 0 ? unlink(from.c_str()) : -1;
}

FileDescriptor open_to_sync(const fs::path& path, int flags) {
    FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC));
    if (!file.valid())
        fail(path, std::strerror(errno));
    return file;
}

void sync(const FileDescriptor& file, const fs::path& path) {
    if (fsync(file.get()) != 0)
        fail(path, std::strerror(errno));
}

} // namespace

NewFile::NewFile(const std::string& path, bool replace, const Readers& readers,
                 schema::Migrations migrations)
    : path_(path), replace_(replace), readers_(readers) {
    if (path.empty() || fs::path(path).filename().empty())
        throw UsageError(fmt::format("bad -o '{}': expected the name of a file", path));
    require_free(path, replace);
    temporary_path_ = temporary_file(path);
    try {
        open(migrations);
    } catch (const std::exception& e) {
        remove_temporary();
        const std::string_view why = e.what(); // may begin with the temporary name
        const auto name = why.find(temporary_path_ + ": ");
        fail(path,
             std::string(name == why.npos ? why : why.substr(name + temporary_path_.size() + 2)));
    }
}

void NewFile::open(schema::Migrations migrations) {
    db_.emplace(schema::open_for_writing(temporary_path_, migrations));
    HeldSignals::interrupt(db_->getHandle());
    // Nobody knows the file yet, so nothing in it is worth a rollback.
    db_->exec("PRAGMA journal_mode = OFF");
    db_->exec("PRAGMA synchronous = OFF");
    db_->exec("PRAGMA foreign_keys = OFF"); // rows come in any order
    db_->exec("BEGIN EXCLUSIVE");
}

NewFile::~NewFile() { remove_temporary(); }

void NewFile::remove_temporary() {
    db_.reset();
    for (const auto* suffix : {"", "-journal"})
        unlink((temporary_path_ + suffix).c_str());
}

void NewFile::keep() {
    try {
        db_->exec("COMMIT");
    } catch (const SQLite::Exception& e) {
        fail(path_, e.what());
    }
    db_.reset();
    finish();
    if (HeldSignals::is_any_pending())
        fail(path_, "interrupted");
    rename();
    const auto parent = fs::path(path_).parent_path();
    const auto folder = parent.empty() ? fs::path(".") : parent;
    sync(open_to_sync(folder, O_RDONLY | O_DIRECTORY), folder);
}

void NewFile::finish() const {
    const auto file = open_to_sync(temporary_path_, O_RDONLY | O_NOFOLLOW);
    let_read(file.get(), readers_);
    sync(file, path_);
}

void NewFile::rename() const {
    const int result = replace_ ? std::rename(temporary_path_.c_str(), path_.c_str())
                                : rename_to_free(temporary_path_, path_);
    if (result != 0)
        fail(path_, errno == EEXIST ? "it is there already; --force writes over it"
                                    : std::strerror(errno));
}

void require_different(const std::string& written, const std::string& read) {
    std::error_code error;
    if (fs::equivalent(written, read, error))
        throw UsageError(fmt::format("-o {} is the file that is read: take another name", written));
}

} // namespace ctrack::query
