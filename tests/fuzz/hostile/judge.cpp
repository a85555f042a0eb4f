// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/hostile/judge.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ctrack::hostile {

namespace {

constexpr int most_lines = 40; // on stderr

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < ' ' && byte != '\n') || byte == 0x7f;
}

// nlohmann refuses a text that is no UTF-8, as a browser or Python would.
bool is_utf8(const std::string& text) {
    try {
        return !nlohmann::json(text).dump().empty();
    } catch (const nlohmann::json::type_error&) {
        return false;
    }
}

// NEL and CSI of the upper control characters; what turns the direction of a text; what is not
// seen.
constexpr std::array<const char*, 5> unseen{"\xc2\x85", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x80\x8b",
                                            "\xef\xbb\xbf"};

bool can_act_on_a_terminal(const std::string& text) {
    return std::any_of(text.begin(), text.end(), is_control) || !is_utf8(text) ||
           std::any_of(unseen.begin(), unseen.end(),
                       [&](const char* one) { return text.find(one) != std::string::npos; });
}

std::string fault_of_end(const Ran& ran, const Bounds& bounds) {
    if (!ran.exceeded.empty())
        return ran.exceeded;
    if (ran.signal == SIGXCPU)
        return fmt::format("took more than {} s of CPU", bounds.cpu_seconds);
    if (ran.signal == SIGXFSZ)
        return fmt::format("wrote more than {} MiB", bounds.file_bytes >> 20U);
    if (ran.signal != 0)
        return fmt::format("ended by signal {}", strsignal(ran.signal));
    if (ran.exit_code < 0 || ran.exit_code > 2)
        return fmt::format("ended with {}", ran.exit_code);
    return "";
}

std::string fault_of_messages(const Ran& ran) {
    if (can_act_on_a_terminal(ran.err))
        return "stderr could act on a terminal";
    if (std::count(ran.err.begin(), ran.err.end(), '\n') > most_lines)
        return "stderr is long";
    std::istringstream lines(ran.err);
    for (std::string line; std::getline(lines, line);)
        if (!line.starts_with("ctrack-query: "))
            return "stderr has a line that is not of ctrack-query";
    if (ran.exit_code != 0 && ran.err.empty() && ran.out.empty())
        return "failed without a word";
    return "";
}

bool is_json_in_each_line(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (!nlohmann::json::accept(line))
            return false;
    return true;
}

// What a run that fails has written before may end anywhere.
std::string fault_of_data(const Run& run, const Ran& ran) {
    if (ran.exit_code != 0)
        return "";
    if (run.form == Form::json && !nlohmann::json::accept(ran.out))
        return "stdout is no JSON";
    if (run.form == Form::ndjson && !is_json_in_each_line(ran.out))
        return "stdout is no JSON in each line";
    if (run.form == Form::table && can_act_on_a_terminal(ran.out))
        return "stdout could act on a terminal";
    return "";
}

} // namespace

std::string fault_of(const Run& run, const Ran& ran, const Bounds& bounds) {
    for (const auto& fault :
         {fault_of_end(ran, bounds), fault_of_messages(ran), fault_of_data(run, ran)})
        if (!fault.empty())
            return fault;
    return "";
}

} // namespace ctrack::hostile
