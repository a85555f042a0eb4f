// SPDX-License-Identifier: Apache-2.0
#include "query/files/anonymize/anonymizer.h"

#include <algorithm>

#include "schema/schema.h"
#include "tests/catch.h"

using namespace ctrack;
using namespace ctrack::query::anonymize;

namespace {

// Of the sample that the authors published with Crypto-PAn.
constexpr CryptoPan::Key sample_key{21,  34, 23,  141, 51, 164, 207, 128, 19,  10,  91,
                                    22,  73, 144, 125, 16, 216, 152, 143, 131, 121, 121,
                                    101, 39, 98,  87,  76, 45,  42,  132, 34,  2};

const std::string key(32, 'k');

} // namespace

TEST_CASE("Crypto-PAn: the published vectors") {
    const CryptoPan pan(sample_key);
    const auto [address, mapped] = GENERATE(table<std::string, std::string>({
        {"128.11.68.132", "135.242.180.132"},
        {"129.118.74.4", "134.136.186.123"},
        {"130.132.252.244", "133.68.164.234"},
        {"141.223.7.43", "141.167.8.160"},
        {"141.233.145.108", "141.129.237.235"},
        {"152.163.225.39", "151.140.114.167"},
        {"156.29.3.236", "147.225.12.42"},
        {"165.247.96.84", "162.9.99.234"},
        {"166.107.77.190", "160.132.178.185"},
        {"192.102.249.13", "252.138.62.131"},
        {"198.36.213.5", "249.7.21.132"},
        {"202.49.198.20", "245.206.7.234"},
    }));
    CHECK(pan.map(address) == mapped);
}

TEST_CASE("Crypto-PAn: IPv6, as other programs do it") {
    const CryptoPan pan(sample_key);
    CHECK(pan.map("::1") == "78ff:f001:9fc0:20df:8380:b1f1:704:ed");
    CHECK(pan.map("2001:db8::1") == "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e");
    CHECK(pan.map("2001:db8::2") == "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c");
}

TEST_CASE("Crypto-PAn: what is no address") {
    const CryptoPan pan(sample_key);
    for (const std::string text :
         {"", "localhost", "127.0.0.1 and more", "10.0.0.1\n", "fe80::1%eth0"})
        CHECK(pan.map(text) == std::nullopt);
}

TEST_CASE("anonymize: each column of each table is classified") {
    auto db = schema::open_for_writing(":memory:");
    for (const auto& table : query::tables_of(db))
        for (const auto& column : table.columns) {
            CAPTURE(table.name, column);
            CHECK_NOTHROW(kind_of(table.name, column));
        }
    CHECK_THROWS(kind_of("connections", "secret"));
    CHECK_THROWS(kind_of("secrets", "id"));
}

TEST_CASE("anonymize: a number may stay in columns of numbers alone") {
    auto db = schema::open_for_writing(":memory:");
    for (const auto& table : query::tables_of(db))
        for (const auto& column : table.columns) {
            const auto kind = kind_of(table.name, column);
            const auto& texts = table.text_columns;
            const bool is_text = std::find(texts.begin(), texts.end(), column) != texts.end();
            CAPTURE(table.name, column);
            CHECK((kind == Kind::ours || is_text != (kind == Kind::kept || kind == Kind::number)));
        }
}

TEST_CASE("anonymize: words are those of the schema") {
    const auto schema = query::described_schema();
    CHECK(words_of("direction", schema) == std::set<std::string>{"active", "passive", "unknown"});
    CHECK(words_of("adoption", schema) == std::set<std::string>{"callbacks", "state tracepoint"});
    CHECK(words_of("congestion", schema).contains("bbr"));
    auto db = schema::open_for_writing(":memory:");
    for (const auto& table : query::tables_of(db))
        for (const auto& column : table.columns)
            if (kind_of(table.name, column) == Kind::word)
                CHECK(!words_of(column, schema).empty());
}

TEST_CASE("anonymize: names") {
    Anonymizer anonymizer(key, Level::strict);
    const auto nginx = anonymizer.replaced(Kind::name, "nginx");
    CHECK(nginx.size() == 13);
    CHECK(anonymizer.replaced(Kind::name, "nginx") == nginx);
    CHECK(anonymizer.replaced(Kind::name, "nginy") != nginx);
    CHECK(anonymizer.replaced(Kind::name, "") == "");
    CHECK(Anonymizer(std::string(32, 'l'), Level::strict).replaced(Kind::name, "nginx") != nginx);
}

TEST_CASE("anonymize: the same name in paths and units") {
    Anonymizer anonymizer(key, Level::strict);
    const auto nginx = anonymizer.replaced(Kind::name, "nginx");
    const auto system = anonymizer.replaced(Kind::name, "system");
    CHECK(anonymizer.replaced(Kind::unit, "nginx.service") == nginx + ".service");
    CHECK(anonymizer.replaced(Kind::path, "/system.slice/nginx.service") ==
          "/" + system + ".slice/" + nginx + ".service");
    CHECK(anonymizer.replaced(Kind::path, "/") == "/");
    CHECK(anonymizer.replaced(Kind::path, "") == "");
}

TEST_CASE("anonymize: ids keep their form") {
    Anonymizer anonymizer(key, Level::strict);
    const auto id = anonymizer.replaced(Kind::hex, "0a4c1f52-8f0e-4f5b-9d53-0c6a1e2b7d11");
    CHECK(id.size() == 36);
    CHECK((id[8] == '-' && id[23] == '-'));
    CHECK(anonymizer.replaced(Kind::hex, std::string(64, '3')).size() == 64);
    CHECK(anonymizer.replaced(Kind::options, "db=/home/me\ninterval=1000ms\nrtt=every") == "");
    CHECK(anonymizer.replaced(Kind::options, "db=/home/me\ninterval=off\nrtt=every") ==
          "interval=off");
    CHECK(anonymizer.replaced(Kind::options, "db=/home/interval=off") == "");
}

