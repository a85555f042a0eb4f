SELECT name, type FROM main.sqlite_schema
WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*'
ORDER BY type, name;
