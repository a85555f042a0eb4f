// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "common/clock.h"
#include "common/error.h"
#include "query/base/usage_error.h"
#include "query/commands/command.h"
#include "query/files/anonymize/anonymizer.h"
#include "query/files/new_file.h"
#include "query/files/snapshot/cut.h"
#include "query/render/units.h"
#include "query/report/notices.h"
#include "query/report/window.h"

namespace ctrack::query::command {

namespace {

void require_recorded(const Options& options, const Window& window, Database& source) {
    const auto span = source.recorded();
    if (!span || window.begin_us >= span->end_us || window.end_us <= span->begin_us)
        throw Error(fmt::format("{} holds nothing of this window{}", options.files.front(),
                                span ? fmt::format(": it is from {} to {}",
                                                   humanise(span->begin_us, Unit::time),
                                                   humanise(span->end_us, Unit::time))
                                     : ""));
}

} // namespace

int snapshot(const Options& options, Output&) {
    if (!options.out_file)
        throw UsageError("snapshot needs -o FILE: the file to write");
    const auto now = now_us();
    const auto filter = filter::expression_of(options.narrowing, filter_words(options, 0), now);
    Database source(options.files, filter);
    const auto window = window_of(options, now, source);
    require_recorded(options, window, source);
    require_different(*options.out_file, options.files.front());
    std::optional<anonymize::Anonymizer> anonymizer;
    if (options.key_file)
        anonymizer.emplace(anonymize::read_key(*options.key_file));
    NewFile file(*options.out_file, options.force);
    cut(source, window, filter.has_value(), anonymizer ? &*anonymizer : nullptr, file.database());
    file.keep();
    report_deleted(options.files, {window, -1}, source);
    report_losses(options.files, window, source);
    return 0;
}

} // namespace ctrack::query::command
