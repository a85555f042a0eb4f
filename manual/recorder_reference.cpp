// SPDX-License-Identifier: Apache-2.0
#include "manual/reference.h"
#include "recorder/option_helps.h"
#include "recorder/privileges/capabilities.h"

namespace ctrack::manual {

namespace {

Json capabilities_reference() {
    Json all = Json::array();
    for (const auto& capability : capabilities())
        all.push_back({{"name", capability.name},
                       {"is_kept", capability.keeps == Keeps::always},
                       {"use", capability.use},
                       {"cost", capability.cost}});
    return all;
}

} // namespace

Json recorder_reference() {
    Json options = Json::array();
    for (const auto& option : option_helps())
        options.push_back({{"names", option.names},
                           {"value", option.value},
                           {"default", option.default_value},
                           {"is_configurable", option.is_configurable},
                           {"help", option.meaning}});
    return {{"options", options}, {"capabilities", capabilities_reference()}};
}

} // namespace ctrack::manual
