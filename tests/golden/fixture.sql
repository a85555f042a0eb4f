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
   rtt_source, rtt_mode, options, started_us, ended_us, end_kind, adoption, connect_errors)
VALUES
  (1, '6d1cf2ab5e3f4b0c9a7e8d1f2c3b4a59', 'web1', '0a4c1f52-8f0e-4f5b-9d53-0c6a1e2b7d11', '6.1.0-26-amd64',
   '0.1.0', '/sys/fs/cgroup', 'boottime', 1795161600000000, 'rack', 'every', 'rtt=every',
   1795165200000000, 1795165790500000, 'crashed', 'state tracepoint', 'none'),    -- 2026-11-20 09:00:00 to 09:09:50.5 UTC
  (2, '6d1cf2ab5e3f4b0c9a7e8d1f2c3b4a59', 'web1', '5b9e77c0-1d2f-4a36-8e0b-93c4d5a6f722', '6.10.11-amd64',
   '0.1.0', '/sys/fs/cgroup', 'boottime', 1795258800000000, 'measured', 'every', 'rtt=every',
   1795266000000000, 1795267800000000, 'stopped', 'callbacks', 'tracepoint');    -- 2026-11-21 13:00:00 to 13:30:00 UTC

INSERT INTO host_checks VALUES
  (1, 'kernel',            'ok',   '6.1.0-26-amd64 x86_64', ''),
  (1, 'older connections', 'less', 'their end is seen, by a tracepoint', 'connections older than the recording have no RTT and no retransmissions'),
  (1, 'connect errors',    'less', 'not seen', 'a connect() that fails before TCP sends anything (no route, no free port, forbidden) is missing'),
  (2, 'kernel',            'ok',   '6.10.11-amd64 x86_64', ''),
  (2, 'other programs',    'ok',   'none on the hook', '');

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
  (13, 1206, 'curl',    '/usr/bin/curl',        'curl -m 2 http://203.0.113.10/',                                                                             1000, 1100,   600000000, 7800000000001),
  (14,  970, 'postgres', '/usr/lib/postgresql/15/bin/postgres', 'postgres: app orders 127.0.0.1(45900) idle',                                                    110,  960,  -470000000, 6730000000001),
  (15, 1301, 'wget',    '/usr/bin/wget',        'wget http://172.17.0.1/report.csv',                                                                             0, 1290,   121000000, 7321000000001);

INSERT INTO cgroups (id, kernel_id, path, container_id, systemd_unit)
VALUES
  (2, 4021, '/system.slice/nginx.service',                                                                 NULL,                                                               'nginx.service'),
  (3, 4022, '/system.slice/backup.service',                                                                NULL,                                                               'backup.service'),
  (4, 4100, '/user.slice/user-1000.slice/session-3.scope',                                                 NULL,                                                               'session-3.scope'),
  (5, 4023, '/system.slice/ssh.service',                                                                   NULL,                                                               'ssh.service'),
  (6, 4024, '/system.slice/php8.2-fpm.service',                                                            NULL,                                                               'php8.2-fpm.service'),
  (7, 4300, '/system.slice/docker-3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f.scope', '3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f', 'docker-3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f.scope'),
  (8, 4025, '/system.slice/ssh.socket',                                                                    NULL,                                                               'ssh.socket'),
  (9, 4101, '/user.slice/user-1000.slice/user@1000.service/app.slice/fetch.service',                       NULL,                                                               'user@1000.service');
UPDATE cgroups SET systemd_user_unit = 'fetch.service' WHERE id = 9;

