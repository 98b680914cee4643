-- The ALLOW policies that were enforced last: what a server that starts compares its policies with.
CREATE TABLE enforced_allow (
  api_group TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name      TEXT NOT NULL,
  -- A JSON object with sorted keys; empty = every workload in scope.
  selector  TEXT NOT NULL,
  PRIMARY KEY (api_group, namespace, name)
) ${clustered};
