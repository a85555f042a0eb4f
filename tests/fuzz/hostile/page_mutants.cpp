// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "tests/fuzz/hostile/mutant.h"

namespace ctrack::hostile {

namespace {

constexpr std::size_t header_bytes = 100;

struct Pages {
    std::string bytes;
    std::size_t page_bytes;

    std::size_t count() const { return bytes.size() / page_bytes; }
    std::size_t start_of(std::size_t page) const { return page * page_bytes; }
};

Pages read_pages(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(file), {});
    const auto high = static_cast<unsigned char>(bytes[16]);
    const auto low = static_cast<unsigned char>(bytes[17]);
    return {std::move(bytes), std::size_t{high} << 8U | low};
}

void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void flip(Pages& pages, std::size_t at, std::size_t bit) {
    pages.bytes[at] = static_cast<char>(pages.bytes[at] ^ (1 << bit));
}

std::string flip_bits(Pages& pages, Choices& choices) {
    const std::size_t count = 1 + choices.below(16);
    for (std::size_t i = 0; i < count; ++i)
        flip(pages, choices.below(pages.bytes.size()), choices.below(8));
    return fmt::format("{} bits flipped", count);
}

std::string flip_in_header(Pages& pages, Choices& choices) {
    const auto at = choices.below(header_bytes);
    flip(pages, at, choices.below(8));
    return fmt::format("a bit of byte {} flipped", at);
}

std::string set_header_field(Pages& pages, Choices& choices) {
    struct Field {
        std::size_t at, size;
    };
    constexpr std::array fields{Field{16, 2}, Field{18, 1}, Field{19, 1}, Field{20, 1},
                                Field{21, 1}, Field{28, 4}, Field{32, 4}, Field{36, 4},
                                Field{40, 4}, Field{44, 4}, Field{48, 4}, Field{52, 4},
                                Field{56, 4}, Field{60, 4}, Field{68, 4}, Field{92, 4}};
    constexpr std::array<unsigned char, 6> values{0, 1, 2, 0x7f, 0x80, 0xff};
    const auto field = choices.of(fields);
    for (std::size_t i = 0; i < field.size; ++i)
        pages.bytes[field.at + i] = static_cast<char>(choices.of(values));
    return fmt::format("header field at {} set", field.at);
}

// Of a page the first bytes say what it is, how many cells it has and where they are.
std::string set_page_header(Pages& pages, Choices& choices) {
    const auto page = choices.below(pages.count());
    const auto at = pages.start_of(page) + (page == 0 ? header_bytes : 0) + choices.below(12);
    pages.bytes[at] = choices.bytes(1)[0];
    return fmt::format("header of page {} changed", page + 1);
}

std::string cut(Pages& pages, Choices& choices) {
    const bool is_whole_page = choices.one_in(2);
    const auto size = is_whole_page ? pages.start_of(choices.below(pages.count()))
                                    : choices.below(pages.bytes.size());
    pages.bytes.resize(size);
    return fmt::format("cut after {} bytes", size);
}

std::string fill_page(Pages& pages, Choices& choices) {
    const auto page = choices.below(pages.count());
    const bool is_zeroed = choices.one_in(2);
    const std::string filling =
        is_zeroed ? std::string(pages.page_bytes, '\0') : choices.bytes(pages.page_bytes);
    pages.bytes.replace(pages.start_of(page), pages.page_bytes, filling);
    return fmt::format("page {} {}", page + 1, is_zeroed ? "zeroed" : "filled with noise");
}

std::string copy_page(Pages& pages, Choices& choices) {
    const auto from = choices.below(pages.count());
    const auto to = choices.below(pages.count());
    pages.bytes.replace(pages.start_of(to), pages.page_bytes,
                        pages.bytes.substr(pages.start_of(from), pages.page_bytes));
    return fmt::format("page {} copied over page {}", from + 1, to + 1);
}

// A run of noise destroys a text, a length or the number of a page as a whole.
std::string change_run(Pages& pages, Choices& choices) {
    const auto at = choices.below(pages.bytes.size());
    const auto size = std::min<std::size_t>(1 + choices.below(40), pages.bytes.size() - at);
    pages.bytes.replace(at, size, choices.bytes(size));
    return fmt::format("{} bytes from {} on are noise", size, at);
}

} // namespace

std::string change_pages(const std::string& path, Choices& choices) {
    constexpr std::array changes{flip_bits, flip_in_header, set_header_field, set_page_header,
                                 cut,       fill_page,      copy_page,        change_run};
    auto pages = read_pages(path);
    std::string done = choices.of(changes)(pages, choices);
    if (choices.one_in(8)) {
        const char* beside = choices.one_in(2) ? "-wal" : "-journal";
        write(path + beside, choices.bytes(4096));
        done += fmt::format(", noise in a file {}", beside);
    }
    write(path, pages.bytes);
    return done;
}

} // namespace ctrack::hostile