-- Who, whom and how it ended. Connection 1 was open when the recorder was killed, 3 is
-- older than the recording, 6 and 7 are the two ends of one connection on this host,
-- 18 is the one whose close was lost. From 19 on they are for the report pairs: 19 and
-- 20 in two namespaces, between which the network broke; 21 and 22, then 23 and 24, on
-- the same ports; 25 and 26 older than the recording; 27 connected to itself. 28 had no
-- route, and so no local address.
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
  (18, 2, 4114, 1, 4, '10.0.0.5',    45810, '10.0.0.31',           6379, 4026531840, 'active',   7, 'connect', 7, 1001, 'seen',        'lost',          0, NULL,    650000000, 650000340,       NULL),
  (19, 2, 4120, 1, 4, '172.17.0.2',  40000, '172.17.0.1',           80, 4026532290, 'active',  15, 'connect', 7,    0, 'seen',        'timeout',     110, 'unknown', 122000000, 122000052, 138000000),
  (20, 2, 4121, 1, 4, '172.17.0.1',     80, '172.17.0.2',        40000, 4026531840, 'passive',  4, 'accept',  2,   33, 'seen',        'reset',       104, 'peer',  122000058, 122000058,  145000000),
  (21, 2, 4122, 1, 4, '127.0.0.1',   38010, '127.0.0.1',          9000, 4026531840, 'active',   3, 'connect', 2,   33, 'seen',        'closed',        0, 'peer',  124000000, 124000036,  124050060),
  (22, 2, 4123, 1, 4, '127.0.0.1',    9000, '127.0.0.1',         38010, 4026531840, 'passive',  5, 'closer',  6,   33, 'seen',        'closed',        0, 'local', 124000040, 124000040,  124050080),
  (23, 2, 4124, 1, 4, '127.0.0.1',   38010, '127.0.0.1',          9000, 4026531840, 'active',   3, 'connect', 2,   33, 'seen',        'closed',        0, 'peer',  125200000, 125200033,  125230060),
  (24, 2, 4125, 1, 4, '127.0.0.1',    9000, '127.0.0.1',         38010, 4026531840, 'passive',  5, 'closer',  6,   33, 'seen',        'closed',        0, 'local', 125200037, 125200037,  125230080),
  (25, 2, 4090, 1, 4, '127.0.0.1',   45900, '127.0.0.1',          5432, 4026531840, 'unknown',  7, 'scan',    7, 1001, 'preexisting', 'closed',        0, 'local',    500100,      NULL,  140000060),
  (26, 2, 4091, 1, 4, '127.0.0.1',    5432, '127.0.0.1',         45900, 4026531840, 'unknown', 14, 'scan',    0,  110, 'preexisting', 'closed',        0, 'peer',     500200,      NULL,  140000050),
  (27, 2, 4126, 1, 4, '127.0.0.1',   46000, '127.0.0.1',         46000, 4026531840, 'active',   7, 'connect', 7, 1001, 'seen',        'closed',        0, 'both',  126000000, 126000030,  126000400),
  (28, 2, 4127, 0, 4, NULL,           NULL, '192.0.2.200',          80, 4026531840, 'active',  13, 'connect', 4, 1000, 'seen',        'unreachable', 101, 'local', 1390000000,     NULL, 1390000031);

-- Listeners of these; 4 ended with its server, the others outlived the recording.
INSERT INTO listeners
  (id, recording_id, cookie, family, local_address, local_port, netns, process_id, pid_source,
   cgroup_id, uid, start_kind, opened_us, closed_us)
VALUES
  (1, 2, 3001, 4, '0.0.0.0',     80, 4026531840,  3, 'scan',     2,  33, 'preexisting',    600000, NULL),
  (2, 2, 3002, 6, '::',         443, 4026531840,  4, 'scan',     2,  33, 'preexisting',    600000, NULL),
  (3, 2, 3003, 4, '127.0.0.1', 9000, 4026531840,  5, 'listener', 6,  33, 'seen',         10001000, NULL),
  (4, 2, 3004, 4, '127.0.0.1', 5432, 4026531840, 14, 'scan',     0, 110, 'preexisting',    600000, 141000000);

-- What they carried, and their round trips over all samples the kernel gave.
CREATE TEMP TABLE counters (
  id, bytes_sent, bytes_received, segs_sent, segs_received, retrans_segs, rtos,
  delivery_rate_bps, mss, rtt_min_us, rtt_sum_us, rtt_max_us, rtt_samples);
