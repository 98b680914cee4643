# opa test --v0-compatible deploy/kubernetes/guardrails/gatekeeper/src
package countersign.guardrails_test

import data.countersign.default_tokens
import data.countersign.digests
import data.countersign.no_opt_out
import data.countersign.restricted
import data.countersign.sidecar
import data.countersign.strict_mtls

digest := "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

safe := {
	"allowPrivilegeEscalation": false,
	"runAsNonRoot": true,
	"capabilities": {"drop": ["ALL"]},
	"seccompProfile": {"type": "RuntimeDefault"},
}

web := {"name": "web", "image": concat("", ["web", digest]), "securityContext": safe}

agent := {"name": "countersign-agent", "image": "mesh/agent:1", "securityContext": safe}

redirect := {"name": "countersign-redirect", "image": "mesh/agent:1", "securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}}

pod(spec) = {"metadata": {"name": "web-0", "namespace": "shop"}, "spec": spec}

good := pod({"serviceAccountName": "web", "containers": [web], "initContainers": [redirect, agent]})

ask(object) = {"review": {"object": object}, "parameters": {"agentImages": ["mesh/agent"], "optOut": ["shop/legacy", "ops/*"]}}

test_a_pod_with_its_agent_passes {
	count(sidecar.violation) == 0 with input as ask(good)
}

test_a_pod_without_an_agent_does_not {
	v := sidecar.violation with input as ask(pod({"serviceAccountName": "web", "containers": [web]}))
	v == {{"msg": "pod of shop/web: no container countersign-agent (expected: one)"}}
}

test_who_may_opt_out_needs_none {
	count(sidecar.violation) == 0 with input as ask(pod({"serviceAccountName": "legacy", "containers": [web]}))
}

test_an_agent_from_elsewhere_is_none {
	other := {"name": "countersign-agent", "image": "mesh/agent-evil:1"}
	v := sidecar.violation with input as ask(pod({"containers": [web, other]}))
	count(v) == 1
}

test_opting_out_is_for_the_list {
	declining := {"metadata": {"namespace": "shop", "labels": {"countersign.dev/inject": "false"}}, "spec": {"serviceAccountName": "web"}}
	count(no_opt_out.violation) == 1 with input as ask(declining)
	listed := object.union(declining, {"spec": {"serviceAccountName": "legacy"}})
	count(no_opt_out.violation) == 0 with input as ask(listed)
	by_annotation := {"metadata": {"namespace": "shop", "annotations": {"countersign.dev/inject": "no"}}, "spec": {}}
	count(no_opt_out.violation) == 1 with input as ask(by_annotation)
}

test_a_whole_namespace_may_be_listed {
	declining := {"metadata": {"namespace": "ops", "labels": {"countersign.dev/inject": "false"}}, "spec": {}}
	count(no_opt_out.violation) == 0 with input as ask(declining)
}

test_asking_to_be_injected_is_no_opting_out {
	asking := {"metadata": {"namespace": "shop", "labels": {"countersign.dev/inject": "true"}}, "spec": {}}
	count(no_opt_out.violation) == 0 with input as ask(asking)
}

test_permissive_is_not_strict {
	v := strict_mtls.violation with input as ask({"spec": {"mtls": {"mode": "PERMISSIVE"}}})
	v == {{"msg": "mtls.mode: PERMISSIVE (expected: STRICT)"}}
}

test_a_port_must_be_strict_too {
	v := strict_mtls.violation with input as ask({"spec": {"mtls": {"mode": "STRICT"}, "portLevelMtls": {"9090": {"mode": "DISABLE"}}}})
	v == {{"msg": "portLevelMtls[9090].mode: DISABLE (expected: STRICT)"}}
}

test_strict_passes {
	count(strict_mtls.violation) == 0 with input as ask({"spec": {"mtls": {"mode": "STRICT"}}})
}

test_tags_are_no_digests {
	v := digests.violation with input as ask(pod({"containers": [{"name": "web", "image": "web:1"}]}))
	count(v) == 1
	count(digests.violation) == 0 with input as ask(pod({"containers": [web]}))
}

test_a_short_digest_is_none {
	v := digests.violation with input as ask(pod({"containers": [{"name": "web", "image": "web@sha256:abc"}]}))
	count(v) == 1
}

test_restricted_passes_but_for_the_redirect_container {
	count(restricted.violation) == 0 with input as ask(good)
}

test_every_lack_is_named {
	v := restricted.violation with input as ask(pod({"containers": [{"name": "web"}]}))
	count(v) == 4
}

test_an_added_capability_is_named {
	adding := object.union(web, {"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}})
	v := restricted.violation with input as ask(pod({"containers": [adding]}))
	v == {{"msg": "container web: capabilities (expected: drop ALL, add none but NET_BIND_SERVICE)"}}
}

test_the_pods_context_counts {
	bare := {"name": "web", "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}
	spec := {"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}, "containers": [bare]}
	count(restricted.violation) == 0 with input as ask(pod(spec))
}

test_the_nodes_things_are_refused {
	v := restricted.violation with input as ask(pod({"hostNetwork": true, "containers": [web], "volumes": [{"name": "v", "hostPath": {"path": "/"}}]}))
	count(v) == 2
}

test_the_default_accounts_token_is_not_mounted {
	count(default_tokens.violation) == 1 with input as ask(pod({"containers": [web]}))
	count(default_tokens.violation) == 0 with input as ask(pod({"containers": [web], "automountServiceAccountToken": false}))
	count(default_tokens.violation) == 0 with input as ask(good)
}
