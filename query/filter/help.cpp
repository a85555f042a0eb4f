// SPDX-License-Identifier: Apache-2.0
#include "query/filter/help.h"

#include <string_view>

#include <fmt/format.h>

#include "query/filter/fields.h"

namespace ctrack::query::filter {

namespace {

constexpr std::string_view grammar = R"(A filter is the words after a report, best in quotes:

  ctrack-query slowest 'peer in 10.0.0.0/8 and port 443 and rtt > 50ms'
  ctrack-query failures 'comm ~ ^ng or (uid = 0 and not error = ECONNREFUSED)'

Tests of one field each are joined by and (&&), or (||) and not (!); and binds closer
than or, and brackets closer than both. What is not known (the pid of an owner that
was not seen, the rtt of a connection without samples) passes no test, so the negation
of that test holds.

  FIELD VALUE              is that value; also = VALUE, and != VALUE for is not
  FIELD in A,B,C           is one of them; also in (A B C) and not in A,B,C
  FIELD > VALUE            also < <= >=
  FIELD ~ PATTERN          this regular expression (RE2) is found in it, so part of a
                           text will do; !~ is not found
  open, failed, ipv4, ipv6 stand by themselves

Values:
  text      as it is; with * or ?, a pattern as in the shell for the whole of it;
            in "..." or '...' if it holds blanks or symbols, and then without patterns
  address   10.0.0.1, ::1; a network as 10.0.0.0/8 or 2001:db8::/32; fe80::1%eth0 at that
            interface; a name in /etc/hosts of this host, which means each of its
            addresses (no name server is asked)
  port      443, also a range as 8000-8999 (so may other numbers be); a service as https,
            in /etc/services of this host
  time      50us, 2.5ms, 10s, 5m, 1h, 1d
  size      4096, 1.5kB, 10MiB (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB)
  moment    as for -b: 14:23, "yesterday 14:00", 2026-11-21T14:23:05Z

Fields:
)";

std::string_view values_of(Type type) {
    switch (type) {
    case Type::address: return "address";
    case Type::port: return "port";
    case Type::duration: return "time";
    case Type::size: return "size";
    case Type::time: return "moment";
    case Type::integer: return "number";
    case Type::text:
    case Type::unit:
    case Type::container: return "text";
    default: return "word";
    }
}

} // namespace

std::string help() {
    std::string text(grammar);
    for (const auto& field : fields())
        if (!field.meaning.empty())
            text += fmt::format("  {:<14}  {:<8} {}\n", field.name, values_of(field.type),
                                field.meaning);
    return text +
           "\nThe report listeners knows those that a listening socket has. host is address, "
           "state\n"
           "is outcome, errno is error and handshake is connect; local_port and the like, the\n"
           "names of columns, will do as well.\n";
}

} // namespace ctrack::query::filter
