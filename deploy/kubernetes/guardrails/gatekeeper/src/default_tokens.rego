# kind: CountersignDefaultTokens
# parameters:
package countersign.default_tokens

violation[{"msg": msg}] {
	account := object.get(input.review.object.spec, "serviceAccountName", "default")
	{"", "default"}[account]
	object.get(input.review.object.spec, "automountServiceAccountToken", true) == true
	msg := "automountServiceAccountToken of service account default: not false (expected: false, or a service account of its own)"
}
