# SPDX-License-Identifier: Apache-2.0
"""One clear line on stderr; 2 for a wrong command line, 1 for a failure."""
import json
import os
import sqlite3
import subprocess

import pytest

from query_driver import APPLICATION_ID, QUERY, RECORDER, UNPRIVILEGED, Query, run_query


DEFAULT_FILE = "/var/lib/ctrack/ctrack.db"


def check_failure(result, code, *words):
    lines = result.stderr.decode().splitlines()
    assert (result.returncode, result.stdout, len(lines)) == (code, b"", 1), lines
    assert lines[0].startswith("ctrack-query: ")
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize("arguments, words", [
    ((), ["no report given", "list"]),
    (("top-takers",), ["'top-takers'", "did you mean top-talkers?"]),
    (("zzzzzz",), ["'zzzzzz'", "list"]),
    (("help", "falures"), ["did you mean failures?"]),
    (("falures", "--help"), ["did you mean failures?"]),
    (("slowest", "-b", "noon"), ["bad time 'noon'", "10m ago"]),
    (("slowest", "-e", ""), ["bad time ''"]),
    (("slowest", "-b", "today", "-e", "yesterday"), ["not after"]),
    (("slowest", "-n", "many"), ["bad -n 'many'", "0 for all"]),
    (("slowest", "-n", "-3"), ["bad -n '-3'"]),
    (("slowest", "-n", "1", "--limit", "2"), ["-n is given 2 times, and takes one value"]),
    (("slowest", "-o", "xml"), ["bad -o 'xml'", "ndjson"]),
    (("slowest", "-n"), ["--limit"]),
    (("slowest", "--frobnicate"), ["there is no option --frobnicate; try 'ctrack-query --help'"]),
    (("slowest", "--colums", "pid"), ["there is no option --colums: did you mean --columns?"]),
    (("slowest", "--from=14:00"), ["there is no option --from: did you mean -b?"]),
    (("slowest", "-j"), ["there is no option -j: did you mean -o json?"]),
    (("slowest", "-x"), ["there is no option -x;"]),
    (("slowest", "-v"), ["there is no option -v: did you mean -V?"]),
    (("slowest", "-o", "out.csv"), ["bad -o 'out.csv': slowest writes to stdout: > out.csv; -o names a format"]),
    (("export", "--zeek", "-o", "conn.log"), ["export writes to stdout: > conn.log"]),
    (("sql", "select", "1"), ["write the statement in quotes, as sql \"SELECT ...\""]),
    (("SELECT 1",), ["found SQL where a report is expected: ctrack-query sql \"SELECT ...\""]),
    (("select", "1"), ["found SQL where a report is expected"]),
    (("schema", "connections"), ["schema does not take 'connections': see 'ctrack-query help schema'"]),
    (("slowest", "-p", "nginx"), ["bad -p 'nginx': expected a whole number; -c chooses by name"]),
    (("slowest", "-b", "14:00-14:30"), ["bad time '14:00-14:30'"]),
    (("slowest", "-b", "2026-11-21", "14:00"), ["found '14:00'", "-b \"2026-11-21 14:00\""]),
    (("slowest", "-5"), ["-n5 shows so many rows"]),
    (("slowest", "fastest"), ["'fastest'"]),
    (("summary", "-n", "5"), ["summary has no limit", "-n"]),
    (("info", "-b", "today"), ["info has no window", "-b"]),
    (("sql", "SELECT 1", "-e", "now"), ["this SQL does not use :end_us: leave out -e"]),
    (("sql", "SELECT 1", "-b", "now"), ["this SQL does not use :begin_us: leave out -b"]),
    (("sql", "SELECT 1", "-n", "1"), ["this SQL does not use :limit: leave out -n"]),
    (("sql",), ["sql needs"]),
    (("sql", "SELECT 1", "SELECT 2"), ["'SELECT 2'"]),
    (("list", "all"), ["'all'"]),
    (("top-talkers", "--by", "pear"), ["'pear'", "did you mean peer?", "process, container"]),
    (("top-talkers", "--by", "comm; DROP TABLE x"), ["bad --by", "peer, process"]),
    (("losses", "--by", "peer"), ["losses has no --by"]),
    (("sql", "SELECT 1", "--by", "peer"), ["sql has no --by"]),
    (("connection",), ["connection needs to know which", "help connection"]),
    (("connection", "1", "port 80"), ["connection takes no filter"]),
    (("rate", "--interval", "often"), ["bad --interval 'often'", "10s"]),
    (("rate", "--interval", "0"), ["bad --interval '0'"]),
    (("slowest", "--interval", "1m"), ["slowest has no intervals"]),
    (("slowest", "-F"), ["slowest cannot be followed"]),
    (("events", "-F", "-e", "now"), ["-F goes on", "-e"]),
    (("events", "-F", "-o", "csv"), ["table or ndjson"])])
