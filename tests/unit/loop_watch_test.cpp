// SPDX-License-Identifier: Apache-2.0
//
// Here the test is the service manager.
#include "recorder/service/loop_watch.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/file_descriptor.h"
#include "tests/catch.h"
#include "tests/unit/temporary_folder.h"

namespace ctrack::test {

namespace {

using namespace std::chrono_literals;

constexpr auto timeout = 1s;

class Manager {
public:
    Manager() : path_(folder_ / "notify"), socket_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        REQUIRE(path_.size() < sizeof address.sun_path);
        std::strcpy(address.sun_path, path_.c_str());
        REQUIRE(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        setenv("NOTIFY_SOCKET", path_.c_str(), 1);
        setenv("WATCHDOG_USEC", std::to_string(std::chrono::microseconds(timeout).count()).c_str(),
               1);
    }
    ~Manager() {
        unsetenv("NOTIFY_SOCKET");
        unsetenv("WATCHDOG_USEC");
    }

    /// What came since it was asked last.
    std::string heard() {
        std::string all;
        std::array<char, 256> text;
        for (ssize_t size;
             (size = recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT)) > 0;)
            all.append(text.data(), size);
        return all;
    }

private:
    TemporaryFolder folder_;
    std::string path_;
    FileDescriptor socket_;
};

} // namespace

TEST_CASE("loop watch: a loop that goes round lives, one that hangs does not") {
    Manager manager;
    LoopWatch watch;
    std::this_thread::sleep_for(timeout);
    REQUIRE(manager.heard() == "WATCHDOG=1"); // it has begun
    watch.came_round();
    std::this_thread::sleep_for(timeout);
    REQUIRE(manager.heard() == "WATCHDOG=1");
    std::this_thread::sleep_for(timeout);
    REQUIRE(manager.heard().empty());
}

TEST_CASE("loop watch: says nothing where nobody watches") {
    Manager manager;
    unsetenv("WATCHDOG_USEC");
    LoopWatch watch;
    watch.came_round();
    std::this_thread::sleep_for(timeout);
    REQUIRE(manager.heard().empty());
}

} // namespace ctrack::test
