package dev.countersign.policy.expression;

import java.util.Arrays;

/** A CEL expression after type checking, as it travels to agents: {@code cel.expr.CheckedExpr}. */
public final class CheckedExpression {
    /** Bytes of one form. */
    public static final int MAX_BYTES = 128 * 1024;

    private final byte[] bytes;

    private CheckedExpression(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * @throws IllegalArgumentException for none, or more than {@link #MAX_BYTES}
     */
    public static CheckedExpression of(byte[] bytes) {
        if (bytes.length == 0 || bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "checked expression: "
                            + bytes.length
                            + " bytes (expected: 1 to "
                            + MAX_BYTES
                            + ")");
        }
        return new CheckedExpression(bytes.clone());
    }

    /** A copy. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CheckedExpression that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "checked expression of " + bytes.length + " bytes";
    }
}
