// SPDX-License-Identifier: Apache-2.0
#include "recorder/checks/loopback.h"

#include <cerrno>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace ctrack {

namespace {

FileDescriptor make_socket() {
    return FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

std::uint64_t cookie_of(const FileDescriptor& socket) {
    std::uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    getsockopt(socket.get(), SOL_SOCKET, SO_COOKIE, &cookie, &size);
    return cookie;
}

bool send_byte(const FileDescriptor& from, const FileDescriptor& to) {
    char byte = 0;
    return send(from.get(), &byte, 1, MSG_NOSIGNAL) == 1 && recv(to.get(), &byte, 1, 0) == 1;
}

} // namespace

Loopback::Loopback() : client_(make_socket()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* place = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    const FileDescriptor listener = make_socket();
    if (bind(listener.get(), place, size) == 0 && listen(listener.get(), 1) == 0 &&
        getsockname(listener.get(), place, &size) == 0 && connect(client_.get(), place, size) == 0)
        server_ = FileDescriptor(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    error_ = is_open() ? 0 : errno;
}

bool Loopback::exchange() const {
    return send_byte(client_, server_) && send_byte(server_, client_);
}

std::set<std::uint64_t> Loopback::cookies() const {
    return {cookie_of(client_), cookie_of(server_)};
}

} // namespace ctrack