INSERT INTO counters VALUES
  ( 1,  48234496,     81920,  33400,  16900,   0,  0,  912000000,  1448,   380,      2070,    455,  5),
  ( 2,         0,         0,      1,      1,   0,  0,       NULL,  NULL,  NULL,         0,   NULL,  0),
  ( 3,     18432,      6144,    210,    233,   0,  0,    2400000,  1448, 24190,    134605,  61200,  4),
  ( 4,      5321,       412,      8,      9,   0,  0,   11200000,  1448, 30871,     94025,  31950,  3),
  ( 5, 734003200,       388, 507112, 253700, 311,  0,   94100000,  1448, 31111,   1291749,  71440, 22),
  ( 6,       988,      5102,      5,      5,   0,  0, 1900000000, 32768,    28,       102,     41,  3),
  ( 7,      5102,       988,      5,      5,   0,  0, 2100000000, 32768,    19,        49,     30,  2),
  ( 8,     61440,      1733,     51,     30,   0,  0,    3300000,  1428, 88120,    322824, 143700,  3),
  ( 9,       812, 104857600,  36300,  72500,   0,  0,    5100000,  1448, 11455,     35336,  12011,  3),
  (10,    262144,      3904,    190,    101,   2,  1,   22700000,  1428,  9204,     33701,  15120,  3),
  (11,   2411008,   9830400,   8100,  12800,   0,  0,  640000000,  1448,   290,      1665,    402,  5),
  (12,     38112,       277,     30,     18,   0,  0,  310000000,  1448,   502,      1113,    611,  2),
  (13,         0,         0,      1,      1,   0,  0,       NULL,  NULL,  NULL,         0,   NULL,  0),
  (14,         0,         0,      7,      0,   6,  6,       NULL,  NULL,  NULL,         0,   NULL,  0),
  (15,     90112,     41984,   1310,   1288,  15, 15,  120000000,  1448,   331,      1063,    377,  3),
  (16,         0,         0,      3,      0,   2,  2,       NULL,  NULL,  NULL,         0,   NULL,  0),
  (17,         0,         0,      2,      0,   1,  1,       NULL,  NULL,  NULL,         0,   NULL,  0),
  (18,      1402,      2210,     14,     13,   0,  0,   98000000,  1448,   340,       702,    362,  2),
  (19,     2000,     65536,     31,     47,   0,  0,  880000000,  1448,    44,       104,     60,  2),
  (20,    131072,      2000,     95,     31,   2,  2,  790000000,  1448,    58,        58,     58,  1),
  (21,       700,      3100,      5,      5,   0,  0, 1700000000, 32768,    36,        36,     36,  1),
  (22,      3100,       700,      5,      5,   0,  0, 1600000000, 32768,    21,        21,     21,  1),
  (23,       701,      2950,      5,      5,   0,  0, 1700000000, 32768,    33,        33,     33,  1),
  (24,      2950,       701,      5,      5,   0,  0, 1600000000, 32768,  NULL,         0,   NULL,  0),
  (25,     90210,   1204224,    940,    951,   0,  0,  520000000, 32768,    61,        61,     61,  1),
  (26,   1204224,     90210,    951,    940,   0,  0,  610000000, 32768,    48,        48,     48,  1),
  (27,        64,        64,      4,      4,   0,  0,       NULL, 32768,  NULL,         0,   NULL,  0),
  (28,         0,         0,      0,      0,   0,  0,       NULL,  NULL,  NULL,         0,   NULL,  0);
-- By what else some are known.
UPDATE connections SET ifindex = 3, interface = 'eth1' WHERE id = 16;
UPDATE connections SET requested_address = '10.96.0.1', requested_port = 80 WHERE id = 19;
UPDATE connections SET nat_local_address = '192.0.2.1', nat_local_port = 61000,
  nat_peer_address = '10.1.0.30', nat_peer_port = 5433 WHERE id = 11;

UPDATE connections SET
  (bytes_sent, bytes_received, segs_sent, segs_received, retrans_segs, rtos,
   delivery_rate_bps, mss, rtt_min_us, rtt_sum_us, rtt_max_us, rtt_samples)
  = (SELECT bytes_sent, bytes_received, segs_sent, segs_received, retrans_segs, rtos,
            delivery_rate_bps, mss, rtt_min_us, rtt_sum_us, rtt_max_us, rtt_samples
     FROM counters WHERE counters.id = connections.id);

