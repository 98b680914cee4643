package dev.countersign.server.x509;

import dev.countersign.server.x509.Der.Malformed;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Reads the two kinds of time in the one form of RFC 5280 section 4.1.2.5: whole seconds, Zulu. */
final class DerTime {
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;

    /** A two-digit year from here on belongs to the last century. */
    private static final int FIRST_YEAR_OF_LAST_CENTURY = 50;

    private DerTime() {}

    /**
     * The next element.
     *
     * @throws java.time.DateTimeException when there is no such time
     */
    static Instant read(DerView view) throws Malformed {
        boolean utc = view.isNext(UTC_TIME);
        byte[] text = view.read(utc ? UTC_TIME : GENERALIZED_TIME);
        int yearDigits = utc ? 2 : 4;
        if (text.length != yearDigits + 11 || text[yearDigits + 10] != 'Z') {
            throw odd();
        }
        int year = number(text, 0, yearDigits);
        if (utc) {
            year += year < FIRST_YEAR_OF_LAST_CENTURY ? 2000 : 1900;
        }
        return LocalDateTime.of(
                        year,
                        number(text, yearDigits, 2),
                        number(text, yearDigits + 2, 2),
                        number(text, yearDigits + 4, 2),
                        number(text, yearDigits + 6, 2),
                        number(text, yearDigits + 8, 2))
                .toInstant(ZoneOffset.UTC);
    }

    private static int number(byte[] text, int from, int digits) throws Malformed {
        int number = 0;
        for (int i = from; i < from + digits; i++) {
            if (text[i] < '0' || text[i] > '9') {
                throw odd();
            }
            number = number * 10 + text[i] - '0';
        }
        return number;
    }

    private static Malformed odd() {
        return new Malformed(false, "time (expected: YYMMDDhhmmssZ or YYYYMMDDhhmmssZ)");
    }
}
