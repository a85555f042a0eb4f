-- Schema 4: the oldest rows go when the file has reached its limit.

CREATE TABLE retention ( -- what the recorder has deleted for --max-size and --max-age; one row for each kind
  kind         TEXT PRIMARY KEY    -- connections: and listeners, batches and owners; open ones stay
    CHECK (kind IN ('connections', 'events', 'rtt_samples')),
  kept_from_us INTEGER,            -- what happened (connections: ended) from this moment on is all there; NULL: nothing was deleted
  deleted_rows INTEGER NOT NULL DEFAULT 0 -- so far; processes and cgroups are not counted
) STRICT, WITHOUT ROWID;
INSERT INTO retention (kind) VALUES ('connections'), ('events'), ('rtt_samples');
