-- Schema 7: files that hold a part of a recording.

CREATE TABLE snapshots ( -- recordings of which this file holds one window alone; no row: it was not cut
  recording_id  INTEGER PRIMARY KEY REFERENCES recordings, -- what was cut
  begin_us      INTEGER NOT NULL, -- the window: from this moment
  end_us        INTEGER NOT NULL, -- until just before this one
  made_us       INTEGER NOT NULL, -- when it was cut
  is_filtered   INTEGER NOT NULL, -- 1: only some of the connections are here; 0: all that were alive in the window
  is_anonymized INTEGER NOT NULL  -- 1: addresses and names are not the real ones; 0: they are
) STRICT;
