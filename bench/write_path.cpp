// SPDX-License-Identifier: Apache-2.0
//
// How fast rows get from a batch in memory into committed SQLite rows, one way or
// another. Prints one JSON object: rows, seconds of the writing thread, bytes.
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sqlite3.h>
#include <time.h>

#include "bench/recording_info.h"
#include "bench/traffic.h"
#include "recorder/store/sqlite/bind.h"
#include "schema/schema.h"

using namespace ctrack;
using namespace ctrack::bench;

namespace {

struct Arguments {
    std::string way, path;
    std::int64_t rows = 10'000'000;
    std::int64_t batch_rows = 262'144; ///< the most that the recorder puts into one
    std::int64_t connection_seconds = 60;
    std::string ddl; ///< run on the new file
};

/// Adds up what passes between start() and stop().
class Stopwatch {
public:
    void start() { wall_ -= now(CLOCK_MONOTONIC), cpu_ -= now(CLOCK_THREAD_CPUTIME_ID); }
    void stop() { wall_ += now(CLOCK_MONOTONIC), cpu_ += now(CLOCK_THREAD_CPUTIME_ID); }
    double wall() const { return wall_; }
    double cpu() const { return cpu_; }

private:
    static double now(clockid_t clock) {
        timespec time{};
        clock_gettime(clock, &time);
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
    }

    double wall_ = 0, cpu_ = 0;
};

using Write = std::function<void(const Batch&)>;

/// Round trips of connections, each around a length of its own, smoothed as the kernel does it.
class RoundTrips {
public:
    RoundTrips() : connections_(100'000) {
        for (auto& connection : connections_)
            connection.usual_us = random_.log_normal(500, 1.5);
    }

    // A few microseconds apart.
    void fill(std::vector<RttRow>& samples, std::size_t rows) {
        samples.clear();
        while (samples.size() < rows)
            samples.push_back(next());
    }

private:
    struct Connection {
        double usual_us = 0;
        std::int64_t srtt_us = 0;
    };

    RttRow next() {
        time_us_ += static_cast<std::int64_t>(random_.below(8));
        const std::uint64_t i = random_.below(connections_.size());
        auto& [usual_us, srtt_us] = connections_[i];
        const auto rtt_us = 1 + static_cast<std::int64_t>(usual_us * random_.log_normal(1, 0.3));
        srtt_us = srtt_us ? srtt_us + (rtt_us - srtt_us) / 8 : rtt_us;
        return RttRow::of(static_cast<std::int64_t>(1 + i), time_us_, rtt_us, srtt_us,
                          TCP_STATE_ESTABLISHED);
    }

