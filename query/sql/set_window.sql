INSERT INTO temp.window VALUES (:begin_us, :end_us);
