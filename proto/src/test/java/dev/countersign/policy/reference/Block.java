package dev.countersign.policy.reference;

import dev.countersign.policy.match.IpAddress;
import dev.countersign.policy.match.IpBlock;
import org.jspecify.annotations.Nullable;

/** A block of addresses, compared bit by bit as text. */
record Block(boolean v4, String leading) {

    static @Nullable Block parse(String value) {
        IpBlock block = IpBlock.parse(value);
        return block == null
                ? null
                : new Block(
                        block.address().v4(), bits(block.address()).substring(0, block.prefix()));
    }

    boolean contains(IpAddress address) {
        return address.v4() == v4 && bits(address).startsWith(leading);
    }

    private static String bits(IpAddress address) {
        StringBuilder bits = new StringBuilder(128);
        for (int i = address.v4() ? 96 : 0; i < 128; i++) {
            long half = i < 64 ? address.high() : address.low();
            bits.append((half >>> (63 - i % 64) & 1) == 1 ? '1' : '0');
        }
        return bits.toString();
    }
}