    Random random_{1};
    std::vector<Connection> connections_;
    std::int64_t time_us_ = Traffic::begin_us;
};

std::int64_t write_samples(const Arguments& arguments, const Write& write, Stopwatch& watch) {
    RoundTrips round_trips;
    Batch batch;
    std::int64_t done = 0;
    while (done < arguments.rows) {
        const auto rows = std::min(arguments.batch_rows, arguments.rows - done);
        round_trips.fill(batch.rtt_samples, static_cast<std::size_t>(rows));
        watch.start();
        write(batch);
        watch.stop();
        done += rows;
    }
    return done;
}

// Connections with their events, committed once a second. All but few begin and end
// within one commit: each that does not is written twice.
std::int64_t write_connections(const Arguments& arguments, const Write& write, Stopwatch& watch) {
    Traffic traffic({.connections = arguments.rows,
                     .samples = 0,
                     .seconds = arguments.connection_seconds,
                     .losses = false});
    while (const auto batch = traffic.next()) {
        watch.start();
        write(*batch);
        watch.stop();
    }
    return arguments.rows;
}

void run_ddl(const Arguments& arguments) {
    schema::open_for_writing(arguments.path).exec(arguments.ddl);
}

void through_writer(const Arguments& arguments, const std::function<void(const Write&)>& run) {
    run_ddl(arguments);
    Writer writer(arguments.path, recording_info(Traffic::begin_us));
    run([&](const Batch& batch) {
        if (!writer.begin())
            throw ctrack::Error("the file is locked by another program");
        writer.write(batch, batch.rtt_samples.empty() ? 0 : batch.rtt_samples.back().time_us());
    });
    writer.finish(Traffic::begin_us);
}

/// What the writer has besides its inserts: WAL, and a thread that empties it.
class Plain {
public:
    explicit Plain(const Arguments& arguments) : db(schema::open_for_writing(arguments.path)) {
        db.exec(arguments.ddl);
        db.exec("PRAGMA synchronous = NORMAL");
        db.execAndGet("PRAGMA journal_mode = WAL");
        checkpointer_ = std::make_unique<LogCheckpointer>(arguments.path, 0);
        sqlite3_wal_hook(db.getHandle(), on_commit, checkpointer_.get());
    }
    SQLite::Database db;

private:
    static int on_commit(void* checkpointer, sqlite3*, const char*, int pages) {
        static_cast<LogCheckpointer*>(checkpointer)->log_grew(pages);
        return SQLITE_OK;
    }
    std::unique_ptr<LogCheckpointer> checkpointer_;
};

void by_binding(const Arguments& arguments, const std::function<void(const Write&)>& run) {
    Plain plain(arguments);
    SQLite::Statement insert(
        plain.db,
        fmt::format("INSERT INTO packed_rtt_samples ({}) VALUES (?, ?, ?, ?)", RttRow::columns));
    run([&](const Batch& batch) {
        SQLite::Transaction transaction(plain.db, SQLite::TransactionBehavior::IMMEDIATE);
        for (const auto& row : batch.rtt_samples) {
            bind_all(insert, row.connection_id, row.since_2030_us, row.rtt_state,
                     row.srtt_less_rtt_us);
            insert.exec();
        }
        transaction.commit();
    });
}

void bare(const Arguments& arguments, const std::function<void(const Write&)>& run) {
    Plain plain(arguments);
    IntegerTable rows(plain.db.getHandle(), "rows", RttRow::columns);
    SQLite::Statement insert(
        plain.db,
        fmt::format("INSERT INTO packed_rtt_samples ({0}) SELECT {0} FROM rows", RttRow::columns));
    run([&](const Batch& batch) {
        SQLite::Transaction transaction(plain.db, SQLite::TransactionBehavior::IMMEDIATE);
        rows.show(std::span(batch.rtt_samples));
        insert.reset();
        insert.exec();
        transaction.commit();
    });
}

std::int64_t run(const Arguments& arguments, Stopwatch& watch) {
    std::int64_t rows = 0;
    const auto samples = [&](const Write& w) { rows = write_samples(arguments, w, watch); };
    const auto connections = [&](const Write& w) { rows = write_connections(arguments, w, watch); };
    if (arguments.way == "bind")
        by_binding(arguments, samples);
    else if (arguments.way == "bare")
        bare(arguments, samples);
    else if (arguments.way == "writer")
        through_writer(arguments, samples);
    else
        through_writer(arguments, connections);
    return rows;
}

void define(CLI::App& app, Arguments& arguments) {
    app.add_option("WAY", arguments.way)
        ->required()
        ->check(CLI::IsMember({"writer", "bind", "bare", "connections"}));
    app.add_option("OUT.db", arguments.path)->required()->check(CLI::NonexistentPath);
    app.add_option("--rows", arguments.rows)->capture_default_str();
    app.add_option("--batch", arguments.batch_rows, "Samples of a transaction")
        ->capture_default_str();
    app.add_option("--seconds", arguments.connection_seconds, "Transactions of connections")
        ->capture_default_str();
    app.add_option("--ddl", arguments.ddl, "SQL to run on the new file, such as an index");
}

} // namespace

int main(int argc, char** argv) try {
    Arguments arguments;
    CLI::App app("Writes invented rows and says how fast.");
    define(app, arguments);
    CLI11_PARSE(app, argc, argv);
    Stopwatch watch;
    const auto rows = run(arguments, watch);
    fmt::print("{{\"rows\": {}, \"wall_s\": {:.6f}, \"cpu_s\": {:.6f}}}\n", rows, watch.wall(),
               watch.cpu());
    return 0;
} catch (const std::exception& e) {
    fmt::print(stderr, "write-path: {}\n", e.what());
    return 1;
}
