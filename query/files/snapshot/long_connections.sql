-- Of a part they are made anew from its connections.
SELECT * FROM long_connections WHERE :is_whole;
