-- Bundles in which a bundle-signing key announced the one that took its place: whoever slept through
-- that is shown the way by them. A few hundred bytes each, one a rotation of that key; kept for ever.
CREATE TABLE bundle_handover (
  epoch     BIGINT NOT NULL PRIMARY KEY,
  payload   ${bytes} NOT NULL,
  key_id    TEXT   NOT NULL,
  signature ${bytes} NOT NULL
);
