package dev.countersign.server.x509;

/** A certificate request that is not accepted. Message: value and expectation. */
public final class CsrRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable codes: they are logged, counted and sent to the caller. */
    public enum Reason {
        CSR_MISSING,
        CSR_TOO_LARGE,
        CSR_NOT_DER,
        CSR_TRAILING_BYTES,
        CSR_VERSION,
        CSR_SIGNATURE_ALGORITHM,
        CSR_BAD_PROOF_OF_POSSESSION,
        CSR_KEY_TYPE,
        CSR_RSA_SIZE,
        CSR_RSA_EXPONENT,
        CSR_RSA_WEAK_MODULUS,
        CSR_CURVE,
        CSR_EC_EXPLICIT_PARAMETERS,
        CSR_EC_POINT,
        CSR_SAN_NOT_OWN_IDENTITY,
        CSR_KEY_OF_ANOTHER_IDENTITY,
        CSR_KEY_REUSED,
        CSR_KEY_OF_AUTHORITY
    }

    private final Reason reason;

    public CsrRefused(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
