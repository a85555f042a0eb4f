// SPDX-License-Identifier: Apache-2.0
//
// Damaged files are kept under another name; files of others are left alone.
#include "recorder/store/recording_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include "recorder/store/set_aside.h"
#include "schema/schema.h"
#include "tests/catch.h"
#include "tests/unit/sql.h"
#include "tests/unit/temporary_folder.h"
#include "tests/unit/writer_records.h"

using namespace ctrack;
using namespace ctrack::test;

namespace {

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void overwrite(const std::string& path, std::size_t offset, const std::string& bytes) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(offset));
    file << bytes;
}

// A stopped recording with one connection.
void make_file(const std::string& path) {
    Writer writer(path, info);
    write(writer, batch_with({open_row(1)}), 7'000'000);
    writer.finish(8'000'000);
}

std::vector<std::string> files_in(const TemporaryFolder& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
        names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

// Opens a file that must be found damaged; returns what was said.
std::string open_damaged(const TemporaryFolder& folder) {
    std::string said;
    RecordingFile file(folder / "a.db", [&](const std::string& line) { said += line + "\n"; });
    file.open(info);
    CHECK(file->first_ids().connection == 1);
    CHECK(file->finish(9'000'000));
    return said;
}

void check_set_aside(const TemporaryFolder& folder) {
    const std::string damaged = bytes_of(folder / "a.db");
    const std::string said = open_damaged(folder);
    const auto names = files_in(folder);
    REQUIRE(names.size() == 2);
    CHECK(names[1].starts_with("a.db.corrupt-2"));
    CHECK(names[1].size() == std::string("a.db.corrupt-YYYYmmddTHHMMSS").size());
    CHECK_THAT(said, Contains(names[1]));
    CHECK(std::count(said.begin(), said.end(), '\n') == 1);
    CHECK(bytes_of(folder / names[1]) == damaged);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(db.execAndGet("SELECT count(*) FROM recordings").getInt() == 1);
}

} // namespace

TEST_CASE("damaged file: a header that is zeros, or something else") {
    for (const char byte : {'\0', 'x'}) {
        const TemporaryFolder folder;
        make_file(folder / "a.db");
        overwrite(folder / "a.db", 0, std::string(100, byte));
        check_set_aside(folder);
    }
}

TEST_CASE("damaged file: cut short") {
    for (const unsigned pages : {1, 3, 10}) {
        const TemporaryFolder folder;
        make_file(folder / "a.db");
        std::filesystem::resize_file(folder / "a.db", pages * 8192);
        check_set_aside(folder);
    }
}

TEST_CASE("damaged file: every page but the first destroyed") {
    const TemporaryFolder folder;
    make_file(folder / "a.db");
    const auto size = std::filesystem::file_size(folder / "a.db");
    overwrite(folder / "a.db", 8192, std::string(size - 8192, 'x'));
    check_set_aside(folder);
}

TEST_CASE("damaged file: empty, beside a log that is not; the log is kept") {
    const TemporaryFolder folder;
    make_file(folder / "a.db");
    std::filesystem::resize_file(folder / "a.db", 0);
    std::ofstream(folder / "a.db-wal") << "the log";
    open_damaged(folder);
    const auto names = files_in(folder);
    REQUIRE(names.size() == 3);
    CHECK(bytes_of(folder / names[2]) == "the log");
    CHECK(names[2] == names[1] + "-wal");
}

TEST_CASE("damaged file: set aside while it is recorded into") {
    const TemporaryFolder folder;
    std::string said;
    RecordingFile file(folder / "a.db", [&](const std::string& line) { said += line; });
    file.open(info);
    write(*file.operator->(), batch_with({open_row(1)}), 7'000'000);
    file.replace("damaged", info);
    CHECK_THAT(said, Contains("damaged: kept as "));
    write(*file.operator->(), batch_with({open_row(2)}), 8'000'000);
    CHECK_THROWS_WITH(FileLock(folder / "a.db"), Contains("in use"));
    CHECK(file->finish(9'000'000));
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT id FROM connections") == Rows{{"2"}});
    auto aside = schema::open_for_reading(folder / files_in(folder)[1]);
    CHECK(rows(aside, "SELECT id FROM connections") == Rows{{"1"}});
}

TEST_CASE("damaged file: one that is not ours is left alone") {
    const TemporaryFolder folder;
    std::ofstream(folder / "a.db") << std::string(5000, 'x');
    RecordingFile file(folder / "a.db", [](const std::string&) { FAIL("touched"); });
    CHECK_THROWS_WITH(file.open(info), Contains("not a ctrack file"));
    CHECK(files_in(folder) == std::vector<std::string>{"a.db"});
    CHECK(bytes_of(folder / "a.db") == std::string(5000, 'x'));
}

