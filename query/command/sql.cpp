// SPDX-License-Identifier: Apache-2.0
#include "query/command/command.h"
#include "query/run_report.h"

namespace ctrack::query::command {

int sql(const Options& options, Output& out) {
    const Query query{options.arguments[0], {}};
    run_report({"sql", "", "", query, std::nullopt}, filter_words(options, 1), options, out);
    return 0;
}

} // namespace ctrack::query::command
