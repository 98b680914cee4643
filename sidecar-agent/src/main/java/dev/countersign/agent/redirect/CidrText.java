package dev.countersign.agent.redirect;

import dev.countersign.policy.match.IpAddress;
import dev.countersign.policy.match.IpBlock;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A network as the kernel's tools print it: IPv6 with its longest run of zeros left out (RFC 5952). */
final class CidrText {
    private static final int GROUPS = 8;
    private static final int GROUP_BITS = 16;

    private CidrText() {}

    static String of(IpBlock block) {
        IpAddress address = block.address();
        return (address.v4() ? address.toString() : compressed(groups(address)))
                + "/"
                + block.prefix();
    }

    private static int[] groups(IpAddress address) {
        int[] groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            long half = i < GROUPS / 2 ? address.high() : address.low();
            int shift = (GROUPS / 2 - 1 - (i % (GROUPS / 2))) * GROUP_BITS;
            groups[i] = (int) ((half >>> shift) & 0xffff);
        }
        return groups;
    }

    private static String compressed(int[] groups) {
        int start = -1;
        int longest = 1;
        for (int i = 0; i < GROUPS; i++) {
            int run = zeros(groups, i);
            if (run > longest) {
                longest = run;
                start = i;
            }
        }
        return start < 0
                ? joined(groups, 0, GROUPS)
                : joined(groups, 0, start) + "::" + joined(groups, start + longest, GROUPS);
    }

    private static String joined(int[] groups, int from, int to) {
        return Arrays.stream(groups, from, to)
                .mapToObj(Integer::toHexString)
                .collect(Collectors.joining(":"));
    }

    private static int zeros(int[] groups, int from) {
        int to = from;
        while (to < GROUPS && groups[to] == 0) {
            to++;
        }
        return to - from;
    }
}
