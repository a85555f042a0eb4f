-- Of a part they are made anew from its connections.
SELECT * FROM process_sums WHERE :is_whole;
