// SPDX-License-Identifier: Apache-2.0
#include "manual/reference.h"
#include "manual/report_reference.h"
#include "query/cli/commands.h"
#include "query/cli/option_table.h"
#include "query/cli/parse_options.h"
#include "query/commands/help.h"
#include "query/filter/fields.h"
#include "query/filter/help.h"
#include "query/filter/parser.h"
#include "query/render/units.h"
#include "query/report/catalog.h"
#include "query/sql/schema_text.h"
#include "query/time/parse_time.h"
#include "schema/schema.h"

namespace ctrack::manual {

namespace {

using namespace ctrack::query;

Json options_reference() {
    Json all = Json::array();
    for (const auto& option : option_table())
        all.push_back({{"names", option.names},
                       {"value", option.value_name},
                       {"words", value_words(option)},
                       {"takers", option.takers},
                       {"help", option.help}});
    return all;
}

Json commands_reference() {
    Json all = Json::array();
    for (const auto& form : command_forms())
        all.push_back({{"name", form.name},
                       {"arguments", form.arguments},
                       {"help", command::help(form.name)}});
    return all;
}

Json reports_reference(const std::string& file) {
    Json all = Json::array();
    for (const auto& report : all_reports())
        all.push_back(report_reference(report, file));
    return all;
}

Json fields_reference() {
    Json all = Json::array();
    for (const auto& field : filter::fields())
        if (!field.meaning.empty())
            all.push_back({{"name", field.name},
                           {"words", filter::words_of(field.type)},
                           {"is_of_listeners", field.of_listeners},
                           {"meaning", field.meaning}});
    return all;
}

Json units_reference() {
    Json all = Json::array();
    for (const auto& word : unit_words())
        all.push_back({{"name", word.name}, {"meaning", word.meaning}});
    return all;
}

Json explanations_reference() {
    Json all = Json::object();
    for (const auto& part : explanations())
        all[std::string(part.title)] = part.text;
    return all;
}

Json schema_reference() {
    Json all = Json::array();
    for (const auto& table : described_schema())
        all.push_back({{"name", table.name},
                       {"is_view", table.is_view},
                       {"description", table.description},
                       {"columns", table.columns}});
    return all;
}

} // namespace

Json query_reference(const std::string& scratch) {
    schema::open_for_writing(scratch);
    return {{"options", options_reference()},
            {"explanations", explanations_reference()},
            {"commands", commands_reference()},
            {"reports", reports_reference(scratch)},
            {"filter", filter::help()},
            {"fields", fields_reference()},
            {"lone_words", filter::lone_words()},
            {"units", units_reference()},
            {"times", time_words},
            {"schema", schema_reference()}};
}

} // namespace ctrack::manual
