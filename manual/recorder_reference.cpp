// SPDX-License-Identifier: Apache-2.0
#include "manual/reference.h"
#include "recorder/option_helps.h"

namespace ctrack::manual {

Json recorder_reference() {
    Json options = Json::array();
    for (const auto& option : option_helps())
        options.push_back({{"names", option.names},
                           {"value", option.value},
                           {"default", option.default_value},
                           {"is_configurable", option.is_configurable},
                           {"help", option.meaning}});
    return {{"options", options}};
}

} // namespace ctrack::manual
