-- Of a part they are made anew from its connections.
SELECT * FROM traffic_recent WHERE :is_whole;