INSERT INTO events (id, connection_id, time_us, kind, old_state, new_state, value)
VALUES
  (  1,  1,   60000000, 1,  7,  2,     0),
  (  2,  1,   60000412, 3,  2,  1,   412),
  (  3,  2,  300000000, 1,  7,  2,     0),
  (  4,  2,  300000287, 7,  2,  7,   111),
  (  5,  3,     500000, 9,  1,  1,     0),
  (  6, 25,     500100, 9,  1,  1,     0),
  (  7, 26,     500200, 9,  1,  1,     0),
  (  8,  4,   10000000, 2,  3,  1,     0),
  (  9,  6,   10003000, 1,  7,  2,     0),
  ( 10,  6,   10003041, 3,  2,  1,    41),
  ( 11,  7,   10003041, 2,  3,  1,     0),
  ( 12,  7,   10190450, 4,  1,  4,     0),
  ( 13,  6,   10190460, 4,  1,  8,     0),
  ( 14,  6,   10190480, 4,  8,  9,     0),
  ( 15,  6,   10190500, 7,  9,  7,     0),
  ( 16,  7,   10190510, 4,  4,  5,     0),
  ( 17,  7,   10190520, 7,  5,  7,     0),
  ( 18,  4,   10250900, 4,  1,  8,     0),
  ( 19,  4,   10250990, 4,  8,  9,     0),
  ( 20,  4,   10251337, 7,  9,  7,     0),
  ( 21,  5,   20000000, 2,  3,  1,     0),
  ( 22,  8,   25000000, 2,  3,  1,     0),
  ( 23,  5,   26100000, 5,  1,  1,   120),
  ( 24,  8,   27804002, 7,  1,  7,   104),
  ( 25,  9,   30000000, 1,  7,  2,     0),
  ( 26,  9,   30011870, 3,  2,  1, 11870),
  ( 27,  9,   38108000, 4,  1,  4,     0),
  ( 28,  9,   38120404, 7,  4,  7,     0),
  ( 29, 10,   40000000, 1,  7,  2,     0),
  ( 30, 10,   40009204, 3,  2,  1,  9204),
  ( 31, 10,   40220000, 6,  1,  1,     1),
  ( 32, 10,   40220010, 5,  1,  1,     2),
  ( 33, 10,   40801000, 4,  1,  4,     0),
  ( 34, 10,   40805000, 4,  4, 11,     0),
  ( 35, 10,   40811009, 7, 11,  7,     0),
  ( 36,  5,   42100000, 5,  1,  1,   191),
  ( 37, 11,   60250000, 1,  7,  2,     0),
  ( 38, 11,   60250318, 3,  2,  1,   318),
  ( 39,  5,  115140000, 4,  1,  4,     0),
  ( 40,  5,  115204700, 4,  4,  5,     0),
  ( 41,  5,  115204811, 7,  5,  7,     0),
  ( 42, 12,  120000000, 2,  3,  1,     0),
  ( 43, 12,  120044000, 4,  1,  8,     0),
  ( 44, 12,  120044100, 4,  8,  9,     0),
  ( 45, 12,  120044210, 7,  9,  7,     0),
  ( 46, 19,  122000000, 1,  7,  2,     0),
  ( 47, 19,  122000052, 3,  2,  1,    52),
  ( 48, 20,  122000058, 2,  3,  1,     0),
  ( 49, 21,  124000000, 1,  7,  2,     0),
  ( 50, 21,  124000036, 3,  2,  1,    36),
  ( 51, 22,  124000040, 2,  3,  1,     0),
  ( 52, 22,  124050000, 4,  1,  4,     0),
  ( 53, 21,  124050010, 4,  1,  8,     0),
  ( 54, 21,  124050040, 4,  8,  9,     0),
  ( 55, 21,  124050060, 7,  9,  7,     0),
  ( 56, 22,  124050070, 4,  4,  5,     0),
  ( 57, 22,  124050080, 7,  5,  7,     0),
  ( 58, 23,  125200000, 1,  7,  2,     0),
  ( 59, 23,  125200033, 3,  2,  1,    33),
  ( 60, 24,  125200037, 2,  3,  1,     0),
  ( 61, 24,  125230000, 4,  1,  4,     0),
  ( 62, 23,  125230010, 4,  1,  8,     0),
  ( 63, 23,  125230040, 4,  8,  9,     0),
  ( 64, 23,  125230060, 7,  9,  7,     0),
  ( 65, 24,  125230070, 4,  4,  5,     0),
  ( 66, 24,  125230080, 7,  5,  7,     0),
  ( 67, 27,  126000000, 1,  7,  2,     0),
  ( 68, 27,  126000010, 4,  2,  3,     0),
  ( 69, 27,  126000030, 3,  3,  1,    30),
  ( 70, 27,  126000300, 4,  1,  4,     0),
  ( 71, 27,  126000320, 4,  4, 11,     0),
  ( 72, 27,  126000400, 7, 11,  7,     0),
  ( 73, 20,  130200000, 6,  1,  1,     1),
  ( 74, 20,  130200010, 5,  1,  1,     1),
  ( 75, 20,  131000000, 6,  1,  1,     2),
  ( 76, 20,  131000010, 5,  1,  1,     1),
  ( 77, 19,  138000000, 7,  1,  7,   110),
  ( 78, 25,  140000000, 4,  1,  4,     0),
  ( 79, 26,  140000010, 4,  1,  8,     0),
  ( 80, 26,  140000030, 4,  8,  9,     0),
  ( 81, 26,  140000050, 7,  9,  7,     0),
  ( 82, 25,  140000060, 7,  4,  7,     0),
  ( 83, 20,  145000000, 7,  1,  7,   104),
  ( 84, 13,  150000000, 1,  7,  2,     0),
  ( 85, 13,  150000346, 7,  2,  7,   111),
  ( 86, 14,  200000000, 1,  7,  2,     0),
  ( 87, 14,  201020000, 6,  2,  2,     1),
  ( 88, 14,  201020012, 5,  2,  2,     1),
  ( 89, 14,  203036000, 6,  2,  2,     2),
  ( 90, 14,  203036012, 5,  2,  2,     1),
  ( 91, 14,  207196000, 6,  2,  2,     3),
  ( 92, 14,  207196012, 5,  2,  2,     1),
  ( 93, 14,  215388000, 6,  2,  2,     4),
  ( 94, 14,  215388012, 5,  2,  2,     1),
  ( 95, 14,  231516000, 6,  2,  2,     5),
  ( 96, 14,  231516012, 5,  2,  2,     1),
  ( 97, 14,  264540000, 6,  2,  2,     6),
  ( 98, 14,  264540012, 5,  2,  2,     1),
  ( 99, 14,  331072114, 7,  2,  7,   110),
  (100, 15,  400000000, 1,  7,  2,     0),
  (101, 15,  400000355, 3,  2,  1,   355),
  (102, 15,  419999991, 6,  1,  1,     1),
  (103, 15,  420000000, 5,  1,  1,     1),
  (104, 15,  430000000, 6,  1,  1,    15),
  (105, 15,  430000009, 5,  1,  1,    14),
  (106, 16,  500000000, 1,  7,  2,     0),
  (107, 16,  501020000, 6,  2,  2,     1),
  (108, 16,  501020010, 5,  2,  2,     1),
  (109, 16,  503030000, 6,  2,  2,     2),
  (110, 16,  503030010, 5,  2,  2,     1),
  (111, 16,  503061700, 7,  2,  7,   113),
  (112, 17,  600000000, 1,  7,  2,     0),
  (113, 17,  601010000, 6,  2,  2,     1),
  (114, 17,  601010012, 5,  2,  2,     1),
  (115, 17,  602001004, 7,  2,  7,     0),
  (116, 18,  650000000, 1,  7,  2,     0),
  (117, 18,  650000340, 3,  2,  1,   340),
  (118, 11, 1200000005, 8,  1,  1,     0),
  (119,  3, 1200000009, 8,  1,  1,     0),
  (120, 15, 1350118900, 7,  1,  7,   110),
  (121, 28, 1390000031, 12, 7,  7,   101);

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
  (39, 25,  121500000,     61,    61, 1),
  (40, 26,  121500030,     48,    48, 1),
  (41, 19,  122000052,     60,    60, 1),
  (42, 20,  122000300,     58,    58, 1),
  (43, 19,  123000000,     44,    58, 1),
  (44, 21,  124000036,     36,    36, 1),
  (45, 22,  124000300,     21,    21, 1),
  (46, 23,  125200033,     33,    33, 1),
  (47, 15,  400000355,    355,   355, 1),
  (48, 15,  401000000,    331,   352, 1),
  (49, 15,  412000000,    377,   355, 1),
  (50, 11,  600000000,    402,   325, 1),
  (51,  3,  610000000,  61200, 28986, 1),
  (52, 18,  650000340,    340,   340, 1),
  (53, 18,  651000000,    362,   342, 1),
  (54, 11, 1200000000,    350,   328, 1),
  (55,  3, 1400000000,  24190, 28386, 1),
  (56, 11, 1795000000,    305,   325, 1);

