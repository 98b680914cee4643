-- Who talked to whom, as agents reported it; kept for 30 days, counted by day (UTC).
CREATE TABLE edge (
  -- The first 16 bytes of a SHA-256 over everything down to tls.
  id             ${bytes} NOT NULL PRIMARY KEY,
  -- SPIFFE ID of who reported, by its certificate: one end of the edge.
  reporter       TEXT     NOT NULL,
  -- 0 the reporter is the destination, 1 it is the source
  direction      SMALLINT NOT NULL,
  -- SPIFFE ID of the other end; empty where it has none.
  peer           TEXT     NOT NULL,
  peer_address   TEXT     NOT NULL,
  -- Of the destination, a JSON object with sorted keys; empty where the source reported.
  labels         TEXT     NOT NULL,
  port           INTEGER  NOT NULL,
  http           SMALLINT NOT NULL,
  method         TEXT     NOT NULL,
  path           TEXT     NOT NULL,
  allowed        SMALLINT NOT NULL,
  policy         TEXT     NOT NULL,
  rule           INTEGER  NOT NULL,
  -- 0 no policy in DryRun applied, 1 they would have denied, 2 allowed
  dry_run        SMALLINT NOT NULL,
  dry_run_policy TEXT     NOT NULL,
  dry_run_rule   INTEGER  NOT NULL,
  -- 0 plaintext, 1 mTLS
  tls            SMALLINT NOT NULL,
  last_seen      BIGINT   NOT NULL
);
CREATE INDEX edge_reporter_seen ON edge (reporter, last_seen);
CREATE INDEX edge_seen ON edge (last_seen);

CREATE TABLE edge_day (
  edge       ${bytes} NOT NULL,
  -- Days since 1970-01-01.
  day        INTEGER  NOT NULL,
  count      BIGINT   NOT NULL,
  first_seen BIGINT   NOT NULL,
  last_seen  BIGINT   NOT NULL,
  PRIMARY KEY (edge, day)
) ${clustered};
CREATE INDEX edge_day_day ON edge_day (day);

-- Which agent processes reported, so that a report sent twice counts once and silence is seen.
CREATE TABLE edge_reporter (
  identity     TEXT     NOT NULL,
  instance     TEXT     NOT NULL,
  pod          TEXT     NOT NULL,
  sequence     BIGINT   NOT NULL,
  first_report BIGINT   NOT NULL,
  last_report  BIGINT   NOT NULL,
  -- 1 when it said that it stops
  ended        SMALLINT NOT NULL,
  PRIMARY KEY (identity, instance)
) ${clustered};
CREATE INDEX edge_reporter_last ON edge_reporter (last_report);

-- What was seen and is not in the tables above.
CREATE TABLE edge_loss (
  -- SPIFFE ID of whose traffic it was; empty = anybody's.
  identity TEXT     NOT NULL,
  cause    TEXT     NOT NULL,
  day      INTEGER  NOT NULL,
  count    BIGINT   NOT NULL,
  last     BIGINT   NOT NULL,
  PRIMARY KEY (identity, cause, day)
) ${clustered};
