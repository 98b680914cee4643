-- Verifiers outside, which have no stream: a rotation waits for them by name.
CREATE TABLE external_verifier (
  name         TEXT   NOT NULL PRIMARY KEY,
  -- Lower-case hex SHA-256 of the token that it shows when it fetches.
  token_hash   TEXT   NOT NULL,
  registered   BIGINT NOT NULL,
  by_whom      TEXT   NOT NULL,
  -- Of the bundle that it has; 0 = it has none yet.
  epoch        BIGINT NOT NULL,
  -- When and how it said so; 0 and '' = never.
  acknowledged BIGINT NOT NULL,
  how          TEXT   NOT NULL
);
