package dev.countersign.server.x509;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * The few DER values that change from leaf to leaf. The linter reads them back by {@link TbsReader},
 * which shares nothing with this but the tags.
 */
final class DerWriter {
    static final int BOOLEAN = 0x01;
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int SEQUENCE = 0x30;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int LAST_YEAR_OF_UTC_TIME = 2049;

    private DerWriter() {}

    /** One value whose content is these parts in a row. */
    static byte[] value(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        int header = length < 0x80 ? 2 : length < 0x100 ? 3 : length < 0x1_0000 ? 4 : 5;
        byte[] value = new byte[header + length];
        value[0] = (byte) tag;
        if (header == 2) {
            value[1] = (byte) length;
        } else {
            value[1] = (byte) (0x80 | (header - 2));
            for (int i = header - 1, rest = length; i > 1; i--, rest >>>= 8) {
                value[i] = (byte) rest;
            }
        }
        int position = header;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, value, position, part.length);
            position += part.length;
        }
        return value;
    }

    static byte[] integer(BigInteger number) {
        return value(INTEGER, number.toByteArray());
    }

    /** A BIT STRING of whole octets. */
    static byte[] bits(byte[] octets) {
        return value(BIT_STRING, new byte[] {0}, octets);
    }

    static byte[] ascii(int tag, String text) {
        return value(tag, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** UTCTime until 2049, GeneralizedTime after (RFC 5280 section 4.1.2.5); whole seconds. */
    static byte[] time(Instant instant) {
        LocalDateTime time =
                LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
        boolean utc = time.getYear() <= LAST_YEAR_OF_UTC_TIME;
        int yearDigits = utc ? 2 : 4;
        byte[] text = new byte[yearDigits + 11];
        digits(text, 0, time.getYear(), yearDigits);
        digits(text, yearDigits, time.getMonthValue(), 2);
        digits(text, yearDigits + 2, time.getDayOfMonth(), 2);
        digits(text, yearDigits + 4, time.getHour(), 2);
        digits(text, yearDigits + 6, time.getMinute(), 2);
        digits(text, yearDigits + 8, time.getSecond(), 2);
        text[yearDigits + 10] = 'Z';
        return value(utc ? UTC_TIME : GENERALIZED_TIME, text);
    }

    private static void digits(byte[] text, int start, int number, int count) {
        int rest = number;
        for (int i = start + count - 1; i >= start; i--) {
            text[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
