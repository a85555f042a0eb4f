-- A small recording of a web server, for the golden tests. Written out row by
-- row so that the expected outputs can be checked by hand.
--
-- Times are written in microseconds since the start of their recording and
-- shifted to their place at the end. What holds (test_fixture.py checks it):
-- connections sum up their rtt_samples and events exactly, but for the 12
-- samples of connection 5 and the close of connection 18 that batches says were
-- lost.

INSERT INTO recordings
  (id, host_id, hostname, boot_id, kernel, ctrack_version, cgroup_path, clock, clock_offset_us,
   rtt_source, rtt_mode, options, started_us, ended_us, end_kind)
VALUES
  (1, '6d1cf2ab5e3f4b0c9a7e8d1f2c3b4a59', 'web1', '0a4c1f52-8f0e-4f5b-9d53-0c6a1e2b7d11', '6.1.0-26-amd64',
   '0.1.0', '/sys/fs/cgroup', 'boottime', 1795161600000000, 'rack', 'every', 'rtt=every',
   1795165200000000, 1795165790500000, 'crashed'),    -- 2026-11-20 09:00:00 to 09:09:50.5 UTC
  (2, '6d1cf2ab5e3f4b0c9a7e8d1f2c3b4a59', 'web1', '5b9e77c0-1d2f-4a36-8e0b-93c4d5a6f722', '6.10.11-amd64',
   '0.1.0', '/sys/fs/cgroup', 'boottime', 1795258800000000, 'measured', 'every', 'rtt=every',
   1795266000000000, 1795267800000000, 'stopped');    -- 2026-11-21 13:00:00 to 13:30:00 UTC

INSERT INTO processes
  (id, pid, comm, exe, cmdline, uid, parent_pid, started_us, start_boottime_ns)
VALUES
  ( 1,  640, 'rsync',   '/usr/bin/rsync',       'rsync -a /srv/ backup.example:/srv/',                                                                           0,    1, -3600000000, 3600000000001),
  ( 2,  655, 'curl',    '/usr/bin/curl',        'curl -s http://10.0.0.20:8080/health',                                                                       1000,  600,   300000000, 7500000000001),
  ( 3,  801, 'nginx',   '/usr/sbin/nginx',      'nginx: worker process',                                                                                        33,  800,  -500000000, 6700000000001),
  ( 4,  802, 'nginx',   '/usr/sbin/nginx',      'nginx: worker process',                                                                                        33,  800,  -500000000, 6700000000001),
  ( 5,  930, 'php-fpm', '/usr/sbin/php-fpm8.2', 'php-fpm: pool www',                                                                                            33,  929,  -490000000, 6710000000001),
  ( 6,  512, 'sshd',    '/usr/sbin/sshd',       'sshd: admin [priv]',                                                                                            0,  480, -7200000000,             1),
  ( 7,  950, 'python3', '/usr/bin/python3.11',  'python3 /opt/app/worker.py --queue orders --postgres postgres://10.0.0.30/orders --redis redis://10.0.0.31', 1001,    1,  -480000000, 6720000000001),
  ( 8, 1201, 'curl',    '/usr/bin/curl',        'curl -O https://example.com/data.tar.gz',                                                                    1000, 1100,    30000000, 7230000000001),
  ( 9, 1202, 'curl',    '/usr/bin/curl',        'curl -6 -T käse.txt https://example.net/upload',                                                             1000, 1100,    40000000, 7240000000001),
  (10, 1203, 'curl',    NULL,                   NULL,                                                                                                         NULL, NULL,   150000000, 7350000000001),
  (11, 1204, 'curl',    '/usr/bin/curl',        'curl http://203.0.113.9/',                                                                                   1000, 1100,   200000000, 7400000000001),
  (12, 1205, 'curl',    '/usr/bin/curl',        'curl http://10.9.9.9/',                                                                                      1000, 1100,   500000000, 7700000000001),
  (13, 1206, 'curl',    '/usr/bin/curl',        'curl -m 2 http://203.0.113.10/',                                                                             1000, 1100,   600000000, 7800000000001);

