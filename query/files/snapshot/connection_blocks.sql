-- Of a part they are made anew from its connections.
SELECT * FROM connection_blocks WHERE :is_whole;
