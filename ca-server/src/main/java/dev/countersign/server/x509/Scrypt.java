package dev.countersign.server.x509;

import org.bouncycastle.crypto.generators.SCrypt;

/**
 * Derives keys from passphrases (RFC 7914).
 *
 * @param n cost, a power of two from 2^10 to 2^20; memory is 128·n·r bytes
 * @param r block size, 1 to 16
 * @param p parallelism, 1 to 4
 */
public record Scrypt(int n, int r, int p) {
    /** 128 MiB and some tenths of a second: paid once for each salt at start-up. */
    public static final Scrypt DEFAULT = new Scrypt(1 << 17, 8, 1);

    private static final int MIN_N = 1 << 10;
    private static final int MAX_N = 1 << 20;
    private static final int MAX_R = 16;
    private static final int MAX_P = 4;

    public Scrypt {
        if (Integer.bitCount(n) != 1 || n < MIN_N || n > MAX_N) {
            throw new IllegalArgumentException(
                    "scrypt N: " + n + " (expected: a power of two, 2^10 to 2^20)");
        }
        if (r < 1 || r > MAX_R || p < 1 || p > MAX_P) {
            throw new IllegalArgumentException(
                    "scrypt r, p: " + r + ", " + p + " (expected: 1 to 16, 1 to 4)");
        }
    }

    /** The derived bytes; the caller zeroes them and the passphrase. */
    public byte[] derive(byte[] passphrase, byte[] salt, int length) {
        return SCrypt.generate(passphrase, salt, n, r, p, length);
    }
}
