// SPDX-License-Identifier: Apache-2.0
#include "query/render/formats.h"
#include "query/render/json_object.h"

namespace ctrack::query {

namespace {

class JsonRenderer : public Renderer {
public:
    explicit JsonRenderer(Output& out) : out_(out) {}

    void begin(const std::vector<std::string>& columns, const Layout& layout) override {
        columns_ = columns;
        layout_ = layout;
        out_.write("[");
    }

    void row(const Row& row) override {
        out_.write(is_first_ ? "" : ",\n");
        out_.write(json_object(columns_, row, layout_));
        is_first_ = false;
    }

    void end() override { out_.write("]\n"); }

private:
    Output& out_;
    std::vector<std::string> columns_;
    Layout layout_;
    bool is_first_ = true;
};

} // namespace

std::unique_ptr<Renderer> make_json_renderer(Output& out) {
    return std::make_unique<JsonRenderer>(out);
}

} // namespace ctrack::query
