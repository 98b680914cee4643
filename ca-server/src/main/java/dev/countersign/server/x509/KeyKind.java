package dev.countersign.server.x509;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** Kinds of keys that a profile may allow in requests (X509-SVID section 4; RFC 5480, 8017, 8410). */
public enum KeyKind {
    EC_P256,
    EC_P384,
    RSA,
    ED25519;

    /** Every kind there is. */
    public static final Set<KeyKind> ALL =
            Collections.unmodifiableSet(EnumSet.allOf(KeyKind.class));
}
