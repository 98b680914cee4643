# kind: CountersignRestricted
# parameters:
package countersign.restricted

violation[{"msg": msg}] {
	container := containers[_]
	lack := lacks(container)[_]
	msg := sprintf("container %v: %v", [container.name, lack])
}

violation[{"msg": msg}] {
	shared := {"hostNetwork", "hostPID", "hostIPC"}[name]
	pod.spec[shared] == true
	msg := sprintf("%v: true (expected: false)", [name])
}

violation[{"msg": msg}] {
	volume := pod.spec.volumes[_]
	volume.hostPath
	msg := sprintf("volume %v: hostPath (expected: nothing of the node's)", [volume.name])
}

pod := input.review.object

# All but the one that lays the redirect rules.
containers[container] {
	container := pod.spec.containers[_]
}

containers[container] {
	container := pod.spec.initContainers[_]
	container.name != "countersign-redirect"
}

lacks(container) = {lack |
	checks := {
		"allowPrivilegeEscalation (expected: false)": no_escalation(container),
		"privileged (expected: false)": not_privileged(container),
		"capabilities (expected: drop ALL, add none but NET_BIND_SERVICE)": no_capabilities(container),
		"runAsNonRoot (expected: true)": not_root(container),
		"seccompProfile (expected: RuntimeDefault)": confined(container),
	}
	checks[lack] == false
}

context(container) = object.get(container, "securityContext", {})

no_escalation(container) = object.get(context(container), "allowPrivilegeEscalation", true) == false

not_privileged(container) = object.get(context(container), "privileged", false) == false

no_capabilities(container) = count({c | c := capabilities(container).drop[_]; c == "ALL"}) + (100 * count({c | c := capabilities(container).add[_]; c != "NET_BIND_SERVICE"})) == 1

capabilities(container) = object.get(context(container), "capabilities", {})

not_root(container) = [object.get(context(container), "runAsNonRoot", object.get(pod_context, "runAsNonRoot", false)), object.get(context(container), "runAsUser", 1) != 0] == [true, true]

confined(container) = count({"RuntimeDefault", "Localhost"} & {object.get(object.get(context(container), "seccompProfile", object.get(pod_context, "seccompProfile", {})), "type", "none")}) == 1

pod_context = object.get(pod.spec, "securityContext", {})
