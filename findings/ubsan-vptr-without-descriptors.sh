#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# UBSan's check of virtual calls reports errors that are none once a process has no file descriptor
# left.
#
# Before it reads an object's pointer to its virtual functions, -fsanitize=vptr asks whether that
# memory can be read. It does so by writing the memory into a pipe, which takes two descriptors. If
# there are none, it takes valid memory for unreadable, and says that a call is made on an address
# "which does not point to an object" of its type. So a test that lowers RLIMIT_NOFILE, to see what a
# program says when files run out, fails in the sanitized build alone, at the first virtual call (or
# std::shared_ptr, which has some). The same was seen with clang 14.0.6.
#
# Seen here: a correct virtual call, with the limit of descriptors as it is and with all in use.
# Source: our own tests of a limit of open files; IsAccessibleMemoryRange() of the sanitizers'
# common run-time library.
#
# Needs g++ 12. Puts libubsan1 12.2.0-14+deb12u1 (Debian 12), which does the check, into a temporary
# folder. Prints what it saw; fails if it changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

apt-get download -qq libubsan1=12.2.0-14+deb12u1
dpkg -x libubsan1_*.deb debian

cat > call.cpp <<'END'
#include <cstdlib>
#include <sys/resource.h>
struct Shape {
    virtual int sides() const = 0;
};
struct Square : Shape {
    int sides() const override { return 4; }
};
int main(int, char** argv) {
    const rlimit limit{static_cast<rlim_t>(std::atoi(argv[1])), 1024};
    setrlimit(RLIMIT_NOFILE, &limit);
    Square square;
    const Shape* volatile shape = &square;
    return shape->sides() == 4 ? 0 : 1;
}
END
g++-12 -fsanitize=vptr call.cpp -o call

failed=0
expect() { # limit of descriptors, of which 3 are in use, and how many errors there should be
  local said found
  said=$(LD_LIBRARY_PATH=$(dirname "$(find debian -name 'libubsan.so.1')") ./call "$1" 2>&1) ||
    said+=$' the call failed'
  found=$(grep -c 'does not point to an object' <<<"$said" || true)
  echo "at most $1 descriptors: $found errors"
  [ "$found" = "$2" ] || { echo "  expected $2: $said" >&2; failed=1; }
}
expect 5 0
expect 4 1
expect 3 1
exit $failed
