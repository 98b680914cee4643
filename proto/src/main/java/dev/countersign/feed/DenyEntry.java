package dev.countersign.feed;

import dev.countersign.identity.SpiffeId;
import java.time.Instant;
import java.util.Optional;

/**
 * Somebody who is refused although signed and unexpired. A reader that cannot apply an entry says so
 * and never skips it silently.
 *
 * @param id stable; not empty
 * @param expires until when it is kept; empty = until it is taken back
 * @param reason for logs and people
 */
public record DenyEntry(String id, Target target, Optional<Instant> expires, String reason) {
    public DenyEntry {
        if (id.isEmpty()) {
            throw new IllegalArgumentException("deny entry: empty id (expected: an id)");
        }
    }

    /** Who, or what, is denied. */
    public sealed interface Target {}

    /** Every certificate of this identity. */
    public record Identity(SpiffeId id) implements Target {}

    /** A pod by its UID, as it stands in the subscriber's directory. */
    public record Pod(String uid) implements Target {
        public Pod {
            if (uid.isEmpty()) {
                throw new IllegalArgumentException("pod: empty uid (expected: a uid)");
            }
        }
    }

    /**
     * One certificate.
     *
     * @param issuerKeyId lower-case hex authority key identifier
     * @param serial lower-case hex, no leading zeros
     */
    public record Certificate(String issuerKeyId, String serial) implements Target {
        public Certificate {
            Hex.check("issuer key id", issuerKeyId);
            Hex.check("serial", serial);
            if (serial.startsWith("0")) {
                throw new IllegalArgumentException(
                        "serial: " + serial + " (expected: no leading zeros)");
            }
        }
    }

    /**
     * Everything that one signing certificate has signed.
     *
     * @param keyId lower-case hex subject key identifier
     */
    public record Issuer(String keyId) implements Target {
        public Issuer {
            Hex.check("issuer key id", keyId);
        }
    }

    private static final class Hex {
        static void check(String what, String text) {
            if (text.isEmpty() || text.length() > 128) {
                throw new IllegalArgumentException(
                        what + ": " + text.length() + " characters (expected: 1 to 128)");
            }
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                    throw new IllegalArgumentException(
                            what + ": character " + (int) c + " (expected: lower-case hex)");
                }
            }
        }
    }
}
