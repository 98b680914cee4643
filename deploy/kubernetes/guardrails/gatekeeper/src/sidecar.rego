# kind: CountersignSidecar
# parameters: agentImages, optOut
package countersign.sidecar

violation[{"msg": msg}] {
	not may_opt_out
	not agent
	msg := sprintf("pod of %v: no container countersign-agent (expected: one)", [account])
}

violation[{"msg": msg}] {
	image := agent.image
	not known_image(image)
	msg := sprintf("container countersign-agent: %v (expected: one of %v)", [image, input.parameters.agentImages])
}

pod := input.review.object

account := sprintf("%v/%v", [pod.metadata.namespace, object.get(pod.spec, "serviceAccountName", "default")])

may_opt_out {
	input.parameters.optOut[_] == account
}

may_opt_out {
	input.parameters.optOut[_] == sprintf("%v/*", [pod.metadata.namespace])
}

agent := one {
	lists := {"containers", "initContainers"}
	one := pod.spec[lists[_]][_]
	one.name == "countersign-agent"
}

known_image(image) {
	prefix := input.parameters.agentImages[_]
	separators := {"@", ":"}
	startswith(image, concat("", [prefix, separators[_]]))
}
