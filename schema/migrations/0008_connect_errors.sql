-- SPDX-License-Identifier: Apache-2.0
-- Schema 8: a third way to see connect() fail. SQLite cannot alter a CHECK but by its text, which is
-- safe since more is allowed than before.

PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(replace(sql, 'IN (''tracepoint'', ''none'')', 'IN (''fexit'', ''tracepoint'', ''none'')'),
  'tracepoint = sys_exit_connect;',
  'fexit = where inet_stream_connect() returns;
                         tracepoint = sys_exit_connect;')
WHERE type = 'table' AND name = 'recordings';
PRAGMA writable_schema = RESET;
