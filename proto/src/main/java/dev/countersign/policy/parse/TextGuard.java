package dev.countersign.policy.parse;

import dev.countersign.policy.match.PrintableText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Lets through text that a reviewer sees as the machine does: UTF-8, without controls, and without
 * characters that are invisible or change the direction of what is beside them.
 */
final class TextGuard {

    /** Bytes in one file. */
    static final int MAX_BYTES = 1 << 20;

    static final String EXPECTED =
            "text without control, invisible or direction-changing characters";

    private TextGuard() {}

    /** The text, without a byte order mark; null after reporting why there is none. */
    static @Nullable String decode(byte[] bytes, Report report) {
        if (bytes.length > MAX_BYTES) {
            report.add(
                    0,
                    "",
                    Problem.Code.FILE_TOO_LARGE,
                    bytes.length + " bytes",
                    "at most " + MAX_BYTES);
            return null;
        }
        String text;
        try {
            text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)
                            .decode(ByteBuffer.wrap(bytes))
                            .toString();
        } catch (CharacterCodingException e) {
            report.add(0, "", Problem.Code.NOT_UTF8, "bytes that are not UTF-8", "UTF-8");
            return null;
        }
        String body = text.startsWith("\ufeff") ? text.substring(1) : text;
        return checkCharacters(body, report) ? body : null;
    }

    /** The first forbidden character of a value, or -1. */
    static int firstForbidden(String text) {
        return text.codePoints().filter(PrintableText::isHidden).findFirst().orElse(-1);
    }

    private static boolean checkCharacters(String text, Report report) {
        int line = 1;
        boolean clean = true;
        for (int at = 0; at < text.length(); ) {
            int point = text.codePointAt(at);
            if (point == '\n') {
                line++;
            } else if (PrintableText.isHidden(point)) {
                clean = false;
                report.add(line, "", Problem.Code.FORBIDDEN_CHARACTER, describe(point), EXPECTED);
            }
            at += Character.charCount(point);
        }
        return clean;
    }

    static String describe(int point) {
        return String.format("U+%04X", point);
    }
}