INSERT INTO cgroups (id, kernel_id, path, container_id, systemd_unit)
VALUES
  (2, 4021, '/system.slice/nginx.service',                                                                 NULL,                                                               'nginx.service'),
  (3, 4022, '/system.slice/backup.service',                                                                NULL,                                                               'backup.service'),
  (4, 4100, '/user.slice/user-1000.slice/session-3.scope',                                                 NULL,                                                               'session-3.scope'),
  (5, 4023, '/system.slice/ssh.service',                                                                   NULL,                                                               'ssh.service'),
  (6, 4024, '/system.slice/php8.2-fpm.service',                                                            NULL,                                                               'php8.2-fpm.service'),
  (7, 4300, '/system.slice/docker-3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f.scope', '3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f', 'docker-3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f.scope');

-- Who, whom and how it ended. Connection 1 was open when the recorder was killed, 3 is
-- older than the recording, 6 and 7 are the two ends of one connection on this host,
-- 18 is the one whose close was lost.
INSERT INTO connections
  (id, recording_id, cookie, generation, family, local_address, local_port, peer_address, peer_port,
   netns, direction, process_id, pid_source, cgroup_id, uid, start_kind, outcome, errno, closed_by,
   opened_us, established_us, closed_us)
VALUES
  ( 1, 1, 4097, 1, 4, '10.0.0.5',    50000, '10.0.0.9',             873, 4026531840, 'active',   1, 'connect', 3,    0, 'seen',        'open',          0, NULL,     60000000,  60000412,       NULL),
  ( 2, 1, 4098, 1, 4, '10.0.0.5',    50002, '10.0.0.20',           8080, 4026531840, 'active',   2, 'connect', 4, 1000, 'seen',        'refused',     111, 'peer',  300000000,      NULL,  300000287),
  ( 3, 2, 4099, 1, 4, '10.0.0.5',       22, '192.0.2.77',         51514, 4026531840, 'unknown',  6, 'scan',    5,    0, 'preexisting', 'open',          0, NULL,       500000,      NULL,       NULL),
  ( 4, 2, 4100, 1, 4, '10.0.0.5',       80, '198.51.100.7',       40312, 4026531840, 'passive',  3, 'accept',  2,   33, 'seen',        'closed',        0, 'peer',   10000000,  10000000,   10251337),
  ( 5, 2, 4101, 1, 4, '10.0.0.5',       80, '198.51.100.7',       40313, 4026531840, 'passive',  3, 'accept',  2,   33, 'seen',        'closed',        0, 'local',  20000000,  20000000,  115204811),
  ( 6, 2, 4102, 1, 4, '127.0.0.1',   38000, '127.0.0.1',           9000, 4026531840, 'active',   3, 'connect', 2,   33, 'seen',        'closed',        0, 'peer',   10003000,  10003041,   10190500),
  ( 7, 2, 4103, 1, 4, '127.0.0.1',    9000, '127.0.0.1',          38000, 4026531840, 'passive',  5, 'accept',  6,   33, 'seen',        'closed',        0, 'local',  10003041,  10003041,   10190520),
  ( 8, 2, 4104, 1, 6, '2001:db8::5',   443, '2001:db8:1::42',     55012, 4026531840, 'passive',  4, 'accept',  2,   33, 'seen',        'reset',       104, 'peer',   25000000,  25000000,   27804002),
  ( 9, 2, 4105, 1, 4, '10.0.0.5',    44120, '93.184.216.34',        443, 4026531840, 'active',   8, 'connect', 4, 1000, 'seen',        'closed',        0, 'local',  30000000,  30011870,   38120404),
  (10, 2, 4106, 1, 6, '2001:db8::5', 44122, '2606:2800:220:1::1',   443, 4026531840, 'active',   9, 'connect', 4, 1000, 'seen',        'closed',        0, 'both',   40000000,  40009204,   40811009),
  (11, 2, 4107, 1, 4, '10.0.0.5',    45678, '10.0.0.30',           5432, 4026531840, 'active',   7, 'connect', 7, 1001, 'seen',        'open',          0, NULL,     60250000,  60250318,       NULL),
  (12, 2, 4108, 1, 4, '10.0.0.5',     9100, '10.0.0.40',          60100, 4026531840, 'passive',  0, 'unknown', 0, NULL, 'seen',        'closed',        0, 'peer',  120000000, 120000000,  120044210),
  (13, 2, 4109, 1, 4, '10.0.0.5',    50100, '10.0.0.20',           8080, 4026531840, 'active',  10, 'connect', 4, 1000, 'seen',        'refused',     111, 'peer',  150000000,      NULL,  150000346),
  (14, 2, 4110, 1, 4, '10.0.0.5',    50104, '203.0.113.9',           80, 4026531840, 'active',  11, 'connect', 4, 1000, 'seen',        'timeout',     110, 'local', 200000000,      NULL,  331072114),
  (15, 2, 4111, 1, 4, '10.0.0.5',    45700, '10.0.0.31',           6379, 4026531840, 'active',   7, 'connect', 7, 1001, 'seen',        'timeout',     110, 'local', 400000000, 400000355, 1350118900),
  (16, 2, 4112, 1, 4, '10.0.0.5',    50110, '10.9.9.9',              80, 4026531840, 'active',  12, 'connect', 4, 1000, 'seen',        'unreachable', 113, 'local', 500000000,      NULL,  503061700),
  (17, 2, 4113, 1, 4, '10.0.0.5',    50112, '203.0.113.10',          80, 4026531840, 'active',  13, 'connect', 4, 1000, 'seen',        'aborted',       0, 'local', 600000000,      NULL,  602001004),
  (18, 2, 4114, 1, 4, '10.0.0.5',    45810, '10.0.0.31',           6379, 4026531840, 'active',   7, 'connect', 7, 1001, 'seen',        'lost',          0, NULL,    650000000, 650000340,       NULL);

