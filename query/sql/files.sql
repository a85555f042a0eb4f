-- The files read; recording_spans has the number of the file of a recording.
SELECT max(seq - 1, 0) AS file_number, file AS path,
       (SELECT page_count * page_size
        FROM pragma_page_count(l.name), pragma_page_size(l.name)) AS file_bytes,
       (SELECT user_version FROM pragma_user_version) AS schema_version -- all have the newest
FROM pragma_database_list l
WHERE l.name <> 'temp'
