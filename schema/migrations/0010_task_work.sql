-- SPDX-License-Identifier: Apache-2.0
-- Schema 10: a fourth way to see connect() fail; the text of the CHECK again, as in schema 8.
-- And an error of the application's own making.

PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(replace(sql, 'IN (''fexit'', ''tracepoint'', ''none'')',
  'IN (''fexit'', ''task work'', ''tracepoint'', ''none'')'),
  'tracepoint = sys_exit_connect;',
  'task work = at the end of a system call that something speaks against;
                         tracepoint = sys_exit_connect;')
WHERE type = 'table' AND name = 'recordings';
PRAGMA writable_schema = RESET;

INSERT INTO errnos VALUES
  (97, 'EAFNOSUPPORT', 'an address of another family than the socket''s');
