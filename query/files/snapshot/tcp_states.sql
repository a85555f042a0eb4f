SELECT * FROM tcp_states;
