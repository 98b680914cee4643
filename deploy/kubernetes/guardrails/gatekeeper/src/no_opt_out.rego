# kind: CountersignNoOptOut
# parameters: optOut
package countersign.no_opt_out

violation[{"msg": msg}] {
	declines
	not may_opt_out
	msg := sprintf("pod of %v: countersign.dev/inject is not \"true\" (expected: no opting out)", [account])
}

pod := input.review.object

account := sprintf("%v/%v", [pod.metadata.namespace, object.get(pod.spec, "serviceAccountName", "default")])

declines {
	pod.metadata.labels["countersign.dev/inject"] != "true"
}

declines {
	pod.metadata.annotations["countersign.dev/inject"] != "true"
}

may_opt_out {
	input.parameters.optOut[_] == account
}

may_opt_out {
	input.parameters.optOut[_] == sprintf("%v/*", [pod.metadata.namespace])
}
