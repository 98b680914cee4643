-- Who holds a certificate and was never heard of: a rotation waits for them too. A server of the version
-- before works on beside this one: what it issues has no pod here, and its holders count once they subscribe.

-- Pod UID; '' = none, or not known.
ALTER TABLE certificate ADD COLUMN pod TEXT NOT NULL DEFAULT '';
-- When it was decided to issue it; 0 = not known.
ALTER TABLE certificate ADD COLUMN intended BIGINT NOT NULL DEFAULT 0;

-- Pods of which a process said goodbye: what they had been issued until then decides about nobody.
CREATE TABLE departure (
  pod TEXT   NOT NULL PRIMARY KEY,
  at  BIGINT NOT NULL
) ${clustered};