def test_usage(query, arguments, words):
    check_failure(query(*arguments), 2, *words)


@pytest.mark.parametrize("arguments, meant", [
    (("fixture.db",), "-r fixture.db summary"), (("./fixture.db", "top"), "-r ./fixture.db top"),
    (("top", "fixture.db"), "-r fixture.db top"), (("connection", "fixture.db"), "-r fixture.db connection"),
    (("snapshot", "fixture.db", "-o", "x.db"), "-r fixture.db snapshot")])
def test_a_file_without_its_option(fixture_path, arguments, meant):
    result = run_query(*arguments, cwd=fixture_path.parent)
    check_failure(result, 2, f"fixture.db is a file: name it with -r, as in ctrack-query {meant}")


@pytest.mark.parametrize("sql, words", [
    ("SELECT * FROM nowhere", ["no such table: nowhere"]),
    ("SELECT *\nFROM\nnowhere WHERE\n\"", ["unrecognized token"]),
    ("SELEKT 1", ["syntax error"]),
    ("SELECT 1; SELECT 2", ["more than one statement"]),
    ("", ["no statement"]),
    (" -- nothing", ["no statement"]),
    ("SELECT :comm", ["the SQL has :comm, which has no value: give it with --param comm=VALUE"]),
    ("SELECT ?", ["write each parameter as :NAME, and give its value with --param NAME=VALUE"]),
    ("SELECT $comm", ["write each parameter as :NAME, and give its value with --param NAME=VALUE"])])
def test_sql_errors(query, sql, words):
    check_failure(query("--", "sql", sql), 1, *words)


@pytest.mark.parametrize("sql", [
    "DELETE FROM connections",
    "INSERT INTO event_kinds VALUES (99, 'x', 'y', NULL)",
    "CREATE TABLE mine (a)",
    "CREATE TEMP TABLE mine (a)",
    "DROP VIEW losses",
    "PRAGMA user_version = 9",
    "ATTACH 'other.db' AS other",
    "VACUUM INTO 'other.db'",
    "VACUUM"])
def test_sql_cannot_write(query, sql):
    before = query.path.read_bytes()
    check_failure(query("sql", sql), 1, "SQL")
    assert query.path.read_bytes() == before
    assert not (query.path.parent / "other.db").exists()


def test_schema_of_a_table_in_one_word(query):
    assert query("sql", ".schema batches").stdout == query("sql", ".schema", "batches").stdout != b""


def test_sql_reads(query):
    result = query("sql", "SELECT comm, count(*) AS n FROM connection_log "
                          "WHERE outcome = 'refused' GROUP BY 1; -- done", "-o", "csv")
    assert (result.returncode, result.stdout) == (0, b"comm,n\r\ncurl,2\r\n")


def test_sql_takes_window_and_limit(query):
    sql = ("SELECT id FROM connections WHERE opened_us >= :begin_us AND opened_us < :end_us "
           "ORDER BY id LIMIT :limit")
    result = query("sql", sql, "-b", "2026-11-21 14:02", "-e", "2026-11-21 14:05", "-n", "2",
                   "-o", "csv")
    assert result.stdout == b"id\r\n12\r\n13\r\n"


@pytest.mark.parametrize("option", [
    ("-r", "x.db"), ("-p", "1"), ("-s", "name"), ("--by", "peer"), ("-b", "today")])
def test_list_does_not_take(option):
    check_failure(run_query("list", *option), 2, f"list does not take {option[0]}: leave it out")


def test_list_takes_colours_and_formats():
    assert run_query("list", "--color", "always", "-o", "table").returncode == 0


@pytest.mark.parametrize("words, message", [
    (("slowest", "nginx = 5"), "found 'nginx', expected a field"), (("slowest", "-s", "foo"), "no column 'foo'"),
    (("nginx",), "no report 'nginx'")])
def test_no_guess_for_what_is_like_nothing(query, words, message):
    result = query(*words)
    check_failure(result, 2, message)
    assert b"did you mean" not in result.stderr


@pytest.mark.parametrize("end", ["foo", "", "5x", "-5-", "10.0.0.5-198.51.100.7", "x:y"])
def test_no_name_of_a_connection(query, end):
    check_failure(query("--", "connection", end), 2, f"bad connection '{end}': expected an id or "
                  "LOCAL-PEER, as 10.0.0.5:80-198.51.100.7:40312")


