-- The statements that make the tables, views and indexes, or those of one (:name).
SELECT sql FROM main.sqlite_schema
WHERE sql IS NOT NULL AND (:name IS NULL OR tbl_name = :name)
ORDER BY type = 'view', rowid;
