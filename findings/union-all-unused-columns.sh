#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A view that unites tables by UNION ALL is not free of the columns that a query leaves out.
#
# Where a query with GROUP BY (or an aggregate of an application's own) reads such a view, SQLite
# 3.40.1, which Debian 12 has, works out every column of every part for every row, also function
# calls in columns that nobody asked for. With a single table behind the view it does not. Who puts
# partitions or files together by a view meets this as a query that is many times slower than the
# same over one table. A subquery that names the wanted columns and ends in LIMIT -1 (which is no
# limit) gets rid of it: the subquery itself has no GROUP BY, so SQLite merges the parts of the view
# into it, and only its columns are left. SQLite 3.53.2 leaves the unused columns out by itself.
#
# Seen here: the programs that EXPLAIN prints, of which the lines with a function call are counted.
# Source: our own measurement of reports over several files; "Subquery flattening" in SQLite's
# document on its query optimizer says which subqueries can be put into another.
#
# Installs into a temporary folder: sqlite3 and libsqlite3-0 3.40.1-2+deb12u2 (Debian 12), and
# better-sqlite3 12.11.1 (npm), which has SQLite 3.53.2. Prints what it saw; fails if it changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

schema='CREATE TABLE a (k, x); CREATE TABLE b (k, x);
CREATE VIEW single AS SELECT k, hex(x) AS h FROM a;
CREATE VIEW united AS SELECT k, hex(x) AS h FROM a UNION ALL SELECT k, hex(x) FROM b;'
declare -A query=(
  [single]='SELECT k, count(*) FROM single GROUP BY k'
  [united]='SELECT k, count(*) FROM united GROUP BY k'
  [limited]='SELECT k, count(*) FROM (SELECT k FROM united LIMIT -1) GROUP BY k'
)

apt-get download -qq sqlite3=3.40.1-2+deb12u2 libsqlite3-0=3.40.1-2+deb12u2
for package in *.deb; do dpkg -x "$package" debian; done
in_debian() { # query: how often hex() is called for each row, by SQLite 3.40.1
  LD_LIBRARY_PATH=$(dirname "$(find debian -name 'libsqlite3.so.0')") \
    debian/usr/bin/sqlite3 :memory: "$schema" "EXPLAIN $1" | grep -c 'hex(' || true
}

npm install --silent --no-save --prefix "$folder" better-sqlite3@12.11.1 >/dev/null
in_newer() { # query: the same by SQLite 3.53.2
  node -e '
    const db = new (require("better-sqlite3"))(":memory:");
    db.exec(process.argv[1]);
    const program = db.prepare("EXPLAIN " + process.argv[2]).all();
    console.log(program.filter(step => String(step.p4).startsWith("hex(")).length);
  ' "$schema" "$1"
}

failed=0
expect() { # what, found, expected
  echo "$1: hex() is called in $2 places"
  [ "$2" = "$3" ] || { echo "  expected $3" >&2; failed=1; }
}
expect "SQLite 3.40.1, a view of one table" "$(in_debian "${query[single]}")" 0
expect "SQLite 3.40.1, a view of two, UNION ALL" "$(in_debian "${query[united]}")" 2
expect "SQLite 3.40.1, the same through LIMIT -1" "$(in_debian "${query[limited]}")" 0
expect "SQLite 3.53.2, a view of two, UNION ALL" "$(in_newer "${query[united]}")" 0
exit $failed