UPDATE connections SET
  connect_us = iif(direction = 'active', established_us - opened_us, NULL),
  duration_us = closed_us - opened_us;

-- What they carried, and their round trips over all samples the kernel took.
CREATE TEMP TABLE counters (
  id, bytes_sent, bytes_received, segs_sent, segs_received, retrans_segs, rtos,
  delivery_rate_bps, mss, rtt_min_us, rtt_avg_us, rtt_max_us, rtt_samples);
INSERT INTO counters VALUES
  ( 1,  48234496,     81920,  33400,  16900,   0,  0,  912000000,  1448,   380,              414.0,    455,  5),
  ( 2,         0,         0,      1,      1,   0,  0,       NULL,  NULL,  NULL,               NULL,   NULL,  0),
  ( 3,     18432,      6144,    210,    233,   0,  0,    2400000,  1448, 24190,           33651.25,  61200,  4),
  ( 4,      5321,       412,      8,      9,   0,  0,   11200000,  1448, 30871, 31341.666666666668,  31950,  3),
  ( 5, 734003200,       388, 507112, 253700, 311,  0,   94100000,  1448, 31111,  58715.86363636364,  71440, 22),
  ( 6,       988,      5102,      5,      5,   0,  0, 1900000000, 32768,    28,               34.0,     41,  3),
  ( 7,      5102,       988,      5,      5,   0,  0, 2100000000, 32768,    19,               24.5,     30,  2),
  ( 8,     61440,      1733,     51,     30,   0,  0,    3300000,  1428, 88120,           107608.0, 143700,  3),
  ( 9,       812, 104857600,  36300,  72500,   0,  0,    5100000,  1448, 11455, 11778.666666666666,  12011,  3),
  (10,    262144,      3904,    190,    101,   2,  1,   22700000,  1428,  9204, 11233.666666666666,  15120,  3),
  (11,   2411008,   9830400,   8100,  12800,   0,  0,  640000000,  1448,   290,              333.0,    402,  5),
  (12,     38112,       277,     30,     18,   0,  0,  310000000,  1448,   502,              556.5,    611,  2),
  (13,         0,         0,      1,      1,   0,  0,       NULL,  NULL,  NULL,               NULL,   NULL,  0),
  (14,         0,         0,      7,      0,   6,  6,       NULL,  NULL,  NULL,               NULL,   NULL,  0),
  (15,     90112,     41984,   1310,   1288,  15, 15,  120000000,  1448,   331,  354.3333333333333,    377,  3),
  (16,         0,         0,      3,      0,   2,  2,       NULL,  NULL,  NULL,               NULL,   NULL,  0),
  (17,         0,         0,      2,      0,   1,  1,       NULL,  NULL,  NULL,               NULL,   NULL,  0),
  (18,      1402,      2210,     14,     13,   0,  0,   98000000,  1448,   340,              351.0,    362,  2);
