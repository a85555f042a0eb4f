-- Of a part they are made anew from its connections.
SELECT * FROM traffic_sums WHERE :is_whole;
