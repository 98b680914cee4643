# kind: CountersignDigests
# parameters:
package countersign.digests

violation[{"msg": msg}] {
	lists := {"containers", "initContainers", "ephemeralContainers"}
	container := input.review.object.spec[lists[_]][_]
	not by_digest(container)
	msg := sprintf("container %v: image by tag (expected: by digest, NAME@sha256:…)", [container.name])
}

by_digest(container) {
	regex.match(`@sha256:[0-9a-f]{64}$`, container.image)
}