INSERT INTO batches
  (id, recording_id, committed_us, first_time_us, last_time_us, first_event_id, last_event_id,
   first_rtt_sample_id, last_rtt_sample_id, clock_step_us,
   lost_lifecycle_ring, lost_sample_ring, lost_no_storage, lost_decode_reject)
VALUES
  ( 1, 1,   61500000,   60000000,   61000000,    1,    2,    1,    2, 0, 0,  0, 0, 0),
  ( 2, 1,  200000000,  120000000,  120000000, NULL, NULL,    3,    3, 0, 0,  0, 0, 0),
  ( 3, 1,  301000000,  300000000,  300000287,    3,    4,    4,    4, 0, 0,  0, 0, 0),
  ( 4, 1,  590500000,  590000000,  590000000, NULL, NULL,    5,    5, 0, 0,  0, 0, 0),
  ( 5, 2,   11000000,     500000,   10251337,    5,   20,    6,   14, 0, 0,  0, 0, 0),
  ( 6, 2,   22000000,   20000000,   21000000,   21,   21,   15,   17, 0, 0,  0, 0, 0),
  ( 7, 2,   28000000,   23000000,   27804002,   22,   24,   18,   22, 0, 0,  0, 0, 0),
  ( 8, 2,   41000000,   30000000,   40811009,   25,   35,   23,   30, 0, 0,  0, 0, 0),
  ( 9, 2,   62000000,   42000000,   61000000,   36,   38,   31,   34, 0, 0, 12, 0, 0),
  (10, 2,  121000000,   80000000,  120044210,   39,   45,   35,   38, 0, 0,  0, 0, 0),
  (11, 2,  145500000,  121500000,  145000000,   46,   83,   39,   46, 0, 0,  0, 0, 0),
  (12, 2,  332000000,  150000000,  331072114,   84,   99, NULL, NULL, 0, 0,  0, 0, 0),
  (13, 2,  413000000,  400000000,  412000000,  100,  101,   47,   49, 0, 0,  0, 0, 0),
  (14, 2,  700000000,  419999991,  651000000,  102,  117,   50,   53, 0, 1,  0, 0, 0),
  (15, 2, 1400100000, 1200000000, 1400000000,  118,  121,   54,   55, 0, 0,  0, 0, 0),
  (16, 2, 1800000000, 1795000000, 1795000000, NULL, NULL,   56,   56, 0, 0,  0, 0, 0);

