-- Who is denied. What an operator ordered, and what agents are told of it.

-- One row for each target.
CREATE TABLE revocation (
  id         TEXT     NOT NULL PRIMARY KEY,
  -- 0 identity, 1 pod, 2 certificate, 3 issuer
  kind       SMALLINT NOT NULL,
  -- SPIFFE ID, pod UID, "issuer key id/serial" or key id
  target     TEXT     NOT NULL,
  reason     TEXT     NOT NULL,
  ordered_by TEXT     NOT NULL,
  at         BIGINT   NOT NULL,
  -- NULL = until it is taken back
  until_time BIGINT
);
CREATE UNIQUE INDEX revocation_target ON revocation (kind, target);

-- A pod's entries name its certificates: no pod UID is in a certificate.
CREATE TABLE deny_entry (
  id         TEXT     NOT NULL PRIMARY KEY,
  revocation TEXT     NOT NULL,
  kind       SMALLINT NOT NULL,
  target     TEXT     NOT NULL,
  -- NULL = as long as its revocation
  expires    BIGINT
);
CREATE INDEX deny_entry_revocation ON deny_entry (revocation);

-- Rises with every change, so that replicas need not read the rest.
CREATE TABLE revocation_version (
  id      SMALLINT NOT NULL PRIMARY KEY,
  version BIGINT   NOT NULL
);
INSERT INTO revocation_version (id, version) VALUES (1, 1);

-- The certificates that have not ended are few beside those that are kept.
CREATE INDEX certificate_not_after ON certificate (not_after);
