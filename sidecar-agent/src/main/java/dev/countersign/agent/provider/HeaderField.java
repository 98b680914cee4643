package dev.countersign.agent.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A header that a provider may set.
 *
 * @param name a token (RFC 9110 section 5.6.2) in lower case
 * @param value without controls
 */
public record HeaderField(String name, String value) {
    /** Of one answer; the rest is dropped. */
    private static final int MOST = 32;

    private static final int LONGEST_NAME = 128;
    private static final int LONGEST_VALUE = 4096;

    /** What frames or routes a message, or is ours to say. */
    private static final Set<String> RESERVED =
            Set.of(
                    "host",
                    "content-length",
                    "transfer-encoding",
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "upgrade",
                    "expect",
                    "x-forwarded-client-cert");

    private static final String OURS = "x-countersign-";
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    /** Those of these that may be set, the first 32. */
    static List<HeaderField> permitted(List<Map.Entry<String, String>> proposed) {
        List<HeaderField> fields = new ArrayList<>();
        for (Map.Entry<String, String> one : proposed) {
            if (fields.size() == MOST) {
                break;
            }
            of(one.getKey(), one.getValue()).ifPresent(fields::add);
        }
        return fields;
    }

    /** Empty for what may not be set. */
    public static Optional<HeaderField> of(String name, String value) {
        String lower = name.toLowerCase(Locale.ROOT);
        return mayName(lower) && isValue(value)
                ? Optional.of(new HeaderField(lower, value))
                : Optional.empty();
    }

    /** Whether a header of this name, in lower case, may be set or taken away by a provider. */
    static boolean mayName(String name) {
        return !name.isEmpty()
                && name.length() <= LONGEST_NAME
                && name.chars().allMatch(HeaderField::isTokenChar)
                && !isReserved(name.replace('_', '-'));
    }

    /** There are applications that take one for the other. */
    private static boolean isReserved(String dashed) {
        return RESERVED.contains(dashed) || dashed.startsWith(OURS);
    }

    private static boolean isTokenChar(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || TOKEN_MARKS.indexOf(c) >= 0;
    }

    private static boolean isValue(String value) {
        return value.length() <= LONGEST_VALUE
                && value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c < 0x7f));
    }
}
