-- The files read; recording_spans has the number of the file of a recording.
SELECT {number} AS file_number, file AS path,
       (SELECT page_count * page_size
        FROM pragma_page_count(l.name), pragma_page_size(l.name)) AS file_bytes,
       (SELECT user_version FROM pragma_user_version) AS schema_version, -- all have the newest
       (SELECT iif(sql LIKE '%) STRICT', 'strict', 'plain')
        FROM {file}sqlite_schema WHERE type = 'table' AND name = 'recordings') AS form
FROM pragma_database_list l
WHERE l.name <> 'temp' AND max(seq - 1, 0) = {number}
