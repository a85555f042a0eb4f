-- As about_window.sql, of several files: their blocks are not united, all ids are looked at.
CREATE TEMP VIEW connections_about_window AS SELECT * FROM facts_of_each_file WHERE {condition};
CREATE TEMP VIEW connections_about_end AS SELECT * FROM facts_of_each_file WHERE {condition};