UPDATE connections SET
  (bytes_sent, bytes_received, segs_sent, segs_received, retrans_segs, rtos,
   delivery_rate_bps, mss, rtt_min_us, rtt_avg_us, rtt_max_us, rtt_samples)
  = (SELECT bytes_sent, bytes_received, segs_sent, segs_received, retrans_segs, rtos,
            delivery_rate_bps, mss, rtt_min_us, rtt_avg_us, rtt_max_us, rtt_samples
     FROM counters WHERE counters.id = connections.id);

INSERT INTO events (id, connection_id, time_us, kind, old_state, new_state, value)
VALUES
  ( 1,  1,   60000000, 1,  7,  2,     0),
  ( 2,  1,   60000412, 3,  2,  1,   412),
  ( 3,  2,  300000000, 1,  7,  2,     0),
  ( 4,  2,  300000287, 7,  2,  7,   111),
  ( 5,  3,     500000, 9,  1,  1,     0),
  ( 6,  4,   10000000, 2,  3,  1,     0),
  ( 7,  6,   10003000, 1,  7,  2,     0),
  ( 8,  6,   10003041, 3,  2,  1,    41),
  ( 9,  7,   10003041, 2,  3,  1,     0),
  (10,  7,   10190450, 4,  1,  4,     0),
  (11,  6,   10190460, 4,  1,  8,     0),
  (12,  6,   10190480, 4,  8,  9,     0),
  (13,  6,   10190500, 7,  9,  7,     0),
  (14,  7,   10190510, 4,  4,  5,     0),
  (15,  7,   10190520, 7,  5,  7,     0),
  (16,  4,   10250900, 4,  1,  8,     0),
  (17,  4,   10250990, 4,  8,  9,     0),
  (18,  4,   10251337, 7,  9,  7,     0),
  (19,  5,   20000000, 2,  3,  1,     0),
  (20,  8,   25000000, 2,  3,  1,     0),
  (21,  5,   26100000, 5,  1,  1,   120),
  (22,  8,   27804002, 7,  1,  7,   104),
  (23,  9,   30000000, 1,  7,  2,     0),
  (24,  9,   30011870, 3,  2,  1, 11870),
  (25,  9,   38108000, 4,  1,  4,     0),
  (26,  9,   38120404, 7,  4,  7,     0),
  (27, 10,   40000000, 1,  7,  2,     0),
  (28, 10,   40009204, 3,  2,  1,  9204),
  (29, 10,   40220000, 6,  1,  1,     1),
  (30, 10,   40220010, 5,  1,  1,     2),
  (31, 10,   40801000, 4,  1,  4,     0),
  (32, 10,   40805000, 4,  4, 11,     0),
  (33, 10,   40811009, 7, 11,  7,     0),
  (34,  5,   42100000, 5,  1,  1,   191),
  (35, 11,   60250000, 1,  7,  2,     0),
  (36, 11,   60250318, 3,  2,  1,   318),
  (37,  5,  115140000, 4,  1,  4,     0),
  (38,  5,  115204700, 4,  4,  5,     0),
  (39,  5,  115204811, 7,  5,  7,     0),
  (40, 12,  120000000, 2,  3,  1,     0),
  (41, 12,  120044000, 4,  1,  8,     0),
  (42, 12,  120044100, 4,  8,  9,     0),
  (43, 12,  120044210, 7,  9,  7,     0),
  (44, 13,  150000000, 1,  7,  2,     0),
  (45, 13,  150000346, 7,  2,  7,   111),
  (46, 14,  200000000, 1,  7,  2,     0),
  (47, 14,  201020000, 6,  2,  2,     1),
  (48, 14,  201020012, 5,  2,  2,     1),
  (49, 14,  203036000, 6,  2,  2,     2),
  (50, 14,  203036012, 5,  2,  2,     1),
  (51, 14,  207196000, 6,  2,  2,     3),
  (52, 14,  207196012, 5,  2,  2,     1),
  (53, 14,  215388000, 6,  2,  2,     4),
  (54, 14,  215388012, 5,  2,  2,     1),
  (55, 14,  231516000, 6,  2,  2,     5),
  (56, 14,  231516012, 5,  2,  2,     1),
  (57, 14,  264540000, 6,  2,  2,     6),
  (58, 14,  264540012, 5,  2,  2,     1),
  (59, 14,  331072114, 7,  2,  7,   110),
  (60, 15,  400000000, 1,  7,  2,     0),
  (61, 15,  400000355, 3,  2,  1,   355),
  (62, 15,  419999991, 6,  1,  1,     1),
  (63, 15,  420000000, 5,  1,  1,     1),
  (64, 15,  430000000, 6,  1,  1,    15),
  (65, 15,  430000009, 5,  1,  1,    14),
  (66, 16,  500000000, 1,  7,  2,     0),
  (67, 16,  501020000, 6,  2,  2,     1),
  (68, 16,  501020010, 5,  2,  2,     1),
  (69, 16,  503030000, 6,  2,  2,     2),
  (70, 16,  503030010, 5,  2,  2,     1),
  (71, 16,  503061700, 7,  2,  7,   113),
  (72, 17,  600000000, 1,  7,  2,     0),
  (73, 17,  601010000, 6,  2,  2,     1),
  (74, 17,  601010012, 5,  2,  2,     1),
  (75, 17,  602001004, 7,  2,  7,     0),
  (76, 18,  650000000, 1,  7,  2,     0),
  (77, 18,  650000340, 3,  2,  1,   340),
  (78, 11, 1200000005, 8,  1,  1,     0),
  (79,  3, 1200000009, 8,  1,  1,     0),
  (80, 15, 1350118900, 7,  1,  7,   110);

