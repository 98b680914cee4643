package dev.countersign.agent.proxy.http;

/** Character classes of RFC 9110 and RFC 9112, one table look-up each. */
public final class HttpChars {
    private static final int TABLE = 256;
    private static final byte TOKEN = 1;
    private static final byte VALUE = 2;
    private static final byte TARGET = 4;
    private static final byte HOST = 8;
    private static final byte[] CLASSES = new byte[TABLE];
    private static final byte[] LOWER = new byte[TABLE];

    static {
        for (int c = 0; c < TABLE; c++) {
            boolean alphanumeric =
                    (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            boolean visible = c > ' ' && c < 0x7f;
            if (alphanumeric || (c < 0x80 && "!#$%&'*+-.^_`|~".indexOf(c) >= 0)) {
                CLASSES[c] |= TOKEN;
            }
            if (visible || c == ' ' || c == '\t' || c >= 0x80) {
                CLASSES[c] |= VALUE;
            }
            if (visible) {
                CLASSES[c] |= TARGET;
            }
            if (alphanumeric || (c < 0x80 && "-._~!$&'()*+,;=%".indexOf(c) >= 0)) {
                CLASSES[c] |= HOST;
            }
            LOWER[c] = (byte) (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c == '_' ? '-' : c);
        }
    }

    private HttpChars() {}

    /** RFC 9110 section 5.6.2. */
    public static boolean isToken(byte c) {
        return (CLASSES[c & 0xff] & TOKEN) != 0;
    }

    /** RFC 9110 section 5.5: field-vchar, space, tab. */
    public static boolean isValue(byte c) {
        return (CLASSES[c & 0xff] & VALUE) != 0;
    }

    /** Visible ASCII; RFC 3986 knows no other in a URI. */
    public static boolean isTarget(byte c) {
        return (CLASSES[c & 0xff] & TARGET) != 0;
    }

    /** RFC 3986 section 3.2.2, reg-name. */
    public static boolean isHost(byte c) {
        return (CLASSES[c & 0xff] & HOST) != 0;
    }

    public static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    /** Lower case, and {@code _} as {@code -}: applications often see no difference. */
    public static byte canonical(byte c) {
        return LOWER[c & 0xff];
    }

    /** Value of a hexadecimal digit, or -1. */
    public static int hex(byte c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int lower = c | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }
}