@pytest.mark.parametrize("end", ["999", "10.0.0.5:80-198.51.100.7:1", "10.0.0.5:81", "10.9.9.10"])
def test_no_such_connection(query, end):
    result = query("connection", end)
    assert result.returncode == 1
    assert result.stderr.startswith(f"ctrack-query: no connection {end} in".encode())


@pytest.mark.parametrize("end, same", [
    ("10.0.0.5:80", "address 10.0.0.5:80"), ("[2001:db8::5]:443", "local [2001:db8::5]:443"),
    ("10.0.0.20", "peer 10.0.0.20"), ("localhost:9000", "address 127.0.0.1:9000")])
def test_one_end_lists_connections(query, end, same):
    result = query("connection", end, "-o", "json")
    assert (result.returncode, result.stderr.decode().splitlines()[-1]) == (
        0, "ctrack-query: one end may be of several connections: name one by its ID in this list, or by "
        "both ends as LOCAL-PEER")
    rows = json.loads(result.stdout)
    assert [row["id"] for row in rows] == [
        row["id"] for row in json.loads(query("connections", same, "-n", "0", "-o", "json").stdout)] != []
    assert all(end.replace("localhost", "127.0.0.1") in row["local"] + " " + row["peer"] for row in rows)
    row = json.loads(query("connection", str(rows[0]["id"]), "-o", "json").stdout)[0]
    assert (row["local"], row["peer"]) == (rows[0]["local"], rows[0]["peer"])


def test_both_ends_in_any_form(query):
    """Of both rows of a connection within the host, it is the one whose local end is first."""
    def found(*ends):
        result = query("connection", *ends, "-f", "id", "-o", "csv")
        assert result.returncode == 0, result.stderr
        return result.stdout.decode().split()[1]
    assert found("10.0.0.5:80", "198.51.100.7:40313") == found("10.0.0.5:80-198.51.100.7:40313")
    assert found("198.51.100.7:40313-10.0.0.5:80") == found("10.0.0.5:80-198.51.100.7:40313")
    assert found("127.0.0.1:38000-127.0.0.1:9000") == "6"
    assert found("127.0.0.1:9000-127.0.0.1:38000") == "7"


def test_one_end_in_a_window(query):
    result = query("connection", "10.0.0.5:80", "-o", "json", "-e", "2026-11-20 12:00")
    assert result.returncode == 1 and b"no connection 10.0.0.5:80 in" in result.stderr


def test_no_such_file(tmp_path):
    check_failure(run_query("info", "-r", tmp_path / "none.db"), 1, "none.db", "No such file")


@pytest.mark.skipif(os.path.exists(DEFAULT_FILE), reason="a recorder has run here")
def test_no_default_file():
    check_failure(run_query("info"), 1, f"cannot read {DEFAULT_FILE}: No such file or directory: "
                  "start ctrack-recorder, or name a file with -r")


def test_not_a_database(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database at all, but long enough to have a header\n" * 20)
    check_failure(run_query("info", "-r", path), 1, "notes.txt", "not a ctrack file")


def test_of_another_program(tmp_path):
    path = tmp_path / "other.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE t (a)")
    db.close()
    check_failure(run_query("info", "-r", path), 1, "other.db", "not a ctrack file")


def test_newer_schema(new_file):
    path = new_file()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    check_failure(run_query("info", "-r", path), 1, "newer", "99")


@pytest.mark.parametrize("version", [1, 10])
def test_unreleased_format(new_file, version):
    path = new_file("ALTER TABLE connections ADD COLUMN rtt_avg_us REAL;")
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {version}")
    db.close()
    for arguments in (("info", "-r", path), ("verify", path), ("merge", path, "-o", "all.db")):
        check_failure(run_query(*arguments), 1, path.name, "unreleased format", "record anew")


def test_no_version(new_file):
    path = new_file()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 0")
    db.close()
    check_failure(run_query("info", "-r", path), 1, path.name, "does not say which version")


def test_damaged(new_file):
    path = new_file("WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n LIMIT 300) "
                    "INSERT INTO errnos SELECT i, 'E' || i, hex(zeroblob(400)) FROM n;")
    content = bytearray(path.read_bytes())
    content[len(content) // 2:] = b"\xa5" * (len(content) - len(content) // 2)
    path.write_bytes(content)
    result = run_query("sql", "SELECT sum(length(description)) FROM errnos", "-r", path)
    check_failure(result, 1, "own.db", "damaged")


def test_empty(tmp_path):
    path = tmp_path / "empty.db"
    path.touch()
    check_failure(run_query("info", "-r", path), 1, "empty.db", "not a ctrack file", "empty")


@pytest.mark.parametrize("size", [1, 15, 16, 99, 100, 511])
def test_less_than_a_page(fixture_path, tmp_path, size):
    path = tmp_path / "short.db"
    path.write_bytes(fixture_path.read_bytes()[:size])
    check_failure(run_query("info", "-r", path), 1, "short.db")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.7])
