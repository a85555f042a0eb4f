// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "recorder/host/process_info.h"
#include "tests/catch.h"
#include "tests/unit/temporary_folder.h"

using namespace ctrack;
using ctrack::test::TemporaryFolder;

namespace {

void write_file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

// A /proc/PID as it would be, for a process that started at tick 12345.
struct FakeProcess {
    TemporaryFolder proc;
    ctrack_owner owner{};

    FakeProcess() {
        owner.pid = 77;
        owner.start_boottime_ns =
            12345 * (1'000'000'000ULL / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK))) + 999;
        std::strcpy(owner.comm, "a (b) c");
        write_file(proc / "77/stat",
                   "77 (a (b) c) S 5 77 77 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 99 11 0 0 0 "
                   "140722 0 0 0\n");
        write_file(proc / "77/status", "Name:\ta (b) c\nPid:\t77\nUid:\t1000\t0\t0\t0\n");
        write_file(proc / "77/comm", "a (b) c\n");
        write_file(proc / "77/cmdline", std::string("/bin/a\0-x\0two words\0", 20));
        std::filesystem::create_symlink("/bin/a", proc / "77/exe");
    }
};

} // namespace

TEST_CASE("process: all of /proc is read") {
    const FakeProcess fake;
    const ProcessRow row = read_process(fake.owner, fake.proc.path());
    CHECK(row.exe == "/bin/a");
    CHECK(row.cmdline == "/bin/a -x two words");
    CHECK(row.uid == 1000);
    CHECK(row.parent_pid == 5);
}

TEST_CASE("process: a pid used again by another process tells nothing") {
    FakeProcess fake;
    fake.owner.start_boottime_ns += 20'000'000;
    const ProcessRow row = read_process(fake.owner, fake.proc.path());
    CHECK_FALSE(row.exe);
    CHECK_FALSE(row.parent_pid);
}

TEST_CASE("process: another program since then keeps its command line to itself") {
    FakeProcess fake;
    std::strcpy(fake.owner.comm, "sh");
    const ProcessRow row = read_process(fake.owner, fake.proc.path());
    CHECK_FALSE(row.exe);
    CHECK_FALSE(row.cmdline);
    CHECK(row.parent_pid == 5);
}

TEST_CASE("process: one that is just ending has no command line any more") {
    const FakeProcess fake;
    write_file(fake.proc / "77/cmdline", "");
    CHECK_FALSE(read_process(fake.owner, fake.proc.path()).cmdline);
}

TEST_CASE("process: gone, and this very one") {
    ctrack_owner owner{};
    owner.pid = 4'194'305; // above the largest pid
    CHECK_FALSE(read_process(owner).exe);
}

TEST_CASE("process: what it told of itself, though it has gone") {
    ProcessReader reader;
    std::vector<ProcessRow> rows;
    ctrack_process process{};
    process.owner.pid = 4'194'305;
    process.parent_pid = 5;
    process.uid = 1000;
    process.arguments_bytes = 10;
    std::memcpy(process.arguments, "curl\0-s\0x", 10);
    reader.observe(process, rows);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].cmdline == "curl -s x");
    CHECK(rows[0].parent_pid == 5);
    CHECK(rows[0].uid == 1000);
    CHECK_FALSE(rows[0].exe);
}

namespace {

// What a process told that has told of this stack, and of nothing else.
ctrack_process told_by(const ctrack_owner& owner, std::uint64_t stack_start) {
    ctrack_process process{};
    process.owner = owner;
    process.stack_start = stack_start;
    return process;
}

ProcessRow observed(ProcessReader& reader, const ctrack_process& process) {
    std::vector<ProcessRow> rows;
    reader.observe(process, rows);
    return rows.at(0);
}

} // namespace

TEST_CASE("process: its stack says whether it still runs the program that told of itself") {
    const FakeProcess fake;
    ProcessReader reader(fake.proc.path()), other(fake.proc.path());
    const ProcessRow row = observed(reader, told_by(fake.owner, 140722));
    CHECK(row.exe == "/bin/a");
    CHECK(row.cmdline == "/bin/a -x two words");
    CHECK_FALSE(observed(other, told_by(fake.owner, 140723)).exe);
}

TEST_CASE("process: a command line is completed, but never by one that was written over it") {
    const FakeProcess fake;
    const std::string whole = "/bin/a " + std::string(300, 'x');
    auto process = told_by(fake.owner, 140722);
    process.arguments_bytes = sizeof process.arguments;
    std::memcpy(process.arguments, whole.data(), sizeof process.arguments);
    const auto cmdline_of = [&](const std::string& text) {
        write_file(fake.proc / "77/cmdline", text);
        ProcessReader reader(fake.proc.path());
        return observed(reader, process).cmdline;
    };
    CHECK(cmdline_of(whole) == whole);
    CHECK(cmdline_of("a: idle" + std::string(300, ' ')) == whole.substr(0, 256));
    process.arguments_bytes = 6;
    CHECK(cmdline_of("/bin/a: idle") == "/bin/a");
}

TEST_CASE("process: a fork that has gone ran the program of its parent") {
    FakeProcess fake;
    auto process = told_by(fake.owner, 140722);
    process.owner.pid = 78;
    process.parent_pid = 77;
    process.parent_start_boottime_ns = fake.owner.start_boottime_ns;
    ProcessReader unrelated(fake.proc.path());
    CHECK_FALSE(observed(unrelated, process).exe);

    process.is_fork = 1;
    ProcessReader reader(fake.proc.path());
    const ProcessRow row = observed(reader, process);
    CHECK(row.exe == "/bin/a");
    CHECK(row.cmdline == "/bin/a -x two words");

    ProcessReader remembering(fake.proc.path());
    observed(remembering, told_by(fake.owner, 140722));
    std::filesystem::remove_all(fake.proc / "77");
    CHECK(observed(remembering, process).exe == "/bin/a");
}

TEST_CASE(
    "process: what was noted when it began is known when it is an owner, though it has gone") {
    const FakeProcess fake;
    ProcessReader reader(fake.proc.path());
    reader.note(told_by(fake.owner, 140722));
    std::filesystem::remove_all(fake.proc / "77");
    ctrack_process ending = told_by(fake.owner, 0);
    CHECK(observed(reader, ending).exe == "/bin/a");
    CHECK(observed(reader, ending).cmdline == "/bin/a -x two words");
    ++ending.owner.exec_id;
    CHECK_FALSE(observed(reader, ending).exe);
}

TEST_CASE("process: another program of the same name is another owner") {
    const FakeProcess fake;
    ProcessReader reader(fake.proc.path());
    std::vector<ProcessRow> rows;
    ctrack_owner owner = fake.owner;
    reader.observe(owner, rows);
    ++owner.exec_id;
    reader.observe(owner, rows);
    CHECK(rows.size() == 2);
}

TEST_CASE("process: each owner is read once; pid 0 never") {
    ProcessReader reader;
    std::vector<ProcessRow> rows;
    ctrack_owner owner{};
    reader.observe(owner, rows);
    CHECK(rows.empty());
    owner.pid = 4'194'305;
    reader.observe(owner, rows);
    reader.observe(owner, rows);
    CHECK(rows.size() == 1);
    owner.start_boottime_ns = 1;
    reader.observe(owner, rows);
    CHECK(rows.size() == 2);
}
