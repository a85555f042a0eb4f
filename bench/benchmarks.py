# SPDX-License-Identifier: Apache-2.0
"""All benchmarks, in the order in which they run.

A benchmark is a function that takes a driver.Bench and yields driver.Result as they are
had. Its docstring's first line is what `scripts/bench --list` says. What it needs and
this machine lacks it tells by raising driver.Unavailable.
"""

from .loss import loss
from .memory import memory
from .nginx import nginx
from .open_connections import idle, moving
from .queries import queries
from .rivals import rivals
from .several_files import several_files
from .storm import storm
from .transfers import bulk, ping_pong, request_response
from .write_path import write_path

BENCHMARKS = {
    "storm": storm,
    "request-response": request_response,
    "ping-pong": ping_pong,
    "bulk": bulk,
    "nginx": nginx,
    "loss": loss,
    "rivals": rivals,
    "memory": memory,
    "idle": idle,
    "moving": moving,
    "write-path": write_path,
    "queries": queries,
    "several-files": several_files,
}
