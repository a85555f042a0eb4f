// SPDX-License-Identifier: Apache-2.0
#include "recorder/service/journal.h"

#include <cstdlib>

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <fmt/format.h>
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "common/terminal_text.h"

namespace ctrack::journal {

namespace {

constexpr const char* socket_of_journal = "/run/systemd/journal/socket";

// All of a field's text passes through here, because names of others are in it.
std::vector<std::string> fields_of(const Message& message) {
    std::vector<std::string> fields{"MESSAGE=" + one_line(message.text),
                                    fmt::format("PRIORITY={}", static_cast<int>(message.priority))};
    if (!message.id.empty())
        fields.push_back("MESSAGE_ID=" + message.id);
    for (const std::string& field : message.fields)
        fields.push_back(one_line(field));
    return fields;
}

} // namespace

// systemd tells by device and inode which stream goes to the journal, because a program that
// starts another one may have sent its stderr elsewhere. A container may have the stream but not
// the socket, and without that sd_journal_sendv() drops messages and says nothing.
bool reads_stderr() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat file {};
    return stream && fstat(STDERR_FILENO, &file) == 0 &&
           fmt::format("{}:{}", file.st_dev, file.st_ino) == stream &&
           access(socket_of_journal, W_OK) == 0;
}

void store(const Message& message) {
    std::vector<std::string> fields = fields_of(message);
    std::vector<iovec> parts;
    for (std::string& field : fields)
        parts.push_back({field.data(), field.size()});
    sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

} // namespace ctrack::journal
