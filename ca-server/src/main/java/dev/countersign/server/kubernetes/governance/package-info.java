/**
 * What the security team states in custom resources, mapped onto the operations that operators have.
 *
 * <p>Starting points: {@link dev.countersign.server.kubernetes.governance.RevocationObjects} orders
 * and takes back revocations; {@link dev.countersign.server.kubernetes.governance.TrustRootObject}
 * begins rotations and shows them. Both act only where this process leads. {@link
 * dev.countersign.server.kubernetes.governance.MeshSettingsObject} puts settings into force at every
 * replica. All are called about once a second.
 *
 * <p>An object states an intent, and is no door around anything: steps that need approval wait for it,
 * a namespace revokes identities of its own alone, and what an operator ordered is not touched.
 */
@NullMarked
package dev.countersign.server.kubernetes.governance;

import org.jspecify.annotations.NullMarked;
