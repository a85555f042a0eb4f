// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include <linux/capability.h>

#include "recorder/checks/host_checks.h"
#include "recorder/checks/limit_checks.h"
#include "recorder/checks/print_checks.h"
#include "recorder/checks/trial.h"
#include "recorder/host/memory_limit.h"
#include "recorder/privileges/capabilities.h"
#include "tests/catch.h"
#include "tests/unit/temporary_folder.h"

using namespace ctrack;
using ctrack::test::TemporaryFolder;

namespace {

constexpr std::uint64_t mib = 1 << 20;

void write_file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
}

} // namespace

TEST_CASE("lockdown: only confidentiality refuses what the programs do") {
    CHECK(check_lockdown("").state == State::ok);
    CHECK(check_lockdown("[none] integrity confidentiality\n").found == "none");
    CHECK(check_lockdown("none [integrity] confidentiality\n").state == State::ok);
    CHECK(check_lockdown("none integrity [confidentiality]\n").state == State::fails);
    CHECK(check_lockdown("]odd[").state == State::ok);
}

TEST_CASE("capabilities: without each that is required nothing can be recorded") {
    CHECK(check_capabilities([](int) { return true; }).found == "all");
    for (const auto& missing : capabilities()) {
        const auto check = check_capabilities(
            [&](int number) { return number != missing.number && number != CAP_SYS_ADMIN; });
        CHECK(check.state == (missing.is_required ? State::fails : State::ok));
        CHECK(check.found.find(missing.name) != std::string::npos);
    }
    CHECK(check_capabilities([](int number) { return number != CAP_BPF; }).state == State::ok);
    CHECK(check_capabilities([](int number) { return number != CAP_NET_ADMIN; }).state ==
          State::fails);
}

TEST_CASE("the least limit of memory, of the groups up to the root") {
    const TemporaryFolder folder;
    const std::string root = folder / "v2", v1 = folder / "v1", own = folder / "own";
    write_file(root + "/memory.max", "1000\n");
    write_file(root + "/a/memory.max", "max\n");
    write_file(root + "/a/b/memory.max", "2000\n");
    const auto limit_in = [&](const std::string& groups) {
        write_file(own, groups);
        return memory_limit({.own_cgroups = own, .root_v1 = v1, .root_v2 = root});
    };
    CHECK(limit_in("0::/a/b\n") == 1000);
    write_file(root + "/memory.max", "max\n");
    CHECK(limit_in("0::/a/b\n") == 2000);
    CHECK(limit_in("0::/a\n") == std::nullopt);
    CHECK(limit_in("") == std::nullopt);
    write_file(v1 + "/c/memory.limit_in_bytes", "500\n");
    write_file(v1 + "/memory.limit_in_bytes", "9223372036854771712\n");
    CHECK(limit_in("4:memory:/c\n3:cpu:/a\n0::/a/b\n") == 500);
    CHECK(limit_in("4:memory:/\n0::/a\n") == std::nullopt);
}

TEST_CASE("memory: the rings must have room, and what a storm takes should") {
    const auto state_with = [](std::uint64_t limit) {
        return check_memory({.ring_bytes = 80 * mib, .limit = limit, .available = 0}).state;
    };
    CHECK(state_with(80 * mib) == State::fails);
    CHECK(state_with(100 * mib) == State::less);
    CHECK(state_with(1000 * mib) == State::ok);
    CHECK(check_memory({.ring_bytes = 80 * mib, .limit = {}, .available = 0}).state == State::ok);
    CHECK(check_memory({.ring_bytes = 80 * mib, .limit = {}, .available = 90 * mib}).state ==
          State::less);
}

TEST_CASE("a trial") {
    const Trial all{.opened = true, .closed = true, .rtt = true, .measured = true};
    const auto state = [](const Trial& trial, bool wants_rtt = true, bool in_cgroup = true) {
        return check_trial(trial, wants_rtt, in_cgroup).state;
    };
    CHECK(state(all) == State::ok);
    CHECK(state({}) == State::fails);
    CHECK(state({}, true, false) == State::ok);
    CHECK(state({.opened = true}) == State::less);
    const Trial without_rtt{.opened = true, .closed = true};
    CHECK(state(without_rtt) == State::less);
    CHECK(state(without_rtt, false) == State::ok);
    CHECK(state({.opened = true, .closed = true, .rtt = true}) == State::less); // RACK's
}

TEST_CASE("what is found of others is printed escaped, and the last line sums up") {
    const Checks checks{{"kernel", State::ok, "6.1\x1b[2J"},
                        {"processes", State::less, "none", "no paths", "give more"}};
    CHECK(text_of(checks) == "kernel              ok     6.1\\x1b[2J\n"
                             "processes           less   none\n"
                             "                           costs: no paths\n"
                             "                           mend: give more\n"
                             "result              less   can record, but one part gives less\n");
    CHECK(parts_with_less(checks) == "processes");
    CHECK_FALSE(any_fails(checks));
    CHECK_NOTHROW(require(checks));
    CHECK_THROWS_WITH(require({{"btf", State::fails, "no BTF", "nothing", "another kernel"}}),
                      "cannot record: no BTF: another kernel; ctrack-recorder --check tells more");
}
