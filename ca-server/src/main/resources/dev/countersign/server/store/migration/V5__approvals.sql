-- Steps that need approvals, and the approvals that operators signed; few, and kept for ever.
CREATE TABLE approval_step (
  -- SHA-256 of the text: what operators sign.
  digest  TEXT   NOT NULL PRIMARY KEY,
  -- SHA-256 of the step alone: equal whenever the same step is asked for.
  content TEXT   NOT NULL,
  text    TEXT   NOT NULL,
  asked   BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  -- When it was taken; null = it was not.
  used    BIGINT
);
CREATE INDEX approval_step_content ON approval_step (content);

CREATE TABLE approval (
  digest      TEXT     NOT NULL,
  operator    TEXT     NOT NULL,
  valid_until BIGINT   NOT NULL,
  signature   ${bytes} NOT NULL,
  received    BIGINT   NOT NULL,
  PRIMARY KEY (digest, operator)
) ${clustered};
