package dev.countersign.identity;

/** Text that is not the identity it should be. The message carries value and expectation. */
public final class MalformedIdentity extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 120;

    public MalformedIdentity(String what, String value, String expectation) {
        super(what + ": \"" + printable(value) + "\" (expected: " + expectation + ")");
    }

    /** Cut and freed of control characters, so that hostile text cannot forge a log line. */
    private static String printable(String value) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(value.length(), SHOWN); i++) {
            char c = value.charAt(i);
            shown.append(c < 0x20 || c > 0x7e ? '?' : c);
        }
        return value.length() > SHOWN ? shown.append('…').toString() : shown.toString();
    }
}