INSERT INTO rtt_samples (id, connection_id, time_us, rtt_us, srtt_us, state)
VALUES
  ( 1,  1,   60000412,    412,   412, 1),
  ( 2,  1,   61000000,    380,   408, 1),
  ( 3,  1,  120000000,    455,   413, 1),
  ( 4,  1,  300000007,    390,   410, 1),
  ( 5,  1,  590000000,    433,   412, 1),
  ( 6,  3,     500000,  24310, 24310, 1),
  ( 7,  4,   10000000,  31204, 31204, 1),
  ( 8,  6,   10003041,     41,    41, 1),
  ( 9,  7,   10003060,     19,    19, 1),
  (10,  6,   10004100,     28,    39, 1),
  (11,  4,   10062000,  30871, 31162, 1),
  (12,  4,   10124500,  31950, 31260, 1),
  (13,  7,   10190390,     30,    20, 1),
  (14,  6,   10190400,     33,    38, 1),
  (15,  5,   20000000,  31111, 31111, 1),
  (16,  5,   20040000,  33020, 31349, 1),
  (17,  5,   21000000,  45870, 33164, 1),
  (18,  5,   23000000,  52004, 35519, 1),
  (19,  8,   25000000,  88120, 88120, 1),
  (20,  8,   25090000,  91004, 88480, 1),
  (21,  5,   26000000,  61750, 38797, 1),
  (22,  8,   26500000, 143700, 95382, 1),
  (23,  5,   30000000,  58333, 41239, 1),
  (24,  9,   30011870,  11870, 11870, 1),
  (25,  9,   30024100,  12011, 11887, 1),
  (26,  3,   31000000,  24905, 24384, 1),
  (27,  9,   34000000,  11455, 11833, 1),
  (28, 10,   40009204,   9204,  9204, 1),
  (29, 10,   40018700,   9377,  9225, 1),
  (30, 10,   40230000,  15120,  9961, 1),
  (31,  5,   42000000,  66019, 44336, 1),
  (32,  5,   60000000,  71440, 47724, 1),
  (33, 11,   60250318,    318,   318, 1),
  (34, 11,   61000000,    290,   314, 1),
  (35,  5,   80000000,  69102, 50396, 1),
  (36,  5,  100000000,  70500, 52909, 1),
  (37, 12,  120000000,    502,   502, 1),
  (38, 12,  120002000,    611,   515, 1),
  (39, 15,  400000355,    355,   355, 1),
  (40, 15,  401000000,    331,   352, 1),
  (41, 15,  412000000,    377,   355, 1),
  (42, 11,  600000000,    402,   325, 1),
  (43,  3,  610000000,  61200, 28986, 1),
  (44, 18,  650000340,    340,   340, 1),
  (45, 18,  651000000,    362,   342, 1),
  (46, 11, 1200000000,    350,   328, 1),
  (47,  3, 1400000000,  24190, 28386, 1),
  (48, 11, 1795000000,    305,   325, 1);

