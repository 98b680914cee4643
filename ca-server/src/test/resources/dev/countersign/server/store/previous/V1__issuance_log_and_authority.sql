-- One set of SQL for SQLite and PostgreSQL. What differs is a placeholder:
--   ${key}        64-bit integer key: INTEGER (SQLite's row id) or BIGINT
--   ${bytes}      BLOB or BYTEA
--   ${clustered}  WITHOUT ROWID or nothing
--   ${roomy}      room for updates in place on PostgreSQL, or nothing
-- Times are milliseconds since 1970-01-01T00:00Z. Hashes in text are lower-case hex.

-- Who writes or wrote here: one row per server process.
CREATE TABLE process (
  id        TEXT   NOT NULL PRIMARY KEY,
  started   BIGINT NOT NULL,
  heartbeat BIGINT NOT NULL,
  stopped   BIGINT
);

-- Sequence numbers are handed out in blocks, so that replicas do not wait for each other.
CREATE TABLE numbering (
  name TEXT   NOT NULL PRIMARY KEY,
  next BIGINT NOT NULL
);
INSERT INTO numbering (name, next) VALUES ('log', 1);

-- One chain per signing intermediate (named by its key id) and one per server.
CREATE TABLE log_chain (
  id        ${key} NOT NULL PRIMARY KEY,
  name      TEXT   NOT NULL UNIQUE,
  process   TEXT   NOT NULL,
  created   BIGINT NOT NULL,
  genesis   TEXT   NOT NULL,
  batches   BIGINT NOT NULL,
  entries   BIGINT NOT NULL,
  head      TEXT   NOT NULL,
  issued    BIGINT NOT NULL,
  -- No intent of this chain with a smaller sequence number waits for an outcome.
  open_from BIGINT NOT NULL
);

-- One row per chain and commit.
CREATE TABLE log_batch (
  chain   BIGINT NOT NULL,
  number  BIGINT NOT NULL,
  size    BIGINT NOT NULL,
  first   BIGINT NOT NULL,
  last    BIGINT NOT NULL,
  hash    TEXT   NOT NULL,
  PRIMARY KEY (chain, number)
) ${clustered};

-- Append only. The body is exactly the text that was hashed.
CREATE TABLE log_entry (
  sequence ${key} NOT NULL PRIMARY KEY,
  chain    BIGINT NOT NULL,
  batch    BIGINT NOT NULL,
  type     TEXT   NOT NULL,
  identity TEXT   NOT NULL,
  body     TEXT   NOT NULL
);

-- What the ledger looks up; everything else about a certificate is in its INTENT entry.
CREATE TABLE certificate (
  sequence  ${key} NOT NULL PRIMARY KEY,
  chain     BIGINT NOT NULL,
  serial    ${bytes} NOT NULL,
  identity  TEXT   NOT NULL,
  not_after BIGINT NOT NULL,
  -- 0 INTENDED, 1 ISSUED, 2 FAILED, 3 UNKNOWN
  outcome   SMALLINT NOT NULL
) ${roomy};
CREATE UNIQUE INDEX certificate_serial ON certificate (chain, serial);

-- The first intent for each public key: whose identity the key belongs to. Kept as long as the log.
CREATE TABLE key_binding (
  key_hash ${bytes} NOT NULL PRIMARY KEY,
  sequence BIGINT NOT NULL
) ${clustered};

-- The authority's state: one row, replaced by compare-and-set on the epoch.
CREATE TABLE authority (
  id               SMALLINT NOT NULL PRIMARY KEY,
  epoch            BIGINT NOT NULL,
  roots            ${bytes} NOT NULL,
  signing_root     TEXT   NOT NULL,
  bundle_key       TEXT   NOT NULL,
  bundle_payload   ${bytes} NOT NULL,
  bundle_key_id    TEXT   NOT NULL,
  bundle_signature ${bytes} NOT NULL,
  at               BIGINT NOT NULL
);

-- What agents reported; kept for a day.
CREATE TABLE denial (
  id                          TEXT    NOT NULL PRIMARY KEY,
  received                    BIGINT  NOT NULL,
  first_seen                  BIGINT  NOT NULL,
  count                       BIGINT  NOT NULL,
  source_principal            TEXT    NOT NULL,
  source_address              TEXT    NOT NULL,
  destination_namespace       TEXT    NOT NULL,
  destination_service_account TEXT    NOT NULL,
  destination_port            INTEGER NOT NULL,
  protocol                    TEXT    NOT NULL,
  method                      TEXT    NOT NULL,
  host                        TEXT    NOT NULL,
  path                        TEXT    NOT NULL,
  revision                    BIGINT  NOT NULL,
  reason                      TEXT    NOT NULL,
  policy                      TEXT    NOT NULL,
  rule                        INTEGER NOT NULL,
  explanation                 TEXT    NOT NULL,
  agent_instance              TEXT    NOT NULL
);
CREATE INDEX denial_received ON denial (received);
CREATE INDEX denial_edge ON denial
  (source_principal, destination_namespace, destination_service_account, destination_port);