-- The queue of 1 was full, and one connection waited for 4 when it ended. Others tried to connect
-- to closed ports, and too many at once to a container.
INSERT INTO accept_queues
  (recording_id, until_us, listener_id, from_us, queue_len, queue_max, queue_limit, drops)
VALUES
  (2,  43000000, 1,  33000000, 129, 129, 128, 12),
  (2,  53000000, 1,  43000000,   3, 129, 128,  4),
  (2, 141000000, 4, 133000000,   1,   1, 244,  0);
INSERT INTO netns_counters
  (recording_id, until_us, netns, from_us, attempt_fails, resets_sent, listen_overflows,
   listen_drops, syn_queue_drops, syn_cookies_sent)
VALUES
  (2,  43000000, 4026531840,  33000000, 0, 2, 12, 12, 0,   0),
  (2,  53000000, 4026531840,  43000000, 0, 7,  3,  5, 0,   0),
  (2, 323000000, 4026532311, 313000000, 3, 1,  0,  0, 2, 400);


-- When the bytes of the longer ones moved, and what held them up, in milliseconds. 3, 25 and 26 had
-- moved some before the recorder met them. Those without intervals were too short.
CREATE TEMP TABLE moved (
  id, batch_id, connection_id, bytes_sent, bytes_received, segs_sent, segs_received, retrans_segs,
  rwnd_limited, sndbuf_limited, busy);
