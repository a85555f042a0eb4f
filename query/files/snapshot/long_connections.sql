-- find_connections.sql makes them anew.
SELECT * FROM long_connections WHERE FALSE;
