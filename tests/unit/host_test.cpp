// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/error.h"
#include "recorder/host/cgroup.h"
#include "recorder/host/netns_counters.h"
#include "recorder/status.h"
#include "tests/catch.h"
#include "tests/unit/temporary_folder.h"

using namespace ctrack;
using namespace std::chrono_literals;
using ctrack::test::TemporaryFolder;

namespace {

std::string write_file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

constexpr const char* hybrid =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
constexpr const char* unified =
    "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr const char* bind_mount_first =
    "50 23 0:26 /system.slice /mnt/part rw - cgroup2 cgroup2 rw\n"
    "51 23 0:26 / /mnt/a\\040b rw - cgroup2 cgroup2 rw\n";
// The host's hierarchy is mounted after the container's own part of it, and a part beside that.
constexpr const char* container = "60 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n"
                                  "61 23 0:26 /../.. /host/cgroup ro - cgroup2 cgroup2 rw\n"
                                  "62 23 0:26 /../../../other /mnt rw - cgroup2 cgroup2 rw\n";

} // namespace

TEST_CASE("the kernel's counters have the names that nstat gives them") {
    std::istringstream file("Tcp: RtoMin MaxConn OutRsts\nTcp: 200 -1 17\n"
                            "TcpExt: SyncookiesSent ListenDrops\nTcpExt: 3 4\n");
    const auto counters = read_counters(file);
    CHECK(counters.at("TcpOutRsts") == 17);
    CHECK(counters.at("TcpMaxConn") == -1);
    CHECK(counters.at("TcpExtListenDrops") == 4);
    CHECK(counters.size() == 5);
    std::istringstream nothing("");
    CHECK(read_counters(nothing).empty());
}

TEST_CASE("counters of a namespace: what was counted since it was first read") {
    const auto drops = [](std::int64_t count) { return NetnsCounts{.listen_drops = count}; };
    NetnsCounters counters;
    counters.note(1, drops(100), 10);
    counters.note(2, drops(7), 10);
    CHECK(counters.take().empty());
    counters.note(1, drops(103), 20);
    counters.note(1, drops(104), 30);
    counters.note(2, drops(7), 30);
    const auto rows = counters.take();
    REQUIRE(rows.size() == 1);
    CHECK((rows[0].netns == 1 && rows[0].from_us == 10 && rows[0].until_us == 30));
    CHECK(rows[0].counts == drops(4));
    CHECK(counters.take().empty());
}

TEST_CASE("counters of a namespace that has the number of one before it begin anew") {
    const auto resets = [](std::int64_t count) { return NetnsCounts{.resets_sent = count}; };
    NetnsCounters counters;
    counters.note(1, resets(100), 10);
    counters.note(1, resets(2), 20);
    CHECK(counters.take().empty());
    counters.note(1, resets(5), 30);
    CHECK(counters.take().at(0).counts == resets(3));
}

TEST_CASE("cgroup2 is found on unified and hybrid hosts, and the host's in a container") {
    const TemporaryFolder folder;
    const auto root = [&](const char* text) {
        return find_cgroup2_root(write_file(folder / "mountinfo", text));
    };
    CHECK(root(unified) == "/sys/fs/cgroup");
    CHECK(root(hybrid) == "/sys/fs/cgroup/unified");
    CHECK(root(bind_mount_first) == "/mnt/a b");
    CHECK(root(container) == "/host/cgroup");
    CHECK_FALSE(root("31 23 0:28 / /tmp rw - tmpfs tmpfs rw\n"));
}

TEST_CASE("a directory outside cgroup2 is refused") {
    CHECK_THROWS_WITH(open_cgroup("/proc"), Contains("not in a cgroup2 hierarchy"));
    CHECK_THROWS_WITH(open_cgroup("/no/such"), Contains("No such file"));
}

namespace {

const std::string id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string other_id(64, 'e');

} // namespace

TEST_CASE("container and unit are read from a cgroup's path") {
    const auto container_of = [](const std::string& path) { return place_of(path).container_id; };
    CHECK(container_of("/system.slice/docker-" + id + ".scope") == id);
    CHECK(container_of("/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + id + ".scope") ==
          id);
    CHECK(container_of("/docker/" + id) == id);
    CHECK(container_of("/machine.slice/libpod-" + id + ".scope/container") == id);
    CHECK(container_of("/system.slice/nginx.service") == "");
    CHECK(container_of("/x/" + id + "a") == "");
    const auto unit_of = [](const std::string& path) { return place_of(path).systemd_unit; };
    CHECK(unit_of("/system.slice/nginx.service") == "nginx.service");
    CHECK(unit_of("/user.slice/user-0.slice/session-1.scope") == "session-1.scope");
    CHECK(unit_of("/system.slice/docker-" + id + ".scope/inner") == "docker-" + id + ".scope");
    CHECK(unit_of("/system.slice/ssh.socket") == "ssh.socket");
    CHECK(unit_of("/system.slice/_cpu.service") == "cpu.service");
    CHECK(unit_of("/init.scope") == "init.scope");
    CHECK(unit_of("/system.slice") == "");
    CHECK(unit_of("/") == "");
    CHECK(unit_of("") == "");
    const auto slice_of = [](const std::string& path) { return place_of(path).systemd_slice; };
    CHECK(slice_of("/user.slice/user-0.slice/session-1.scope") == "user-0.slice");
    CHECK(slice_of("/.slice/init.scope") == "");
}

TEST_CASE("who may name a part of the hierarchy cannot pass for another unit or container") {
    const std::string user = "/user.slice/user-1000.slice/user@1000.service";
    for (const std::string below : {"/app.slice/nginx.service", "/nginx.service/inner"}) {
        const Place place = place_of(user + below);
        CHECK(place.systemd_unit == "user@1000.service");
        CHECK(place.systemd_slice == "user-1000.slice");
        CHECK(place.systemd_user_unit == "nginx.service");
    }
    CHECK(place_of(user).systemd_user_unit == "");
    CHECK(place_of(user + "/docker-" + id + ".scope").container_id == "");
    const Place nested = place_of("/docker/" + id + "/system.slice/docker-" + other_id + ".scope");
    CHECK(nested.container_id == id);
    CHECK(nested.systemd_unit == "");
    CHECK(place_of("/system.slice/a.service/system.slice/b.service").systemd_unit == "a.service");
}

TEST_CASE("status: numbers as people read them") {
    CHECK(size_text(217) == "217 B");
    CHECK(size_text(222'822) == "217.6 KiB");
    CHECK(size_text(5LL << 40) == "5120.0 GiB");
    const Totals before{0, 100, 50, 0};
    const Totals now{10, 2508, 16670, 3};
    CHECK(status_text(before, now, 2.0, 1234, 1 << 20) ==
          "1,234 open   1,204 events/s   8,310 RTT/s   lost 3   db 1.0 MiB");
    CHECK(status_text(before, now, 0.0, 0, 0) == "0 open   0 events/s   0 RTT/s   lost 3   db 0 B");
    CHECK(totals_text(now, 1024) ==
          "10 connections, 2,508 events, 16,670 RTT samples, lost 3, db 1.0 KiB");
}