INSERT INTO moved VALUES
  ( 1,  1,  1,    1048576,       2048,     726,     367,    0,     0,    0,    900),
  ( 2,  2,  1,   20971520,      32768,   14520,    7347,    0,     0,    0,   4200),
  ( 3,  3,  1,   10485760,      16384,    7260,    3673,    0,     0,    0,   2100),
  ( 4,  4,  1,   15728640,      30720,   10894,    5513,    0,     0,    0,   3300),
  ( 5,  6,  5,   10485760,        388,    7245,    3624,    0,     0,    0,    990),
  ( 6,  7,  5,   62914560,          0,   43467,   21746,  120,     0,    0,   5990),
  ( 7,  7,  3,       4096,       1024,      45,      50,    0,     0,    0,     60),
  ( 8,  8,  5,  136314880,          0,   94178,   47116,    0,     0,  500,  12990),
  ( 9,  8,  9,        812,  104857600,   36300,   72500,    0,     0,    0,     30),
  (10,  9,  5,  209715200,          0,  144889,   72486,  191,  2000,    0,  16000),
  (11, 10,  5,  314572800,          0,  217333,  108728,    0,     0,    0,  16000),
  (12, 10, 25,      20000,     200000,     210,     210,    0,     0,    0,     40),
  (13, 10, 26,     200000,      20000,     210,     210,    0,     0,    0,     80),
  (14, 11, 25,      20000,     200000,     210,     210,    0,     0,    0,     40),
  (15, 11, 26,     200000,      20000,     210,     210,    0,     0,    0,     80),
  (16, 13, 15,      65536,      32768,     975,     959,    0,     0,    0,    220),
  (17, 14, 15,      24576,       9216,     335,     329,   15,     0,    0,  10020),
  (18, 14, 11,    1048576,    4915200,    3946,    6236,    0,     0,    0,    310),
  (19, 14,  3,       4096,       1024,      45,      50,    0,     0,    0,     60),
  (20, 15, 11,    1048576,    2457600,    2320,    3666,    0,     0,    0,    330),
  (21, 16, 11,     313856,    2457600,    1834,    2898,    0,     0,    0,    110);
INSERT INTO packed_intervals
SELECT id, connection_id, bytes_sent, bytes_received,
       CASE WHEN max(segs_sent, segs_received) < 128 THEN (segs_sent << 7) + segs_received
            WHEN max(segs_sent, segs_received) < 4096 THEN -1 - (segs_sent << 12) - segs_received
            ELSE 16384 + (segs_sent << 24) + segs_received END,
       (retrans_segs << 42) + (rwnd_limited / 10 << 28) + (sndbuf_limited / 10 << 14) + busy / 10
FROM moved;
UPDATE batches SET (first_interval_id, last_interval_id) =
  (SELECT min(id), max(id) FROM moved WHERE batch_id = batches.id);
UPDATE batches SET (intervals_from_us, intervals_until_us) = (column2, column3)
FROM (VALUES
  ( 1,   60000000,   61000000),
  ( 2,   61000000,  120000000),
  ( 3,  120000000,  300000000),
  ( 4,  300000000,  590000000),
  ( 6,   11000000,   21000000),
  ( 7,   21000000,   27000000),
  ( 8,   27000000,   40000000),
  ( 9,   40000000,   61000000),
  (10,   61000000,  120000000),
  (11,  120000000,  145000000),
  (13,  331000000,  412000000),
  (14,  412000000,  650000000),
  (15,  650000000, 1400000000),
  (16, 1400000000, 1795000000)) WHERE id = column1;
UPDATE batches SET first_time_us = min(first_time_us, intervals_from_us),
                   last_time_us = max(last_time_us, intervals_until_us)
WHERE first_interval_id IS NOT NULL;
UPDATE connections SET has_intervals = id IN (SELECT connection_id FROM moved);
UPDATE connections SET (bytes_sent_before, bytes_received_before) = (column2, column3)
FROM (VALUES (3, 10240, 4096), (25, 50210, 804224), (26, 804224, 50210)) WHERE id = column1;
UPDATE connections SET counters_us = column2
FROM (VALUES (1, 590000000), (3, 1200000009), (11, 1795000000), (18, 651000000)) WHERE id = column1;

-- From the start of the recording to the time of the day. Processes belong to
-- the recording of their connections.
CREATE TEMP VIEW recording_of AS
SELECT c.id AS connection_id, c.process_id, r.started_us AS zero_us
FROM connections c JOIN recordings r ON r.id = c.recording_id;
UPDATE processes SET exec_id = 2, started_us = started_us
  + (SELECT zero_us FROM recording_of WHERE process_id = processes.id) WHERE id > 0;
UPDATE events SET time_us = time_us
  + (SELECT zero_us FROM recording_of WHERE recording_of.connection_id = events.connection_id);
