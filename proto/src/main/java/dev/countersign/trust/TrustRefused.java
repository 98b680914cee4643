package dev.countersign.trust;

import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;

/** A certificate, bundle or snapshot that is not believed. Message: value and expectation. */
public final class TrustRefused extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    public TrustRefused(Refusal refusal, String message) {
        super(refusal + ": " + message);
        this.refusal = refusal;
    }

    public TrustRefused(Refusal refusal, String message, @Nullable Throwable cause) {
        super(refusal + ": " + message, cause);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }
}
