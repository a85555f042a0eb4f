// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/hostile/runs.h"

#include <array>

#include "query/report/catalog.h"

namespace ctrack::hostile {

namespace {

using Words = std::vector<std::string>;

void append(Words& words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
}

Words files(Choices& choices) {
    static const std::array<Words, 6> all{{
        {"-r", "mutant.db"},
        {"-r", "mutant.db"},
        {"-r", "mutant.db"},
        {"-r", "mutant.db"},
        {"-r", "mutant.db", "-r", "real.db"},
        {"-r", "real.db", "-r", "mutant.db"},
    }};
    return choices.of(all);
}

Words narrowing(Choices& choices) {
    static const std::array<Words, 7> all{{
        {},
        {},
        {"-b", "2026-11-21 13:00Z", "-e", "2026-11-21 13:20Z"},
        {"--last", "5m"},
        {"-b", "@0", "-e", "2100-01-01"},
        {"-c", "nginx,curl"},
        {"rtt > 1ms or peer in 10.0.0.0/8 or unit ~ ssh"},
    }};
    return choices.of(all);
}

Words more_options(const query::Report& report, Choices& choices) {
    const auto choice = choices.below(6);
    if (choice < report.choices.size())
        return {"--by", report.choices[choice].name};
    static const std::array<Words, 4> all{{{}, {"-w"}, {"-n", "0"}, {"--utc"}}};
    return choices.of(all);
}

Form add_format(Words& words, Choices& choices) {
    struct Choice {
        const char* name;
        Form form;
    };
    constexpr std::array all{Choice{"table", Form::table},   Choice{"table", Form::table},
                             Choice{"json", Form::json},     Choice{"json", Form::json},
                             Choice{"ndjson", Form::ndjson}, Choice{"csv", Form::other},
                             Choice{"tsv", Form::other}};
    const auto choice = choices.of(all);
    append(words, {"-o", choice.name});
    return choice.form;
}

Run run_of(const query::Report& report, Choices& choices) {
    auto words = files(choices);
    words.push_back(report.name);
    if (report.argument)
        words.push_back(choices.one_in(2) ? "5" : "10.0.0.20:8080");
    append(words, narrowing(choices));
    append(words, more_options(report, choices));
    const auto form = add_format(words, choices);
    return {words, form};
}

constexpr auto statements = std::to_array<const char*>({
    "SELECT 1",
    "SELECT count(*) FROM connections",
    "SELECT comm, cmdline, peer_address FROM connection_log LIMIT 20",
    "SELECT * FROM event_log LIMIT 20",
    "SELECT sum(bytes_sent) FROM traffic",
    ".tables",
});

Run with_format(Words words, Choices& choices) {
    const auto form = add_format(words, choices);
    return {std::move(words), form};
}

void add_commands(std::vector<Run>& runs, Choices& choices) {
    const auto add = [&](const Words& words) { runs.push_back({words, Form::other}); };
    runs.push_back(with_format({"-r", "mutant.db", "verify"}, choices));
    runs.push_back(with_format({"-r", "mutant.db", "sql", choices.of(statements)}, choices));
    runs.push_back(with_format({"-r", "mutant.db", "schema"}, choices));
    runs.push_back(with_format({"diff", "mutant.db", "real.db"}, choices));
    add({"-r", "mutant.db", "sql", ".schema"});
    runs.push_back({{"-r", "mutant.db", "export", "--ndjson"}, Form::ndjson});
    add({"-r", "mutant.db", "export", "--zeek"});
    add({"-r", "mutant.db", "snapshot", "-o", "cut.db", "--force"});
    add({"-r", "mutant.db", "snapshot", "-o", "plain.db", "--force", "--plain", "-c", "curl"});
    add({"-r", "mutant.db", "snapshot", "-o", "other.db", "--force", "--anonymize", "key",
         "--anonymize-level", choices.one_in(2) ? "strict" : "names"});
    add({"merge", "-o", "all.db", "--force", "mutant.db", "real.db"});
    runs.push_back(with_format({"-r", "cut.db", "verify"}, choices)); // if it could be made
    runs.push_back(with_format({"-r", "all.db", "info"}, choices));
}

} // namespace

std::vector<Run> all_runs(Choices& choices) {
    std::vector<Run> runs;
    for (const auto& report : query::all_reports())
        runs.push_back(run_of(report, choices));
    add_commands(runs, choices);
    return runs;
}

} // namespace ctrack::hostile
