// SPDX-License-Identifier: Apache-2.0
#include "query/render/formats.h"
#include "query/render/json_object.h"

namespace ctrack::query {

namespace {

class NdjsonRenderer : public Renderer {
public:
    explicit NdjsonRenderer(Output& out) : out_(out) {}

    void begin(const std::vector<std::string>& columns, const Layout& layout) override {
        columns_ = columns;
        layout_ = layout;
    }

    void row(const Row& row) override { out_.write(json_object(columns_, row, layout_) + "\n"); }

    void end() override {}

private:
    Output& out_;
    std::vector<std::string> columns_;
    Layout layout_;
};

} // namespace

std::unique_ptr<Renderer> make_ndjson_renderer(Output& out) {
    return std::make_unique<NdjsonRenderer>(out);
}

} // namespace ctrack::query
