// SPDX-License-Identifier: Apache-2.0
#include "query/render/renderer.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "tests/catch.h"

using namespace ctrack::query;

namespace {

using Columns = std::vector<std::string>;

// A stream whose text can be had.
class MemoryStream {
public:
    MemoryStream() : stream_(open_memstream(&text_, &size_)) {}
    ~MemoryStream() {
        std::fclose(stream_);
        std::free(text_);
    }
    MemoryStream(const MemoryStream&) = delete;
    MemoryStream& operator=(const MemoryStream&) = delete;

    std::FILE* stream() { return stream_; }
    std::string text() {
        std::fflush(stream_);
        return {text_, size_};
    }

private:
    char* text_ = nullptr;
    std::size_t size_ = 0;
    std::FILE* stream_;
};

std::string rendered(Format format, const Columns& columns, const std::vector<Row>& rows,
                     const Layout& layout = {}, Color color = Color::automatic) {
    MemoryStream memory;
    Output out(memory.stream());
    const auto renderer = make_renderer(format, out, color);
    renderer->begin(columns, layout);
    for (const auto& row : rows)
        renderer->row(row);
    renderer->end();
    return memory.text();
}

const Value null;

} // namespace

TEST_CASE("csv: header, CRLF and quotes as in RFC 4180") {
    CHECK(rendered(Format::csv, {"a", "b,c"},
                   {{std::int64_t{1}, "plain"}, {2.5, "say \"x\", y"}, {null, "two\nlines"}}) ==
          "a,\"b,c\"\r\n1,plain\r\n2.5,\"say \"\"x\"\", y\"\r\n,\"two\nlines\"\r\n");
}

TEST_CASE("csv: NULL and the empty text differ") {
    CHECK(rendered(Format::csv, {"a", "b"}, {{null, ""}}) == "a,b\r\n,\"\"\r\n");
}

TEST_CASE("json: one array, one object a line") {
    CHECK(rendered(Format::json, {"a"}, {}) == "[]\n");
    CHECK(rendered(Format::json, {"a", "b"}, {{std::int64_t{1}, null}, {"x", 0.5}}) ==
          "[{\"a\":1,\"b\":null},\n{\"a\":\"x\",\"b\":0.5}]\n");
}

TEST_CASE("ndjson: nothing for no rows") {
    CHECK(rendered(Format::ndjson, {"a"}, {}).empty());
    CHECK(rendered(Format::ndjson, {"a"}, {{"x"}, {"y"}}) == "{\"a\":\"x\"}\n{\"a\":\"y\"}\n");
}

TEST_CASE("json: 64-bit integers keep their digits") {
    CHECK(rendered(Format::ndjson, {"a", "b"},
                   {{std::numeric_limits<std::int64_t>::max(),
                     std::numeric_limits<std::int64_t>::min()}}) ==
          "{\"a\":9223372036854775807,\"b\":-9223372036854775808}\n");
}

TEST_CASE("json: quotes, control characters and UTF-8") {
    CHECK(rendered(Format::ndjson, {"a"}, {{"\"\\/\t\x01\n k\u00e4se"}}) ==
          "{\"a\":\"\\\"\\\\/\\t\\u0001\\n k\u00e4se\"}\n");
    CHECK(rendered(Format::ndjson, {"a"}, {{std::string("a\0b", 3)}}) == "{\"a\":\"a\\u0000b\"}\n");
}

TEST_CASE("json: bytes that are no UTF-8 are replaced") {
    CHECK(rendered(Format::ndjson, {"a"}, {{"a\xff z"}}) == "{\"a\":\"a\ufffd z\"}\n");
}

TEST_CASE("json: infinity is null") {
    CHECK(rendered(Format::ndjson, {"a"}, {{std::numeric_limits<double>::infinity()}}) ==
          "{\"a\":null}\n");
}

