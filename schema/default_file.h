// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ctrack::schema {

/// The file that the recorder writes and the reader reads where the user names none.
inline constexpr auto default_file = "/var/lib/ctrack/ctrack.db";

} // namespace ctrack::schema
