package dev.countersign.server.audit;

/**
 * Writes one JSON object in one way only: keys in ascending order, no white space, ASCII (everything
 * else escaped), no numbers. The text is what is hashed, so equal content means equal bytes.
 */
final class CanonicalJson {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final StringBuilder out;
    private String lastKey = "";

    CanonicalJson(int expectedLength) {
        this.out = new StringBuilder(expectedLength).append('{');
    }

    /** Adds a member; keys must come in ascending order. */
    CanonicalJson put(String key, String value) {
        key(key);
        string(value);
        return this;
    }

    CanonicalJson put(String key, CanonicalJson object) {
        key(key);
        out.append(object.end());
        return this;
    }

    String end() {
        return out.append('}').toString();
    }

    private void key(String key) {
        if (key.compareTo(lastKey) <= 0) {
            throw new IllegalArgumentException(
                    "key: " + key + " (expected: after " + lastKey + ")");
        }
        if (!lastKey.isEmpty()) {
            out.append(',');
        }
        lastKey = key;
        string(key);
        out.append(':');
    }

    private void string(String value) {
        out.append('"');
        int plainFrom = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                out.append(value, plainFrom, i);
                escape(c);
                plainFrom = i + 1;
            }
        }
        out.append(value, plainFrom, value.length()).append('"');
    }

    private void escape(char c) {
        if (c == '"' || c == '\\') {
            out.append('\\').append(c);
            return;
        }
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(HEX[(c >> shift) & 0xf]);
        }
    }
}
