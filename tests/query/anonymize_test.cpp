// SPDX-License-Identifier: Apache-2.0
#include "query/files/anonymize/anonymizer.h"

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

TEST_CASE("Crypto-PAn: what is no address stays") {
    const CryptoPan pan(sample_key);
    CHECK(pan.map("") == "");
    CHECK(pan.map("localhost") == "localhost");
}

TEST_CASE("anonymize: it knows each column of text") {
    auto db = schema::open_for_writing(":memory:");
    for (const auto& table : query::tables_of(db))
        for (const auto& column : table.text_columns)
            CHECK_NOTHROW(kind_of(table.name, column));
    CHECK_THROWS(kind_of("connections", "secret"));
}

TEST_CASE("anonymize: names") {
    const Anonymizer anonymizer(key);
    const auto nginx = anonymizer.replaced(Kind::name, "nginx");
    CHECK(nginx.size() == 13);
    CHECK(anonymizer.replaced(Kind::name, "nginx") == nginx);
    CHECK(anonymizer.replaced(Kind::name, "nginy") != nginx);
    CHECK(anonymizer.replaced(Kind::name, "") == "");
    CHECK(Anonymizer(std::string(32, 'l')).replaced(Kind::name, "nginx") != nginx);
}

TEST_CASE("anonymize: the same name in paths and units") {
    const Anonymizer anonymizer(key);
    const auto nginx = anonymizer.replaced(Kind::name, "nginx");
    const auto system = anonymizer.replaced(Kind::name, "system");
    CHECK(anonymizer.replaced(Kind::unit, "nginx.service") == nginx + ".service");
    CHECK(anonymizer.replaced(Kind::path, "/system.slice/nginx.service") ==
          "/" + system + ".slice/" + nginx + ".service");
    CHECK(anonymizer.replaced(Kind::path, "/") == "/");
    CHECK(anonymizer.replaced(Kind::path, "") == "");
}

TEST_CASE("anonymize: ids keep their form") {
    const Anonymizer anonymizer(key);
    const auto id = anonymizer.replaced(Kind::hex, "0a4c1f52-8f0e-4f5b-9d53-0c6a1e2b7d11");
    CHECK(id.size() == 36);
    CHECK((id[8] == '-' && id[23] == '-'));
    CHECK(anonymizer.replaced(Kind::hex, std::string(64, '3')).size() == 64);
    CHECK(anonymizer.replaced(Kind::removed, "db=/home/me") == "");
}

TEST_CASE("anonymize: addresses of no host stay") {
    const Anonymizer anonymizer(key);
    for (const std::string address : {"127.0.0.1", "0.0.0.0", "::", "::1"})
        CHECK(anonymizer.replaced(Kind::address, address) == address);
    CHECK(anonymizer.replaced(Kind::address, "10.0.0.1") != "10.0.0.1");
}
