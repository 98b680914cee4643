package dev.countersign.server.lint;

import java.math.BigInteger;
import java.util.Optional;

/**
 * The planned serial: positive, 64 to 127 bits (RFC 5280 section 4.1.2.2 allows 159; 64 bits of
 * randomness are the least that CAs may use).
 */
final class SerialNumber implements LintRule {
    private static final int MIN_BITS = 64;
    private static final int MAX_BITS = 127;

    @Override
    public String name() {
        return "serial-number";
    }

    @Override
    public Optional<String> check(Subject subject) {
        BigInteger serial = subject.tbs().serial();
        int bits = serial.bitLength();
        boolean kept =
                serial.signum() > 0
                        && bits >= MIN_BITS
                        && bits <= MAX_BITS
                        && serial.equals(subject.plan().serial());
        return LintRule.unless(
                kept,
                () -> bits + " bits, sign " + serial.signum(),
                () -> "the planned one, positive, " + MIN_BITS + " to " + MAX_BITS + " bits");
    }
}
