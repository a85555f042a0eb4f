SELECT * FROM errnos;
