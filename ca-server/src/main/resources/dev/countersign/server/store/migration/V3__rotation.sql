-- Rotation of roots and of the bundle-signing key. A server of the version before works on beside this
-- one: it leaves the new column as it is, and nothing rotates until all know of it.

-- Where a rotation stands, in RotationCodec's words; '' = one root, and nothing rotates.
ALTER TABLE authority ADD COLUMN rotation TEXT NOT NULL DEFAULT '';

-- Which root stands above an intermediate. Leaves of one that is not here count as the old root's.
CREATE TABLE intermediate (
  key_id      TEXT   NOT NULL PRIMARY KEY,
  root_key_id TEXT   NOT NULL,
  not_after   BIGINT NOT NULL
);

-- Server processes that issue, and the epoch they sign under.
CREATE TABLE replica (
  id      TEXT   NOT NULL PRIMARY KEY,
  epoch   BIGINT NOT NULL,
  -- By the database's clock.
  seen    BIGINT NOT NULL,
  stopped SMALLINT NOT NULL
);

-- Who decides whom to believe, and which bundle they have loaded: an agent process each.
CREATE TABLE verifier (
  -- Pod UID; SPIFFE ID where there is none.
  pod          TEXT     NOT NULL,
  instance     TEXT     NOT NULL,
  -- "namespace/pod", as refusals name it.
  name         TEXT     NOT NULL,
  place        TEXT     NOT NULL,
  namespace    TEXT     NOT NULL,
  -- A JSON object with sorted keys.
  labels       TEXT     NOT NULL,
  -- The server process it has a stream to; '' = none.
  replica      TEXT     NOT NULL,
  last_seen    BIGINT   NOT NULL,
  -- End of its certificate: it may come back until then.
  until        BIGINT   NOT NULL,
  epoch        BIGINT   NOT NULL,
  problem      TEXT     NOT NULL,
  leaf_root    TEXT     NOT NULL,
  oldest_root  TEXT     NOT NULL,
  -- Which roots its handshakes needed; '' = not counted.
  usage        TEXT     NOT NULL,
  PRIMARY KEY (pod, instance)
) ${clustered};
