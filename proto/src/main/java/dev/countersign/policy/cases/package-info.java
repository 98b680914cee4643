/**
 * Tests of policies: policies, a request, and what must come of it.
 *
 * <p>Starting points: {@link dev.countersign.policy.cases.CaseTable#read} takes a file of either
 * form, {@link dev.countersign.policy.cases.CaseRunner#run} evaluates one {@link
 * dev.countersign.policy.cases.TestCase}.
 *
 * <p><b>A test file</b> is YAML, strict, and reads policies as the server does:
 *
 * <pre>{@code
 * apiVersion: countersign.dev/v1
 * kind: PolicyTest
 * mesh: {trustDomain: example.org, rootNamespace: countersign-system, compatibility: countersign,
 *        defaultAction: deny, pathNormalization: merge_slashes, providers: {opa: grpc}}
 * policies: [orders.yaml, more/]           # beside this file; or written out here
 * workloads:
 *   orders: {namespace: shop, serviceAccount: orders, labels: {app: orders}}
 * tests:
 * - name: web reads orders
 *   from: shop/web                         # or spiffe://…, or nobody
 *   to: orders
 *   port: 8080                             # protocol: http | grpc | tcp
 *   request: GET /orders/42                # host, headers, claims, sni, sourceIp, remoteIp, …
 *   expect: allow                          # or {decision: deny, policy: shop/p, rule: 0, reason: …}
 * }</pre>
 *
 * <p><b>A table of decisions</b> is read under Istio's compatibility. It is a JSON array of objects. Only {@code policies}, {@code request} and {@code expected}
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
