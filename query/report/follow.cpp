// SPDX-License-Identifier: Apache-2.0
#include "query/report/follow.h"

#include "common/clock.h"
#include "common/error.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include <fmt/format.h>

#include "query/base/say.h"
#include "query/report/column_choice.h"
#include "query/report/window.h"
#include "query/sql/all_rows.h"
#include "query/sql/database.h"
#include "query/sql/held_signals.h"
#include "query/sql/sql_text.h"
#include "query/sql/watch.h"
#include "query/time/parse_time.h"

namespace ctrack::query {

namespace {

// How long to wait between two looks at the file. The recorder commits about once in a second.
constexpr std::chrono::milliseconds pause{200};
// How long a recorder may seem not to write before that is an end. After the machine was suspended,
// its last commit is old until the next one; and where the file was moved away, it begins a new one
// at its next commit.
constexpr std::chrono::seconds patience{5};
constexpr auto end_of_time_us = std::numeric_limits<std::int64_t>::max();

// Hands on the rows it gets, and notes the highest id.
class IdKeeper : public Renderer {
public:
    explicit IdKeeper(Renderer& inner) : inner_(inner) {}

    void begin(const std::vector<std::string>& columns, const Layout& layout) override {
        const auto found = std::find(columns.begin(), columns.end(), "id");
        id_at_ = static_cast<std::size_t>(found - columns.begin());
        inner_.begin(columns, layout);
    }
    void row(const Row& row) override {
        last_id_ = std::max(last_id_, std::get<std::int64_t>(row.at(id_at_)));
        inner_.row(row);
    }
    void end() override { inner_.end(); }

    std::int64_t last_id() const { return last_id_; }

private:
    Renderer& inner_;
    std::size_t id_at_ = 0;
    std::int64_t last_id_ = 0;
};

// Ids begin with 1 again after retention has deleted all events, and in a file that took over from
// a damaged one: then all events are new.
bool begins_anew(Database& database, std::int64_t after_id) {
    const auto rows = all_rows(database, "SELECT coalesce(max(id), 0) FROM events");
    return std::get<std::int64_t>(rows.at(0).at(0)) < after_id;
}

class Follower {
public:
    Follower(const Report& report, const std::optional<filter::Condition>& filter,
             const Options& options, Output& out)
        : query_(report.main), filter_(filter), options_(options), out_(out),
          renderer_(renderer_for(options, out)),
          limit_(options.limit ? row_limit(options) : rows_for_people) {
        if (options.wide)
            query_.layout = widened(query_.layout);
        if (options.begin || options.last)
            begin_us_ = options.last ? now_us() - last_length(options)
                                     : parse_time(*options.begin, now_us());
    }

    /// Writes what is new. Returns whether there may be more later.
    bool look() {
        Database database(options_.files, filter_);
        if (database.is_running())
            ran_at_ = Clock::now();
        const bool has_ended =
            !database.is_running() &&
            all_rows(database, sql_text("silent"), {{0, end_of_time_us}, -1}).empty();
        write_new(database);
        out_.flush();
        limit_ = -1;
        query_.layout.continues = true;
        return !has_ended && may_run();
    }

    /// Whether a recorder was seen at work a moment ago.
    bool may_run() const { return ran_at_ && Clock::now() - *ran_at_ < patience; }

private:
    using Clock = std::chrono::steady_clock;

    void write_new(Database& database) {
        if (begins_anew(database, after_id_))
            after_id_ = 0;
        const Parameters parameters{
            {begin_us_, end_of_time_us}, limit_, std::nullopt, std::nullopt, after_id_};
        auto statement = database.prepare(query_.sql);
        std::unique_ptr<Renderer> chooser;
        if (options_.columns)
            chooser =
                choose_columns({statement.columns(), query_.layout}, *options_.columns, *renderer_);
        IdKeeper keeper(chooser ? *chooser : *renderer_);
        database.run(statement, query_.layout, parameters, keeper);
        after_id_ = std::max(after_id_, keeper.last_id());
    }

    Query query_;
    const std::optional<filter::Condition>& filter_;
    const Options& options_;
    Output& out_;
    std::unique_ptr<Renderer> renderer_;
    std::int64_t limit_;
    std::int64_t begin_us_ = 0;
    std::int64_t after_id_ = 0;
    std::optional<Clock::time_point> ran_at_; ///< when a recorder was last seen at work
};

} // namespace

void follow(const Report& report, const std::optional<filter::Condition>& filter,
            const Options& options, Output& out) {
    Follower follower(report, filter, options, out);
    bool is_running = follower.look();
    const HeldSignals signals;
    while (is_running) {
        if (HeldSignals::take(pause))
            return;
        if (out.is_closed())
            throw ClosedPipe();
        try {
            is_running = follower.look();
        } catch (const Interrupted&) { // by a signal that is taken next
        } catch (const Error&) {
            if (!follower.may_run())
                throw;
        }
    }
    say(fmt::format("no recorder writes to {} any more", options.files.front()));
}

} // namespace ctrack::query