UPDATE packed_rtt_samples SET since_2030_us = since_2030_us
  + (SELECT zero_us FROM recording_of WHERE recording_of.connection_id = packed_rtt_samples.connection_id);
UPDATE connections SET
  opened_us = opened_us + r.started_us, established_us = established_us + r.started_us,
  closed_us = closed_us + r.started_us, counters_us = counters_us + r.started_us
FROM recordings r WHERE r.id = recording_id;
UPDATE listeners SET opened_us = opened_us + r.started_us, closed_us = closed_us + r.started_us
FROM recordings r WHERE r.id = recording_id;
UPDATE accept_queues SET until_us = until_us + r.started_us, from_us = from_us + r.started_us
FROM recordings r WHERE r.id = recording_id;
UPDATE netns_counters SET until_us = until_us + r.started_us, from_us = from_us + r.started_us
FROM recordings r WHERE r.id = recording_id;
UPDATE batches SET
  committed_us = committed_us + r.started_us, first_time_us = first_time_us + r.started_us,
  last_time_us = last_time_us + r.started_us, intervals_from_us = intervals_from_us + r.started_us,
  intervals_until_us = intervals_until_us + r.started_us
FROM recordings r WHERE r.id = recording_id;

-- systemd has made the socket of 3, and 28 was made in a unit of a user's own.
UPDATE connections SET socket_cgroup_id = 8 WHERE id = 3;
UPDATE connections SET cgroup_id = 9 WHERE id = 28;

-- What held them up and who was waited for. The python3 of 11 has waited for its database since
-- seven seconds before the recording ended, and the sshd of 3 for somebody at a keyboard.
UPDATE connections SET
  (retrans_fast_segs, retrans_tlp_segs, retrans_timeout_segs, retrans_spurious_segs, busy_us,
   rwnd_limited_us, sndbuf_limited_us, sent_ago_us, received_ago_us, waits_for, wait_for_peer_us,
   wait_for_local_us)
  = (column2, column3, column4, column5, column6, column7, column8, column9, column10, column11,
     column12, column13)
FROM (VALUES
  ( 1,   0,  0,  0, 0, 10500000,       0,      0,        0,     4000, NULL,           0,         0),
  ( 3,   0,  0,  0, 0,   120000,       0,      0,   500000,   540000, 'peer', 312000000,     40000),
  ( 4,   0,  0,  0, 0,    32000,       0,      0,    32000,   248000, NULL,        4000,    216000),
  ( 5, 300, 11,  0, 3, 51970000, 2000000, 500000,    64000, 95200000, NULL,           0,      4000),
  ( 6,   0,  0,  0, 0,        0,       0,      0,   184000,        0, NULL,      184000,         0),
  ( 7,   0,  0,  0, 0,        0,       0,      0,        0,   184000, NULL,           0,    184000),
  ( 9,   0,  0,  0, 0,    30000,       0,      0,  8100000,    12000, NULL,       24000,         0),
  (10,   0,  0,  2, 0,   790000,       0, 410000,    12000,   760000, NULL,       20000,         0),
  (11,   0,  0,  0, 0,   750000,       0,      0,  2000000,  2004000, 'peer',   5100000, 240000000),
  (12,   0,  0,  0, 0,     4000,       0,      0,     4000,    12000, NULL,           0,      8000),
  (14,   0,  0,  6, 0,        0,       0,      0,     NULL,     NULL, NULL,           0,         0),
  (15,   0,  0, 15, 0, 10240000,       0,      0, 21000000, 31000000, NULL,       52000,  61000000),
  (16,   0,  0,  2, 0,        0,       0,      0,     NULL,     NULL, NULL,           0,         0),
  (17,   0,  0,  1, 0,        0,       0,      0,     NULL,     NULL, NULL,           0,         0),
  (18,   0,  0,  0, 0,     4000,       0,      0,   604000,   600000, NULL,        4000,         0),
  (20,   0,  0,  2, 0, 14800000,   96000,      0,  8000000, 14900000, NULL,           0,         0),
  (25,   0,  0,  0, 0,     8000,       0,      0,    64000,    60000, NULL,        4000,  12000000),
  (26,   0,  0,  0, 0,    16000,       0,      0,    60000,    64000, NULL,    12000000,      4000)
) WHERE id = column1;
