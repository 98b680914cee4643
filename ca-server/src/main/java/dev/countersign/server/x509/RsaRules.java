package dev.countersign.server.x509;

import dev.countersign.server.x509.CsrRefused.Reason;
import java.math.BigInteger;
import java.util.BitSet;

/**
 * Rules for RSA public keys: sizes of SP 800-131A, exponents of FIPS 186-5 section 5.4, and moduli
 * whose factors can be found from the public key alone.
 *
 * <p>Weak moduli that are recognised: even ones, ones with a prime factor under 752, ones whose
 * primes are so close that Fermat's method finds them in 100 rounds, and the fingerprint of ROCA
 * (CVE-2017-15361). Not recognised: the Debian keys of 2008 (CVE-2008-0166) would need a list of
 * some hundred thousand hashes.
 */
final class RsaRules {
    static final int MIN_BITS = 2048;
    static final int MAX_BITS = 8192;

    private static final BigInteger F4 = BigInteger.valueOf(65_537);
    private static final int MAX_EXPONENT_BITS = 256;
    private static final int SMALL_PRIMES_BELOW = 752;
    private static final int FERMAT_ROUNDS = 100;
    private static final BigInteger SMALL_PRIMES = productOfOddPrimes(SMALL_PRIMES_BELOW);

    /** The primes under 168 for which powers of 65537 leave gaps: the fingerprint's alphabet. */
    private static final int[] ROCA_PRIMES = {
        11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157
    };

    private static final BigInteger ROCA_PRODUCT = product(ROCA_PRIMES);
    private static final BitSet[] ROCA_RESIDUES = rocaResidues();

    private RsaRules() {}

    static void check(BigInteger modulus, BigInteger exponent) throws CsrRefused {
        int bits = modulus.bitLength();
        if (modulus.signum() <= 0 || bits < MIN_BITS || bits > MAX_BITS) {
            throw new CsrRefused(
                    Reason.CSR_RSA_SIZE,
                    "RSA modulus: "
                            + (modulus.signum() <= 0 ? "not positive" : bits + " bits")
                            + " (expected: "
                            + MIN_BITS
                            + " to "
                            + MAX_BITS
                            + ")");
        }
        if (exponent.compareTo(F4) < 0
                || !exponent.testBit(0)
                || exponent.bitLength() > MAX_EXPONENT_BITS) {
            throw new CsrRefused(
                    Reason.CSR_RSA_EXPONENT,
                    "RSA exponent: "
                            + (exponent.bitLength() > 64
                                    ? exponent.bitLength() + " bits"
                                    : exponent.toString())
                            + " (expected: odd, 65537 to 2^256, FIPS 186-5 section 5.4)");
        }
        weak(!modulus.testBit(0), "even", "odd");
        weak(!modulus.gcd(SMALL_PRIMES).equals(BigInteger.ONE), "a factor under 752", "none");
        weak(hasRocaFingerprint(modulus), "ROCA fingerprint", "none, CVE-2017-15361");
        weak(hasClosePrimes(modulus), "primes too close", "not found by Fermat's method");
    }

    /** ROCA primes are k·M + 65537^a mod M, so the modulus is a power of 65537 mod each prime of M. */
    private static boolean hasRocaFingerprint(BigInteger modulus) {
        // One division of the large number; 17 small ones of its remainder.
        BigInteger remainder = modulus.mod(ROCA_PRODUCT);
        for (int i = 0; i < ROCA_PRIMES.length; i++) {
            int residue = remainder.mod(BigInteger.valueOf(ROCA_PRIMES[i])).intValue();
            if (!ROCA_RESIDUES[i].get(residue)) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasClosePrimes(BigInteger modulus) {
        BigInteger[] root = modulus.sqrtAndRemainder();
        if (root[1].signum() == 0) {
            return true;
        }
        BigInteger a = root[0].add(BigInteger.ONE);
        BigInteger b2 = a.multiply(a).subtract(modulus);
        for (int round = 0; round < FERMAT_ROUNDS; round++) {
            if (mayBeSquare(b2) && b2.sqrtAndRemainder()[1].signum() == 0) {
                return true;
            }
            b2 = b2.add(a.shiftLeft(1)).add(BigInteger.ONE);
            a = a.add(BigInteger.ONE);
        }
        return false;
    }

    /** Squares end in few ways modulo 64; saves most square roots. */
    private static boolean mayBeSquare(BigInteger number) {
        int tail = number.intValue() & 63;
        return ((0x0202021202030213L >>> tail) & 1) == 1;
    }

    private static void weak(boolean weak, String value, String expectation) throws CsrRefused {
        if (weak) {
            throw new CsrRefused(
                    Reason.CSR_RSA_WEAK_MODULUS,
                    "RSA modulus: " + value + " (expected: " + expectation + ")");
        }
    }

    private static BitSet[] rocaResidues() {
        BitSet[] residues = new BitSet[ROCA_PRIMES.length];
        for (int i = 0; i < residues.length; i++) {
            residues[i] = powersOfF4(ROCA_PRIMES[i]);
        }
        return residues;
    }

    private static BitSet powersOfF4(int prime) {
        BitSet powers = new BitSet(prime);
        int generator = 65_537 % prime;
        int power = 1;
        do {
            powers.set(power);
            power = power * generator % prime;
        } while (power != 1);
        return powers;
    }

    private static BigInteger product(int[] numbers) {
        BigInteger product = BigInteger.ONE;
        for (int number : numbers) {
            product = product.multiply(BigInteger.valueOf(number));
        }
        return product;
    }

    private static BigInteger productOfOddPrimes(int below) {
        BigInteger product = BigInteger.ONE;
        for (int n = 3; n < below; n += 2) {
            if (BigInteger.valueOf(n).isProbablePrime(40)) {
                product = product.multiply(BigInteger.valueOf(n));
            }
        }
        return product;
    }
}