TEST_CASE("damaged file: another database, also damaged, is left alone") {
    const TemporaryFolder folder;
    SQLite::Database(folder / "a.db", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE t(x); CREATE TABLE u(x); PRAGMA application_id = 7");
    std::filesystem::resize_file(folder / "a.db", 2 * 4096);
    const std::string damaged = bytes_of(folder / "a.db");
    RecordingFile file(folder / "a.db", [](const std::string&) { FAIL("touched"); });
    CHECK_THROWS_AS(file.open(info), DamagedFile);
    CHECK(bytes_of(folder / "a.db") == damaged);
}

TEST_CASE("damaged file: nothing is overwritten by setting aside") {
    const TemporaryFolder folder;
    std::set<std::string> names;
    for (int n = 0; n < 3; ++n) { // mostly within the same second
        std::ofstream(folder / "a.db") << n;
        const std::string name = set_aside(folder / "a.db", "corrupt");
        CHECK(bytes_of(name) == std::to_string(n));
        names.insert(name);
    }
    CHECK(names.size() == 3);
    CHECK(files_in(folder).size() == 3);
}

namespace {

// A recording with one connection in the file.
class LivingFile {
public:
    LivingFile() {
        file_.open(info);
        write_one(1, 7'000'000);
    }

    bool write_one(std::int64_t id, std::int64_t committed_us) {
        if (!file_.begin())
            return false;
        file_->write(batch_with({open_row(id)}), committed_us);
        return true;
    }

    /// What the next commit finds; nullopt if all is well.
    std::optional<LostFile> found() {
        try {
            write_one(2, 8'000'000);
            return std::nullopt;
        } catch (const LostFile& e) {
            return e;
        }
    }

    const TemporaryFolder folder;
    const std::string path = folder / "a.db";
    std::string said;

private:
    RecordingFile file_{path, [this](const std::string& line) { said += line; }};
};

} // namespace

TEST_CASE("taken file: deleted, moved, replaced and cut short are seen at the next commit") {
    using std::filesystem::rename;
    LivingFile deleted, moved, replaced, cut;
    std::filesystem::remove(deleted.path);
    CHECK(deleted.found()->content_is_gone);
    rename(moved.path, moved.path + ".old");
    CHECK(moved.found()->moved_to == moved.path + ".old");
    std::ofstream(replaced.path + ".new") << "other";
    rename(replaced.path + ".new", replaced.path);
    CHECK(replaced.found()->content_is_gone);
    CHECK(cut.write_one(3, 7'500'000)); // a first look has seen how long it is
    std::filesystem::resize_file(cut.path, 8192);
    CHECK(cut.found()->content_is_gone);
}

TEST_CASE("taken file: what another program may do to it is no loss") {
    LivingFile file;
    CHECK_FALSE(file.found());
    SQLite::Database other(file.path, SQLite::OPEN_READWRITE);
    other.exec("CREATE TABLE ballast (x); INSERT INTO ballast SELECT zeroblob(3000000)");
    other.exec("PRAGMA wal_checkpoint");
    CHECK_FALSE(file.found());
    const auto bytes = std::filesystem::file_size(file.path);
    other.exec("DROP TABLE ballast; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    CHECK(std::filesystem::file_size(file.path) < bytes - 2'000'000);
    CHECK_FALSE(file.found());
    CHECK_FALSE(file.found());
}

TEST_CASE("taken file: what is behind a symbolic link is watched, and recorded into anew") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "disk");
    std::filesystem::create_symlink("disk/b.db", folder / "a.db");
    std::string said;
    RecordingFile file(folder / "a.db", [&](const std::string& line) { said += line; });
    file.open(info);
    CHECK(file.begin());
    file->write(batch_with({open_row(1)}), 7'000'000);
    std::filesystem::remove(folder / "disk/b.db-wal");
    std::optional<LostFile> lost;
    try {
        file.begin();
    } catch (const LostFile& e) {
        lost = e;
    }
    REQUIRE(lost);
    CHECK(file.replace(*lost, 1, info) == 0);
    CHECK(std::filesystem::is_symlink(folder / "a.db"));
    CHECK(std::filesystem::file_size(folder / "disk/b.db-wal") > 0);
}

TEST_CASE("taken file: of what goes on, the sums of the new file hold what the old one lacks") {
    const TemporaryFolder folder;
    const bool is_moved = GENERATE(true, false);
    RecordingFile file(folder / "a.db", [](const std::string&) {});
    file.open(info);
    ConnectionRow row = open_row(1);
    row.summary.bytes_sent = 100;
    row.summary.rtt_samples = 2;
    row.summary.rtt_sum_us = 20;
    write(*file.operator->(), batch_with({row}), 7'000'000);
    if (is_moved)
        std::filesystem::rename(folder / "a.db", folder / "old.db");
    else
        std::filesystem::remove(folder / "a.db");
    try {
        file.begin();
        FAIL("not found");
    } catch (const LostFile& lost) {
        file.replace(lost, 1, info);
    }
    row.start_kind = StartKind::preexisting;
    row.off_batch = true;
    row.summary.bytes_sent = 130;
    row.summary.rtt_samples = 3;
    row.summary.rtt_sum_us = 25;
    write(*file.operator->(), batch_with({row}), 8'000'000);
    row.summary.bytes_sent = 131;
    write(*file.operator->(), batch_with({row}), 8'500'000);
    CHECK(file->finish(9'000'000));
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT sum(connections), sum(opened), sum(bytes_sent), sum(rtt_samples), "
                   "sum(rtt_sum_us) FROM traffic") ==
          (is_moved ? Rows{{"1", "0", "31", "1", "5"}} : Rows{{"1", "0", "131", "3", "25"}}));
}
