package dev.countersign.agent.authorization;

import java.security.SecureRandom;

/**
 * Ids that a denied caller is told. 80 random bits: nobody guesses one that another caller was told,
 * and none repeats in the life of the log. Crockford base 32 reads well aloud: no I, L, O, U.
 */
final class DenialIds {
    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int LENGTH = 16;
    private static final int BITS = 5;

    private final SecureRandom random;

    DenialIds(SecureRandom random) {
        this.random = random;
    }

    /** 16 characters. */
    String next() {
        byte[] bytes = new byte[LENGTH * BITS / Byte.SIZE];
        random.nextBytes(bytes);
        StringBuilder id = new StringBuilder(LENGTH);
        int held = 0;
        int buffer = 0;
        for (byte b : bytes) {
            buffer = (buffer << Byte.SIZE) | (b & 0xff);
            held += Byte.SIZE;
            while (held >= BITS) {
                held -= BITS;
                id.append(ALPHABET.charAt((buffer >>> held) & 0x1f));
            }
            buffer &= (1 << held) - 1;
        }
        return id.toString();
    }
}
