// SPDX-License-Identifier: Apache-2.0
//
// Every report and command on thousands of files that a hostile sender could have made. Each run
// must end by itself with 0, 1 or 2, within bounds of time, memory and room for files, and what it
// writes must be well-formed and unable to act on a terminal.
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <system_error>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "schema/schema.h"
#include "tests/fuzz/hostile/judge.h"
#include "tests/fuzz/hostile/mutant.h"

namespace ctrack::hostile {

namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
    std::string bases;
    std::string folder; ///< is where files are made; empty: a temporary one
    unsigned seed = 1;
    unsigned mutants = 0; ///< 0: as many as there is time for
    unsigned at_least = 0;
    unsigned runs = 0; ///< of each mutant; 0: every report and command
    unsigned only = 0; ///< is the number of one mutant; 0: all
    double minutes = 1;
};

/// What all workers together have done.
struct Totals {
    std::atomic<std::size_t> mutants, runs, faults;
    std::atomic<double> most_cpu_seconds;
    std::atomic<std::int64_t> most_rss_bytes;
};

template <typename Number> void raise_to(std::atomic<Number>& most, Number value) {
    for (auto known = most.load(); known < value && !most.compare_exchange_weak(known, value);) {
    }
}

// Quoted as a shell wants it.
std::string command_line(const Run& run) {
    std::string line = "ctrack-query";
    for (const auto& word : run.arguments)
        line += word.find_first_of(" ()*><") == std::string::npos ? " " + word : " '" + word + "'";
    return line;
}

// The end of what a run has said, with nothing that could act on a terminal.
std::string end_of(const std::string& text) {
    constexpr std::size_t most = 3000;
    std::string end = text.size() > most ? text.substr(text.size() - most) : text;
    for (char& c : end)
        if ((c < ' ' && c != '\n') || c == 0x7f)
            c = '?';
    return end;
}

void tell_fault(const Settings& settings, unsigned number, const std::string& mutant,
                const Run& run, const Ran& ran, const std::string& fault) {
    fmt::print("FAULT {}: {}\n  {}\n  again: --seed {} --only {} --folder NEW_FOLDER\n{}\n", fault,
               command_line(run), end_of(mutant), settings.seed, number, end_of(ran.err));
    std::fflush(stdout);
}

std::vector<Run> runs_of(const Settings& settings, unsigned number) {
    Choices choices(settings.seed + 1, number);
    auto runs = all_runs(choices);
    while (settings.runs != 0 && runs.size() > settings.runs)
        runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(choices.below(runs.size())));
    return runs;
}

std::vector<Ran> run_all_of(const std::vector<Run>& runs, const Bounds& bounds, Totals& totals) {
    std::vector<std::vector<std::string>> arguments;
    for (const auto& run : runs)
        arguments.push_back(run.arguments);
    Taken taken;
    auto all = run_queries(arguments, bounds, taken);
    raise_to(totals.most_cpu_seconds, taken.cpu_seconds_of_run);
    raise_to(totals.most_rss_bytes, taken.rss_bytes);
    totals.runs += runs.size();
    return all;
}

void run_one(const Settings& settings, unsigned number, Totals& totals) {
    const Bounds bounds;
    const auto mutant = make_mutant(settings.bases, "mutant.db", settings.seed, number);
    if (settings.only != 0)
        fmt::print("{}\n", end_of(mutant));
    const auto runs = runs_of(settings, number);
    for (const char* made : {"cut.db", "plain.db", "other.db", "all.db"})
        std::filesystem::remove(made);
    const auto all = run_all_of(runs, bounds, totals);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (settings.only != 0)
            fmt::print("{}: {}\n", all[i].exit_code, command_line(runs[i]));
        if (const auto fault = fault_of(runs[i], all[i], bounds); !fault.empty()) {
            ++totals.faults;
            tell_fault(settings, number, mutant, runs[i], all[i], fault);
        }
    }
    ++totals.mutants;
}