TEST_CASE("anonymize: addresses of no host stay") {
    Anonymizer anonymizer(key, Level::strict);
    for (const std::string address : {"127.0.0.1", "0.0.0.0", "::", "::1"})
        CHECK(anonymizer.replaced(Kind::address, address) == address);
    CHECK(anonymizer.replaced(Kind::address, "10.0.0.1") != "10.0.0.1");
}

TEST_CASE("anonymize: a text without its form becomes a hash") {
    Anonymizer anonymizer(key, Level::strict);
    const auto is_hash = [](const std::string& text) {
        return text.size() == 13 && text.starts_with('x');
    };
    for (const std::string address :
         {"secret", "127.secret", "10.0.0.1 secret", "::1secret", "0.0.0.0/0"})
        CHECK(is_hash(anonymizer.replaced(Kind::address, address)));
    CHECK(is_hash(anonymizer.replaced(Kind::hex, "not hex")));
    CHECK(is_hash(anonymizer.replaced(Kind::version, "acme-6.1")));
    CHECK(is_hash(anonymizer.replaced(Kind::version, "12345.1")));
    CHECK(is_hash(anonymizer.replaced(Kind::word, "secret", {"active"})));
    CHECK(is_hash(anonymizer.replaced(Kind::kept, "secret")));
    CHECK(anonymizer.replaced(Kind::word, "active", {"active"}) == "active");
    CHECK(anonymizer.replaced(Kind::version, "6.1.0-acme") == "6.1");
    CHECK(anonymizer.replaced(Kind::version, "5.10") == "5.10");
}

TEST_CASE("anonymize: values of other types than their columns'") {
    Anonymizer anonymizer(key, Level::strict);
    anonymizer.begin({.name = "connections", .columns = {}, .text_columns = {}, .keys = {}},
                     {"bytes_sent", "cookie", "congestion", "local_address", "mss"});
    query::Row row{"secret", "secret", std::int64_t{77}, 1.5, 2.5};
    CHECK(anonymizer.take(row));
    for (const auto& value : row)
        CHECK(std::get<std::string>(value).starts_with('x'));
}

TEST_CASE("anonymize: numbers") {
    Anonymizer anonymizer(key, Level::strict);
    anonymizer.begin({.name = "listeners", .columns = {}, .text_columns = {}, .keys = {}},
                     {"cookie", "netns", "local_port"});
    query::Row row{std::int64_t{4026531840}, std::int64_t{4026531840}, std::int64_t{80}};
    query::Row none{std::int64_t{0}, std::monostate{}, std::int64_t{80}};
    const auto unknown = none;
    anonymizer.take(row);
    anonymizer.take(none);
    CHECK(row[0] == row[1]);
    CHECK(std::get<std::int64_t>(row[0]) != 4026531840);
    CHECK(std::get<std::int64_t>(row[0]) >> 53 == 0);
    CHECK(row[2] == query::Value(std::int64_t{80}));
    CHECK(none == unknown);
}

TEST_CASE("anonymize: rows that the schema gives are not taken from the file") {
    Anonymizer anonymizer(key, Level::names);
    anonymizer.begin({.name = "errnos", .columns = {}, .text_columns = {}, .keys = {}},
                     {"id", "name", "description"});
    query::Row row{std::int64_t{1}, "nginx", "nginx"};
    CHECK(!anonymizer.take(row));
}

TEST_CASE("anonymize: known names stay at level names alone") {
    const auto [kind, text] = GENERATE(table<Kind, std::string>({
        {Kind::program, "nginx"},
        {Kind::program, "python3.11"},
        {Kind::program, "php-fpm8.2"},
        {Kind::program, "systemd-timesyn"},
        {Kind::unit, "nginx.service"},
        {Kind::unit, "php8.2-fpm.service"},
        {Kind::path, "/usr/sbin/nginx"},
        {Kind::path, "/usr/sbin/nginx (deleted)"},
        {Kind::path, "/system.slice/ssh.service"},
    }));
    Anonymizer names(key, Level::names), strict(key, Level::strict);
    CHECK(names.replaced(kind, text) == text);
    CHECK(names.kept_names().size() > 0);
    const auto hidden = strict.replaced(kind, text);
    for (const auto* word : {"nginx", "ssh", "php", "python", "usr", "system"})
        CHECK(hidden.find(word) == hidden.npos);
    CHECK(strict.kept_names().empty());
}

TEST_CASE("anonymize: a unit has one ending, however many it seems to have") {
    Anonymizer anonymizer(key, Level::names);
    std::string text = "acme";
    for (int i = 0; i < 1'000'000; ++i)
        text += ".service";
    CHECK(anonymizer.replaced(Kind::unit, text).size() == 13 + std::string(".service").size());
}

TEST_CASE("anonymize: other names stay at no level") {
    Anonymizer names(key, Level::names), strict(key, Level::strict);
    for (const auto kind : {Kind::program, Kind::unit, Kind::path, Kind::name})
        for (const std::string text : {"acme-billing", "nginx-acme", "acme@nginx", "nginx1234"})
            CHECK(names.replaced(kind, text) == strict.replaced(kind, text));
    for (const auto kind : {Kind::name, Kind::address, Kind::word}) // as hosts and command lines
        CHECK(names.replaced(kind, "nginx") == strict.replaced(kind, "nginx"));
    CHECK(names.replaced(Kind::unit, "postgresql@acme.service") ==
          "postgresql@" + strict.replaced(Kind::name, "acme") + ".service");
}
