// SPDX-License-Identifier: Apache-2.0
#include "query/render/output.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "common/error.h"
#include "common/terminal_text.h"
#include "query/base/say.h"
#include "query/render/screen.h"

namespace ctrack::query {

namespace {

[[noreturn]] void fail() {
    if (errno == EPIPE)
        throw ClosedPipe();
    throw Error(std::string("cannot write the output: ") + std::strerror(errno));
}

} // namespace

Output::Output(std::FILE* stream) : stream_(stream), is_terminal_(isatty(fileno(stream)) != 0) {}

Output::Output(Screen& screen) : stream_(screen.stream()), screen_(&screen), is_terminal_(true) {}

void Output::write(std::string_view text) {
    std::string safe;
    if (is_terminal_)
        text = safe = as_lines(text);
    if (std::fwrite(text.data(), 1, text.size(), stream_) != text.size())
        fail();
    if (screen_ != nullptr && std::ferror(stream_) != 0)
        throw ClosedPipe(); // the pager has gone, which libsmartcols does not tell
}

void Output::flush() {
    if (std::fflush(stream_) != 0)
        fail();
    if (screen_ != nullptr)
        screen_->show();
    for (const auto& line : std::exchange(below_, {}))
        say(line);
}

bool Output::is_closed() const {
    pollfd reader{fileno(stream_), 0, 0};
    return poll(&reader, 1, 0) > 0 && (reader.revents & (POLLERR | POLLNVAL)) != 0;
}

} // namespace ctrack::query
