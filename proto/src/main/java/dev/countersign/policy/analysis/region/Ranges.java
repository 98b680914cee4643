package dev.countersign.policy.analysis.region;

import dev.countersign.policy.match.IpAddress;
import dev.countersign.policy.match.IpBlock;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ports, or addresses: IPv4 ones from zero on, IPv6 ones after 2<sup>128</sup>.
 *
 * @param universe what {@link #isEverything} and complements refer to
 * @param absent whether a request without the address belongs to it
 * @param present ascending, neither touching nor overlapping
 */
public record Ranges(Universe universe, boolean absent, List<Range> present) implements ValueSet {

    private static final BigInteger V6 = BigInteger.ONE.shiftLeft(128);
    private static final BigInteger LONG = BigInteger.ONE.shiftLeft(64);

    /** Every port; a request always has one. */
    public static final Ranges ALL_PORTS =
            new Ranges(Universe.PORTS, false, List.of(range(0, 65535)));

    /** Every address, and none. */
    public static final Ranges ALL_ADDRESSES =
            new Ranges(
                    Universe.ADDRESSES,
                    true,
                    List.of(
                            range(0, 0xffff_ffffL),
                            new Range(V6, V6.shiftLeft(1).subtract(BigInteger.ONE))));

    public Ranges {
        present = List.copyOf(present);
    }

    /** What the numbers are. */
    public enum Universe {
        PORTS,
        ADDRESSES
    }

    /** From one number to another, both included. */
    public record Range(BigInteger from, BigInteger to) {}

    /** These ports. */
    public static Ranges ports(Collection<Integer> ports) {
        return new Ranges(
                Universe.PORTS, false, joined(ports.stream().map(p -> range(p, p)).toList()));
    }

    /** The addresses in any of these blocks. */
    public static Ranges blocks(Collection<IpBlock> blocks) {
        return new Ranges(
                Universe.ADDRESSES, false, joined(blocks.stream().map(Ranges::range).toList()));
    }

    /** Every address, but not none. */
    public static Ranges anyAddress() {
        return new Ranges(Universe.ADDRESSES, false, ALL_ADDRESSES.present);
    }

    /** Whether a port belongs to it. */
    public boolean contains(int port) {
        return contains(BigInteger.valueOf(port));
    }

    /** Whether an address, null for none, belongs to it. */
    public boolean contains(@Nullable IpAddress address) {
        return address == null ? absent : contains(number(address));
    }

    /** The smallest number, where there is one. */
    public @Nullable BigInteger first() {
        return present.isEmpty() ? null : present.getFirst().from();
    }

    /** The address that a number stands for. */
    public static IpAddress address(BigInteger number) {
        if (number.compareTo(V6) < 0) {
            return new IpAddress(true, 0, number.longValue());
        }
        BigInteger bits = number.subtract(V6);
        return new IpAddress(false, bits.shiftRight(64).longValue(), bits.longValue());
    }

    @Override
    public Ranges and(ValueSet other) {
        Ranges ranges = (Ranges) other;
        return minus(ranges.complement());
    }

    @Override
    public Ranges or(ValueSet other) {
        Ranges ranges = (Ranges) other;
        List<Range> all = new ArrayList<>(present);
        all.addAll(ranges.present);
        return new Ranges(universe, absent || ranges.absent, joined(all));
    }

    @Override
    public Ranges minus(ValueSet other) {
        Ranges ranges = (Ranges) other;
        List<Range> rest = present;
        for (Range cut : ranges.present) {
            List<Range> next = new ArrayList<>();
            rest.forEach(one -> addCut(one, cut, next));
            rest = next;
        }
        return new Ranges(universe, absent && !ranges.absent, rest);
    }

    /** Every number, and absence where that is possible, that does not belong to it. */
    public Ranges complement() {
        return (universe == Universe.PORTS ? ALL_PORTS : ALL_ADDRESSES).minus(this);
    }

    @Override
    public boolean overlaps(ValueSet other) {
        return !and(other).isEmpty();
    }

    @Override
    public boolean isWithin(ValueSet other) {
        return minus(other).isEmpty();
    }

    @Override
    public boolean isEmpty() {
        return !absent && present.isEmpty();
    }

    @Override
    public boolean isEverything() {
        return equals(universe == Universe.PORTS ? ALL_PORTS : ALL_ADDRESSES);
    }

    private boolean contains(BigInteger number) {
        return present.stream()
                .anyMatch(one ->
                        one.from().compareTo(number) <= 0 && number.compareTo(one.to()) <= 0);
    }

    private static void addCut(Range one, Range cut, List<Range> into) {
        if (cut.to().compareTo(one.from()) < 0 || cut.from().compareTo(one.to()) > 0) {
            into.add(one);
            return;
        }
        if (one.from().compareTo(cut.from()) < 0) {
            into.add(new Range(one.from(), cut.from().subtract(BigInteger.ONE)));
        }
        if (cut.to().compareTo(one.to()) < 0) {
            into.add(new Range(cut.to().add(BigInteger.ONE), one.to()));
        }
    }

    private static List<Range> joined(List<Range> ranges) {
        List<Range> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparing(Range::from));
        List<Range> joined = new ArrayList<>();
        for (Range range : sorted) {
            Range last = joined.isEmpty() ? null : joined.getLast();
            if (last != null && range.from().compareTo(last.to().add(BigInteger.ONE)) <= 0) {
                joined.set(joined.size() - 1, new Range(last.from(), last.to().max(range.to())));
            } else {
                joined.add(range);
            }
        }
        return joined;
    }

    private static Range range(long from, long to) {
        return new Range(BigInteger.valueOf(from), BigInteger.valueOf(to));
    }

    private static Range range(IpBlock block) {
        int free = (block.address().v4() ? 32 : 128) - block.prefix();
        BigInteger from = number(block.address()).shiftRight(free).shiftLeft(free);
        return new Range(from, from.add(BigInteger.ONE.shiftLeft(free)).subtract(BigInteger.ONE));
    }

    private static BigInteger number(IpAddress address) {
        return address.v4()
                ? BigInteger.valueOf(address.low() & 0xffff_ffffL)
                : V6.add(unsigned(address.high()).shiftLeft(64)).add(unsigned(address.low()));
    }

    private static BigInteger unsigned(long bits) {
        BigInteger value = BigInteger.valueOf(bits);
        return bits < 0 ? value.add(LONG) : value;
    }
}
