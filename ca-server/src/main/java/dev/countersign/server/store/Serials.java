package dev.countersign.server.store;

import java.util.HexFormat;

/** Serials as they are stored: big-endian bytes, half the size of their text in the index. */
final class Serials {
    private Serials() {}

    /** From lower-case hex without leading zeros, so of any number of digits. */
    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.length() % 2 == 0 ? hex : "0" + hex);
    }

    /** Lower-case hex without leading zeros. */
    static String hex(byte[] bytes) {
        String hex = HexFormat.of().formatHex(bytes);
        int zeros = 0;
        while (zeros < hex.length() - 1 && hex.charAt(zeros) == '0') {
            zeros++;
        }
        return hex.substring(zeros);
    }
}