def test_truncated(fixture_path, tmp_path, share):
    path = tmp_path / "short.db"
    content = fixture_path.read_bytes()
    path.write_bytes(content[:int(len(content) * share)])
    check_failure(run_query("sql", "SELECT count(*) FROM errnos, events, batches, rtt_samples",
                            "-r", path), 1, "short.db", "damaged")


def test_directory(tmp_path):
    check_failure(run_query("info", "-r", tmp_path), 1, "it is a directory")


@pytest.mark.parametrize("arguments, words", [
    (("x.db",), "'x.db' was not expected: --db FILE says into which file to record; see ctrack-recorder --help"),
    (("-o", "x.db"), "there is no option -o; see ctrack-recorder --help"),
    (("--output=x.db",), "there is no option --output=x.db;")])
def test_words_that_the_recorder_does_not_take(arguments, words):
    result = subprocess.run([RECORDER, *arguments], capture_output=True, check=False)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode().startswith(f"ctrack-recorder: {words}")
    assert result.stderr.count(b"\n") == 1


@pytest.mark.skipif(os.path.exists("/run/systemd/journal/socket"), reason="there is a journal")
def test_a_stream_to_the_journal_without_its_socket(tmp_path):
    """As a container may have it: then the stream gets the messages."""
    with open(tmp_path / "stream", "wb") as stream:
        file = os.fstat(stream.fileno())
        subprocess.run([RECORDER, "--no-such"], stderr=stream, check=False,
                       env={**os.environ, "JOURNAL_STREAM": f"{file.st_dev}:{file.st_ino}"})
    assert (tmp_path / "stream").read_text().startswith("ctrack-recorder: ")


def test_no_regular_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    check_failure(run_query("info", "-r", tmp_path / "pipe"), 1, "it is no file")
    check_failure(run_query("info", "-r", "/dev/null"), 1, "it is no file")


def test_folder_not_allowed(new_file):
    path = new_file()
    path.parent.chmod(0)
    result = run_query("info", "-r", path, command=UNPRIVILEGED)
    path.parent.chmod(0o755)
    check_failure(result, 1, "own.db: Permission denied")


def test_not_allowed(new_file):
    path = new_file()
    path.chmod(0)
    result = run_query("info", "-r", path, command=UNPRIVILEGED)
    check_failure(result, 1, "own.db: Permission denied: run as root")


def test_full_disk(query):
    with open("/dev/full", "wb") as full:
        result = run_query("info", "-r", query.path, stdout=full)
    assert result.returncode == 1
    assert b"cannot write the output: No space left" in result.stderr


NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT * FROM n"


@pytest.mark.parametrize("output", ["table", "json", "ndjson", "csv"])
@pytest.mark.parametrize("ignores_sigpipe", [False, True])
def test_closed_pipe(query, output, ignores_sigpipe):
    """As ctrack-query ... | head -1, also under a parent that ignores SIGPIPE."""
    with subprocess.Popen([QUERY, "-r", query.path, "sql", NUMBERS, "-o", output],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          restore_signals=not ignores_sigpipe) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == (0 if ignores_sigpipe else -13)


def test_reads_beside_a_writer(new_file):
    """A recorder at work: WAL mode, a transaction open and more commits to come."""
    path = new_file("PRAGMA journal_mode = WAL;")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("INSERT INTO errnos VALUES (1000, 'E1', 'committed, still in the WAL')")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO errnos VALUES (1001, 'E2', 'not committed')")
    result = Query(path)("sql", "SELECT name FROM errnos WHERE id >= 1000", "-o", "csv")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"name\r\nE1\r\n", b"")
    writer.execute("COMMIT")
    result = Query(path)("sql", "SELECT count(*) AS n FROM errnos WHERE id >= 1000", "-o", "csv")
    assert result.stdout == b"n\r\n2\r\n"
    writer.close()


def test_application_id_is_that_of_the_program(query):
    result = query("sql", "PRAGMA application_id", "-o", "csv")
    assert result.stdout.decode() == f"application_id\r\n{APPLICATION_ID}\r\n"
