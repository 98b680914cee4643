/**
 * Tables of decisions: policies, a request, and what must come of it.
 *
 * <p>Starting points: {@link dev.countersign.policy.cases.CaseTable#read} takes the JSON form, {@link
 * dev.countersign.policy.cases.CaseRunner#run} evaluates one {@link
 * dev.countersign.policy.cases.PolicyCase} under Istio's compatibility.
 *
 * <p>A table is a JSON array of objects. Only {@code policies}, {@code request} and {@code expected}
 * are needed; every other key may be absent or null, and keys that are not known are ignored, since
 * tables carry notes:
 *
 * <pre>{@code
 * [{"id": "…", "name": "…",
 *   "policies": ["<YAML>", …],
 *   "request": {"protocol": "http|grpc|tcp", "source_principal": "td/ns/n/sa/s", "source_ip": "…",
 *               "remote_ip": "…", "destination_ip": "…", "port": 8080, "sni": "…", "method": "GET",
 *               "host": "…", "path": "/raw/path?query", "headers": {}, "jwt_claims": {}},
 *   "workload": {"namespace": "…", "labels": {}},
 *   "mesh": {"root_namespace": "…", "trust_domain": "…", "trust_domain_aliases": [],
 *            "path_normalization": "BASE", "multiple_custom_providers": false},
 *   "ext_authz_results": {"<provider>": {"type": "grpc|http", "result": "allow|deny"}},
 *   "space_delimited_claims": ["scope"],
 *   "dataplane": "sidecar|ztunnel|both",
 *   "expected": "allow|deny"}]
 * }</pre>
 */
@NullMarked
package dev.countersign.policy.cases;

import org.jspecify.annotations.NullMarked;
