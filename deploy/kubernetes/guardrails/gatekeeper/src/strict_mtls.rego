# kind: CountersignStrictMtls
# parameters:
package countersign.strict_mtls

violation[{"msg": msg}] {
	mode := input.review.object.spec.mtls.mode
	not strict(mode)
	msg := sprintf("mtls.mode: %v (expected: STRICT)", [mode])
}

violation[{"msg": msg}] {
	mode := input.review.object.spec.portLevelMtls[port].mode
	not strict(mode)
	msg := sprintf("portLevelMtls[%v].mode: %v (expected: STRICT)", [port, mode])
}

strict("STRICT")

strict("UNSET")
