#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A config file that CLI11 2.1.2 reads can say something else than what is in force, without a word.
#
# On a command line, an option of one value that is given twice is an error, wherever the two stand.
# In a file read by set_config() it is one only where the two lines are neighbours. With another line
# between them the second value is dropped, so the setting that somebody has put below, as one does
# to override, has no effect. A '#' begins a comment within quotes, too: the value then keeps its
# opening quote and loses its rest. Both end with success, though the program has asked for
# config_extras_mode::error, which makes an error of an unknown name.
#
# Seen here: what a program of 15 lines prints that reads one file each time. Source: our own runs,
# which made us read our config file ourselves.
#
# Installs into a temporary folder: libcli11-dev 2.1.2+ds-1 (Debian 12). Needs g++. Prints what it
# saw; fails if it changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

apt-get -o APT::Sandbox::User=root download -qq libcli11-dev=2.1.2+ds-1
dpkg -x libcli11-dev_*.deb debian
cat >reader.cpp <<'END'
#include <CLI/CLI.hpp>
#include <iostream>
int main(int argc, char** argv) {
    CLI::App app;
    int size = 0;
    bool quiet = false;
    std::string file = "-";
    app.add_option("--size", size);
    app.add_flag("--quiet", quiet);
    app.add_option("--file", file);
    app.allow_config_extras(CLI::config_extras_mode::error);
    app.set_config("--config");
    CLI11_PARSE(app, argc, argv);
    std::cout << "size=" << size << " file=" << file << '\n';
}
END
g++ -std=c++17 -Idebian/usr/include reader.cpp -o reader

failed=0
expect() { # what it is about, what is expected, lines of the file...
  local about=$1 expected=$2 found
  shift 2
  printf '%s\n' "$@" >file.conf
  found=$(./reader --config file.conf 2>/dev/null) || found="an error"
  echo "$about: $found"
  [ "$found" = "$expected" ] || { echo "  expected $expected" >&2; failed=1; }
}
on_command_line=$(./reader --size 1 --quiet --size 2 2>/dev/null) || on_command_line="an error"
echo "command line, twice, not adjacent: $on_command_line"
[ "$on_command_line" = "an error" ] || failed=1
expect "file, twice, adjacent" "an error" size=1 size=2
expect "file, twice, not adjacent" "size=1 file=-" size=1 quiet=true size=2
expect "file, '#' within quotes" 'size=0 file="a' 'file="a#b"'
expect "file, an unknown name" "an error" sze=1
exit $failed
