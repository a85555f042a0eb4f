// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "query/render/formats.h"

namespace ctrack::query {

namespace {

bool is_time(const Layout& layout, const std::string& name) {
    const auto column = layout.columns.find(name);
    return column != layout.columns.end() &&
           (column->second.unit == Unit::time || column->second.unit == Unit::second);
}

class IsoTimes : public Renderer {
public:
    explicit IsoTimes(std::unique_ptr<Renderer> inner) : inner_(std::move(inner)) {}

    void begin(const std::vector<std::string>& columns, const Layout& layout) override {
        times_.clear();
        auto names = columns;
        for (std::size_t i = 0; i < names.size(); ++i)
            if (is_time(layout, names[i])) {
                times_.push_back(i);
                if (names[i].ends_with("_us"))
                    names[i].resize(names[i].size() - 3); // the text is no microseconds
            }
        inner_->begin(names, layout);
    }

    void row(const Row& row) override {
        auto written = row;
        for (const auto i : times_)
            if (const auto* time = std::get_if<std::int64_t>(&row[i]))
                written[i] = iso_time(*time);
        inner_->row(written);
    }

    void end() override { inner_->end(); }

private:
    std::unique_ptr<Renderer> inner_;
    std::vector<std::size_t> times_; // the columns that are points in time
};

} // namespace

std::unique_ptr<Renderer> with_iso_times(std::unique_ptr<Renderer> inner) {
    return std::make_unique<IsoTimes>(std::move(inner));
}

} // namespace ctrack::query
