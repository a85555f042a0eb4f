// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "common/clock.h"
#include "common/error.h"
#include "query/base/say.h"
#include "query/base/usage_error.h"
#include "query/commands/command.h"
#include "query/files/anonymize/anonymizer.h"
#include "query/files/anonymize/key.h"
#include "query/files/new_file.h"
#include "query/files/snapshot/cut.h"
#include "query/report/notices.h"
#include "query/report/window.h"

namespace ctrack::query::command {

namespace {

std::optional<anonymize::Anonymizer> anonymizer_for(const Options& options) {
    if (options.key_file)
        return std::make_optional<anonymize::Anonymizer>(anonymize::read_key(*options.key_file),
                                                         options.keeps_known_names.value_or(false)
                                                             ? anonymize::Level::names
                                                             : anonymize::Level::strict);
    if (options.keeps_known_names)
        throw UsageError("--anonymize-level needs --anonymize KEYFILE");
    return std::nullopt;
}

void report_kept_names(const anonymize::Anonymizer& anonymizer) {
    if (!anonymizer.kept_names().empty())
        say(fmt::format("names that stay: {}", fmt::join(anonymizer.kept_names(), ", ")));
}

} // namespace

int snapshot(const Options& options, Output&) {
    if (!options.out_file)
        throw UsageError("snapshot needs -o FILE: the file to write");
    const auto now = now_us();
    const auto filter = filter::condition_of(options.narrowing, filter_words(options, 0), now);
    Database source(options.files, filter);
    const auto window = window_of(options, now, source);
    if (const auto nothing = nothing_recorded(options.files, window, source); !nothing.empty())
        throw Error(nothing);
    require_different(*options.out_file, options.files.front());
    auto anonymizer = anonymizer_for(options);
    NewFile file(*options.out_file, options.force, readers_of(options.files),
                 options.plain ? schema::plain_migrations() : schema::our_migrations());
    cut(source, window, filter.has_value(), anonymizer ? &*anonymizer : nullptr, file.database());
    file.keep();
    report_written(*options.out_file, false);
    report_not_recorded(options.files, asked_window(options, window), source);
    if (anonymizer)
        report_kept_names(*anonymizer);
    report_left_out(options.files, source);
    report_silent(options.files, window, source);
    report_deleted(options.files, {window, -1}, source);
    report_losses(options.files, window, source);
    return 0;
}

} // namespace ctrack::query::command
