# SPDX-License-Identifier: Apache-2.0
"""schema: each table and column is described, in the words of the DDL."""
import json
import re

from files import column, rows, run
from query_driver import ROOT, SCHEMA

METADATA = json.loads(run("-r", "/somewhere/incident.db", "schema", "--datasette").stdout)
TABLES = METADATA["databases"]["incident"]["tables"]


def test_events_and_samples():
    assert TABLES["events"]["columns"]["id"].startswith("given by SQLite")
    assert TABLES["events"]["columns"]["value"] == "see event_kinds.value"
    assert TABLES["events"]["columns"]["time_us"] == "when the kernel called"
    assert TABLES["rtt_samples"]["columns"]["connection_id"] == "whose round trip"
    assert TABLES["rtt_samples"]["columns"]["srtt_us"].startswith("smoothed (RFC 6298)")
    assert TABLES["event_log"]["columns"]["kind"] == "what happened"


def test_all_is_described(fixture_path):
    names = column(fixture_path, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
                                 "AND name NOT LIKE 'sqlite_%'")
    assert set(TABLES) == set(names)
    for name in names:
        assert TABLES[name]["description"] or name.startswith("traffic"), name
        columns = [row[1] for row in rows(fixture_path, f"PRAGMA table_info({name})")]
        assert list(TABLES[name]["columns"]) == columns
        assert [column for column, text in TABLES[name]["columns"].items() if not text] == [], name


def test_in_the_words_of_the_ddl():
    ddl = SCHEMA.read_text()
    connections = TABLES["connections"]["columns"]
    assert TABLES["connections"]["description"] == (
        "one row for each end of a connection or attempt on this host")
    assert connections["cookie"] == "the socket's cookie, as in ss -e (there in hex)"
    assert connections["pid_source"] == (
        "how the owner is known. connect: it called connect(); listener: it called listen(), and "
        "nobody was seen to accept; accept: it called accept(); closer: it closed the accepted "
        "socket, and another process or none was seen to accept; scan: it had the socket open when "
        "the recorder started; unknown: none of these was seen")
    assert connections["congestion"] == "name of the congestion control: cubic, bbr, ..."
    assert "CHECK" not in json.dumps(METADATA)
    assert "-- " + TABLES["events"]["columns"]["time_us"] in ddl
    assert TABLES["rtt_log"]["description"] == "one line per RTT sample"
    assert TABLES["rtt_log"]["columns"]["rtt_us"] == TABLES["rtt_samples"]["columns"]["rtt_us"]


def test_as_rows():
    table = json.loads(run("schema", "-o", "json").stdout)
    assert {row["table_name"] for row in table} == set(TABLES)
    assert len(table) == sum(1 + len(item["columns"]) for item in TABLES.values())


def numbers(pattern, *places):
    """What the pattern finds in the files, without the marks between digits."""
    text = "".join(path.read_text() for place in places for path in ROOT.glob(place))
    return {int(number.replace("'", "")) for number in re.findall(pattern, text)}


def test_numbers_that_are_in_sql_and_in_cpp():
    """SQL has no constants: each number that C++ knows too must be the same there."""
    march_2030_us = {1_900_000_000_000_000}
    assert numbers(r"march_2030_us = ([\d']+)", "recorder/fold/rtt_row.h") == march_2030_us
    assert numbers(r"\b\d{16}\b", "schema/*.sql", "query/**/*.sql") == march_2030_us
    ten_minutes_us = {600_000_000}
    assert numbers(r"long_us = ([\d']+)", "recorder/store/rows/*.cpp") == ten_minutes_us
    assert numbers(r"\b\d{9}\b", "query/sql/*.sql") == ten_minutes_us
