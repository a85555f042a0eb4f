-- As window.sql, of several files: their blocks are not united, all ids are looked at.
INSERT INTO temp.window_ids VALUES (0, 9223372036854775807);
INSERT INTO temp.end_ids VALUES (0, 9223372036854775807);
