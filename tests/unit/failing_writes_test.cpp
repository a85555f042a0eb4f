// SPDX-License-Identifier: Apache-2.0
#include "schema/schema.h"
#include "tests/catch.h"
#include "tests/unit/full_disk.h"
#include "tests/unit/temporary_folder.h"
#include "tests/unit/writer_records.h"

using namespace ctrack;
using namespace ctrack::test;

namespace {

// With an owner, a cgroup and samples that the file does not know yet.
Batch new_batch(std::int64_t samples) {
    Batch batch = batch_with({open_row(1)});
    for (std::int64_t i = 0; i < samples; ++i)
        batch.rtt_samples.push_back(RttRow::of(1, i, i, i, 1));
    batch.rtt_source = CTRACK_RTT_RACK;
    return batch;
}

void check_written_later(const Batch& batch) {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    for (int tries = 0; tries < 2; ++tries) {
        const FullDisk disk;
        REQUIRE(writer.begin());
        CHECK_THROWS_AS(writer.write(batch, 7'000'000), StorageError);
    }
    auto db = schema::open_for_reading(folder / "a.db");
    const auto number = [&](const char* sql) { return db.execAndGet(sql).getInt64(); };
    CHECK(number("SELECT count(*) FROM connections") == 0);
    write(writer, batch, 8'000'000);
    CHECK(number("SELECT count(*) FROM connection_log WHERE comm = 'curl' AND pid = 100") == 1);
    CHECK(number("SELECT kernel_id FROM connections c JOIN cgroups g ON g.id = cgroup_id") == 9);
    CHECK(number("SELECT count(*) FROM rtt_samples") == std::ssize(batch.rtt_samples));
    CHECK(number("SELECT rtt_source = 'rack' FROM recordings") == 1);
    CHECK(number("SELECT count(*) FROM batches") == 1);
    CHECK(db.execAndGet("PRAGMA integrity_check").getString() == "ok");
}

} // namespace

TEST_CASE("failing writes: a batch that could not be committed is written later, whole") {
    check_written_later(new_batch(1000));
}

TEST_CASE("failing writes: likewise one that SQLite could not hold in memory until then") {
    check_written_later(new_batch(200'000));
}
