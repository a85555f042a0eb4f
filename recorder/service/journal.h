// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "recorder/service/message.h"

namespace ctrack::journal {

/// Whether what is written to stderr goes to the journal of systemd, and the journal can be told
/// more.
bool reads_stderr();

/// Stores the message. What fails is ignored: recording matters more.
void store(const Message& message);

} // namespace ctrack::journal