TEST_CASE("table: headings, alignment, units") {
    Layout layout;
    layout.columns["sent"] = {Unit::bytes, "SENT"};
    layout.columns["rtt_us"] = {Unit::duration, ""};
    layout.columns["id"] = {Unit::plain, "", true};
    CHECK(rendered(Format::table, {"comm", "pid", "sent", "id", "rtt_us"},
                   {{"curl", std::int64_t{7}, std::int64_t{2048}, std::int64_t{1}, 24.5},
                    {null, null, std::int64_t{5}, std::int64_t{2}, null}},
                   layout) == "COMM  PID     SENT     RTT\n"
                              "curl    7  2.00KiB  24.5us\n"
                              "-       -       5B       -\n");
}

TEST_CASE("table: no rows, the headings alone") {
    CHECK(rendered(Format::table, {"a", "b_us"}, {}) == "A  B_US\n");
}

TEST_CASE("table: control characters and wrong UTF-8 cannot reach the terminal") {
    CHECK(rendered(Format::table, {"a"}, {{"x\x1b[2J\n\xff"}}) == "A\nx\\x1b[2J\\x0a\\xff\n");
}

TEST_CASE("table: a record has one line for each column") {
    Layout layout;
    layout.as_record = true;
    layout.columns["bytes_sent"] = {Unit::bytes, ""};
    CHECK(rendered(Format::table, {"bytes_sent", "comm"}, {{std::int64_t{1024}, "curl"}}, layout) ==
          "bytes sent  1.00KiB\ncomm        curl\n");
}

TEST_CASE("table: bars are as long as their share of the greatest") {
    Layout layout;
    layout.bar = "n";
    const auto full = std::string(40, '*');
    const auto half = std::string(20, '*') + std::string(20, ' ');
    CHECK(rendered(Format::table, {"n"}, {{std::int64_t{5}}, {std::int64_t{10}}}, layout) ==
          " N  DISTRIBUTION\n 5  |" + half + "|\n10  |" + full + "|\n");
    CHECK_THAT(rendered(Format::table, {"n"}, {{std::int64_t{0}}}, layout), Contains("|    "));
}

TEST_CASE("table: of the colours asked for") {
    Layout layout;
    layout.columns["outcome"] = {Unit::outcome, ""};
    const auto table =
        rendered(Format::table, {"outcome"}, {{"reset"}, {"closed"}}, layout, Color::always);
    CHECK_THAT(table, Contains("\x1b[1mOUTCOME") && Contains("\x1b[31mreset"));
    CHECK_THAT(table, !Contains("\x1b[31mclosed"));
}

TEST_CASE("tsv: what would end a field is escaped") {
    CHECK(rendered(Format::tsv, {"a", "b"}, {{"x\ty\\", null}, {std::int64_t{1}, "\r\n"}}) ==
          "a\tb\nx\\ty\\\\\t\n1\t\\r\\n\n");
}

TEST_CASE("openmetrics: one gauge for each number, in seconds") {
    Layout layout;
    layout.as_record = true;
    layout.columns["rtt_us"] = {Unit::duration, "", false, "a \"b\""};
    layout.columns["first_us"] = {Unit::time, ""};
    CHECK(rendered(Format::openmetrics, {"rtt_us", "first_us", "n", "unknown", "text"},
                   {{1.5, std::int64_t{2'500'000}, std::int64_t{7}, null, "x"}}, layout) ==
          "# TYPE ctrack_rtt_seconds gauge\n# UNIT ctrack_rtt_seconds seconds\n"
          "# HELP ctrack_rtt_seconds a \\\"b\\\"\nctrack_rtt_seconds 1.5e-06\n"
          "# TYPE ctrack_first_timestamp_seconds gauge\n"
          "# UNIT ctrack_first_timestamp_seconds seconds\nctrack_first_timestamp_seconds 2.5\n"
          "# TYPE ctrack_n gauge\nctrack_n 7\n# EOF\n");
    CHECK_THROWS_WITH(rendered(Format::openmetrics, {"n"}, {}), Contains("openmetrics is for"));
}

TEST_CASE("output: an error of the stream is told") {
    std::FILE* full = std::fopen("/dev/full", "w");
    REQUIRE(full != nullptr);
    Output out(full);
    out.write("x");
    CHECK_THROWS_WITH(out.flush(), Contains("cannot write the output"));
    std::fclose(full);
}
