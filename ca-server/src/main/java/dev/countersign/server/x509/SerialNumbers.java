package dev.countersign.server.x509;

import java.math.BigInteger;
import java.security.SecureRandom;

/** Serial numbers: positive, exactly 127 bits, 126 of them random (RFC 5280 section 4.1.2.2). */
public final class SerialNumbers {
    public static final int BITS = 127;

    private SerialNumbers() {}

    /** The top bit is always set, so that every serial has the same length. */
    public static BigInteger next(SecureRandom random) {
        return new BigInteger(BITS - 1, random).setBit(BITS - 1);
    }
}