// Every mutant is the same whatever ran before it, also in the files beside it.
void enter(const Settings& settings, const std::string& folder) {
    std::filesystem::create_directories(folder);
    std::filesystem::copy_file(settings.bases + "/utf8.db", folder + "/real.db",
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::current_path(folder);
    setenv("SQLITE_TMPDIR", folder.c_str(), 1); // the bound on files is also one on these
    umask(077);
    std::ofstream("key") << "a key of hostile-files: 0123456789abcdef\n";
}

void work(const Settings& settings, const std::string& folder, unsigned first, unsigned step,
          Totals& totals) {
    const auto end = Clock::now() + std::chrono::duration<double, std::ratio<60>>(settings.minutes);
    enter(settings, folder);
    for (unsigned number = first; settings.mutants == 0 || number <= settings.mutants;
         number += step) {
        if (settings.mutants == 0 && Clock::now() > end)
            break;
        run_one(settings, number, totals);
    }
}

Totals& shared_totals() {
    void* memory =
        mmap(nullptr, sizeof(Totals), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::bad_alloc();
    return *new (memory) Totals{};
}

// A worker that ends otherwise than it should is a fault of the suite.
bool work_together(const Settings& settings, Totals& totals) {
    const unsigned workers = std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < workers; ++i)
        if (fork() == 0) {
            work(settings, fmt::format("{}/{}", settings.folder, i), i + 1, workers, totals);
            _exit(0);
        }
    bool is_good = true;
    for (int status = 0; wait(&status) > 0;)
        is_good = is_good && status == 0;
    return is_good;
}

// In memory, where that has room: a container may have little.
std::string temporary_folder() {
    constexpr std::uintmax_t enough_bytes = 1U << 30U;
    std::error_code is_missing;
    const auto memory = std::filesystem::space("/dev/shm", is_missing);
    const auto where = !is_missing && memory.available > enough_bytes
                           ? std::string("/dev/shm")
                           : std::filesystem::temp_directory_path().string();
    std::string folder = where + "/hostile-files-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr)
        throw std::runtime_error("no temporary folder");
    return folder;
}

int run_all(Settings settings) {
    const bool is_kept = !settings.folder.empty();
    if (!is_kept)
        settings.folder = temporary_folder();
    settings.folder = std::filesystem::absolute(settings.folder);
    settings.bases = std::filesystem::absolute(settings.bases);
    auto& totals = shared_totals();
    bool is_good = true;
    if (settings.only == 0) {
        is_good = work_together(settings, totals);
    } else {
        enter(settings, settings.folder);
        run_one(settings, settings.only, totals);
    }
    fmt::print("seed {}: {} mutants, {} runs, {} faults; a run took at most {:.1f} s of CPU and {} "
               "MiB\n",
               settings.seed, totals.mutants.load(), totals.runs.load(), totals.faults.load(),
               totals.most_cpu_seconds.load(), totals.most_rss_bytes.load() >> 20);
    if (!is_kept)
        std::filesystem::remove_all(settings.folder);
    return is_good && totals.faults == 0 && totals.mutants >= settings.at_least ? 0 : 1;
}

} // namespace

} // namespace ctrack::hostile

int main(int argc, char** argv) {
    ctrack::hostile::Settings settings;
    CLI::App app("Runs every report and command of ctrack-query on hostile files.");
    app.add_option("BASES", settings.bases, "the folder with utf8.db and utf16.db")->required();
    app.add_option("--seed", settings.seed, "other mutants")->capture_default_str();
    app.add_option("--minutes", settings.minutes, "how long")->capture_default_str();
    app.add_option("--mutants", settings.mutants, "so many, however long it takes");
    app.add_option("--runs", settings.runs, "so many runs of each, not all reports and commands");
    app.add_option("--at-least", settings.at_least, "fail if there was time for fewer only");
    app.add_option("--only", settings.only, "the number of one mutant");
    app.add_option("--folder", settings.folder, "work in this folder and keep its files");
    CLI11_PARSE(app, argc, argv)
    setenv("LC_ALL", "C.UTF-8", 1);
    ctrack::schema::spare_memory_statistics(); // is too late for that in a child
    return ctrack::hostile::run_all(settings);
}
