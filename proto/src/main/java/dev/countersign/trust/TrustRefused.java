package dev.countersign.trust;

import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;

/**
 * A certificate, bundle or snapshot that is not believed. Message: value and expectation, in
 * printable ASCII and of bounded length, because part of it was written by whoever is refused.
 */
public final class TrustRefused extends CertificateException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_MESSAGE = 1000;

    private final Refusal refusal;

    public TrustRefused(Refusal refusal, String message) {
        super(refusal + ": " + printable(message));
        this.refusal = refusal;
    }

    public TrustRefused(Refusal refusal, String message, @Nullable Throwable cause) {
        super(refusal + ": " + printable(message), cause);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }

    private static String printable(String message) {
        StringBuilder printable = new StringBuilder();
        for (int i = 0; i < Math.min(message.length(), MAX_MESSAGE); i++) {
            char c = message.charAt(i);
            printable.append(c < 0x20 || c > 0x7e ? '?' : c);
        }
        return message.length() > MAX_MESSAGE
                ? printable.append("...").toString()
                : printable.toString();
    }
}
