// SPDX-License-Identifier: Apache-2.0
#include "query/render/output.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/error.h"
#include "common/terminal_text.h"
#include "query/base/say.h"

namespace ctrack::query {

namespace {

[[noreturn]] void fail() {
    if (errno == EPIPE)
        throw ClosedPipe();
    throw Error(std::string("cannot write the output: ") + std::strerror(errno));
}

} // namespace

Output::Output(std::FILE* stream) : stream_(stream), is_terminal_(isatty(fileno(stream)) != 0) {}

void Output::write(std::string_view text) {
    std::string safe;
    if (is_terminal_)
        text = safe = as_lines(text);
    if (std::fwrite(text.data(), 1, text.size(), stream_) != text.size())
        fail();
}

void Output::flush() {
    if (std::fflush(stream_) != 0)
        fail();
    for (const auto& line : std::exchange(below_, {}))
        say(line);
}

std::size_t Output::columns() const {
    const auto* variable = std::getenv("COLUMNS");
    if (const int columns = variable == nullptr ? 0 : std::atoi(variable); columns > 0)
        return static_cast<std::size_t>(columns);
    winsize size{};
    return ioctl(fileno(stream_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool Output::is_closed() const {
    pollfd reader{fileno(stream_), 0, 0};
    return poll(&reader, 1, 0) > 0 && (reader.revents & (POLLERR | POLLNVAL)) != 0;
}

} // namespace ctrack::query