INSERT INTO batches
  (id, recording_id, committed_us, first_time_us, last_time_us, first_event_id, last_event_id,
   first_rtt_sample_id, last_rtt_sample_id, clock_step_us,
   lost_lifecycle_ring, lost_sample_ring, lost_no_storage, lost_decode_reject)
VALUES
  ( 1, 1,   61500000,   60000000,   61000000,    1,    2,    1,    2, 0, 0,  0, 0, 0),
  ( 2, 1,  200000000,  120000000,  120000000, NULL, NULL,    3,    3, 0, 0,  0, 0, 0),
  ( 3, 1,  301000000,  300000000,  300000287,    3,    4,    4,    4, 0, 0,  0, 0, 0),
  ( 4, 1,  590500000,  590000000,  590000000, NULL, NULL,    5,    5, 0, 0,  0, 0, 0),
  ( 5, 2,   11000000,     500000,   10251337,    5,   18,    6,   14, 0, 0,  0, 0, 0),
  ( 6, 2,   22000000,   20000000,   21000000,   19,   19,   15,   17, 0, 0,  0, 0, 0),
  ( 7, 2,   28000000,   23000000,   27804002,   20,   22,   18,   22, 0, 0,  0, 0, 0),
  ( 8, 2,   41000000,   30000000,   40811009,   23,   33,   23,   30, 0, 0,  0, 0, 0),
  ( 9, 2,   62000000,   42000000,   61000000,   34,   36,   31,   34, 0, 0, 12, 0, 0),
  (10, 2,  121000000,   80000000,  120044210,   37,   43,   35,   38, 0, 0,  0, 0, 0),
  (11, 2,  332000000,  150000000,  331072114,   44,   59, NULL, NULL, 0, 0,  0, 0, 0),
  (12, 2,  413000000,  400000000,  412000000,   60,   61,   39,   41, 0, 0,  0, 0, 0),
  (13, 2,  700000000,  419999991,  651000000,   62,   77,   42,   45, 0, 1,  0, 0, 0),
  (14, 2, 1400100000, 1200000000, 1400000000,   78,   80,   46,   47, 0, 0,  0, 0, 0),
  (15, 2, 1800000000, 1795000000, 1795000000, NULL, NULL,   48,   48, 0, 0,  0, 0, 0);

-- From the start of the recording to the time of the day. Processes belong to
-- the recording of their connections.
CREATE TEMP VIEW recording_of AS
SELECT c.id AS connection_id, c.process_id, r.started_us AS zero_us
FROM connections c JOIN recordings r ON r.id = c.recording_id;
UPDATE processes SET started_us = started_us
  + (SELECT zero_us FROM recording_of WHERE process_id = processes.id) WHERE id > 0;
UPDATE events SET time_us = time_us
  + (SELECT zero_us FROM recording_of WHERE recording_of.connection_id = events.connection_id);
UPDATE rtt_samples SET time_us = time_us
  + (SELECT zero_us FROM recording_of WHERE recording_of.connection_id = rtt_samples.connection_id);
UPDATE connections SET
  opened_us = opened_us + r.started_us, established_us = established_us + r.started_us,
  closed_us = closed_us + r.started_us
FROM recordings r WHERE r.id = recording_id;
UPDATE batches SET
  committed_us = committed_us + r.started_us, first_time_us = first_time_us + r.started_us,
  last_time_us = last_time_us + r.started_us
FROM recordings r WHERE r.id = recording_id;
