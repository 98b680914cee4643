package dev.countersign.runtime;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * One event, one line: hostile text cannot forge another. Fields are cut; what is or looks like a
 * secret is hidden, should somebody try to log it.
 */
final class LogLines extends EncoderBase<ILoggingEvent> {
    private static final int MAX_FIELD = 2048;
    private static final int MAX_FRAMES = 16;
    private static final int MAX_CAUSES = 8;
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);
    private static final Set<String> OWN = Set.of("ts", "level", "logger", "msg", "cause", "stack");

    private final Logging.Format format;

    LogLines(Logging.Format format) {
        this.format = format;
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String line =
                switch (format) {
                    case JSON -> json(event);
                    case TEXT -> text(event);
                };
        return line.getBytes(StandardCharsets.UTF_8);
    }

    private static String json(ILoggingEvent event) {
        StringBuilder json = new StringBuilder(256);
        json.append("{\"ts\":").append(OpsServer.quote(time(event)));
        field(json, "level", event.getLevel().toString());
        field(json, "logger", event.getLoggerName());
        field(json, "msg", safe(event.getFormattedMessage()));
        for (KeyValuePair pair : pairs(event)) {
            field(json, OWN.contains(pair.key) ? "_" + pair.key : pair.key, value(pair));
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            field(json, "cause", causes(thrown));
            field(json, "stack", frames(thrown));
        }
        return json.append("}\n").toString();
    }

    private static String text(ILoggingEvent event) {
        StringBuilder text = new StringBuilder(160);
        text.append(time(event), 11, 23)
                .append(' ')
                .append(event.getLevel())
                .append(' ')
                .append(visible(safe(event.getFormattedMessage())));
        for (KeyValuePair pair : pairs(event)) {
            text.append("  ")
                    .append(pair.key)
                    .append('=')
                    .append(visible(String.valueOf(value(pair))));
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        return text.append(thrown == null ? "" : "  cause=" + visible(causes(thrown)))
                .append('\n')
                .toString();
    }

    private static void field(StringBuilder json, String name, Object value) {
        json.append(',').append(OpsServer.quote(name)).append(':');
        if (value instanceof Number || value instanceof Boolean) {
            json.append(value);
        } else {
            json.append(OpsServer.quote(value.toString()));
        }
    }

    /** A finite number or a boolean as itself, anything else as safe text. */
    private static Object value(KeyValuePair pair) {
        if (Texts.isSecretName(pair.key)) {
            return Texts.HIDDEN;
        }
        return switch (pair.value) {
            case null -> "null";
            case Integer _, Long _, Boolean _ -> pair.value;
            case Double number when Double.isFinite(number) -> number;
            case byte[] _, char[] _, Key _ -> Texts.HIDDEN;
            default -> safe(pair.value.toString());
        };
    }

    private static String causes(IThrowableProxy thrown) {
        StringBuilder causes = new StringBuilder();
        int depth = 0;
        for (@Nullable IThrowableProxy t = thrown;
                t != null && depth < MAX_CAUSES;
                t = t.getCause()) {
            causes.append(depth++ == 0 ? "" : " <- ")
                    .append(t.getClassName())
                    .append(": ")
                    .append(t.getMessage());
        }
        return safe(causes.toString());
    }

    private static String frames(IThrowableProxy thrown) {
        StackTraceElementProxy[] all = thrown.getStackTraceElementProxyArray();
        StringBuilder frames = new StringBuilder();
        for (int i = 0; i < Math.min(all.length, MAX_FRAMES); i++) {
            frames.append(i == 0 ? "" : " < ").append(all[i].getStackTraceElement());
        }
        return safe(frames.toString());
    }

    /** Always with milliseconds; Instant.toString leaves out what is zero. */
    private static String time(ILoggingEvent event) {
        return TIME.format(Instant.ofEpochMilli(event.getTimeStamp()));
    }

    private static List<KeyValuePair> pairs(ILoggingEvent event) {
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        return pairs == null ? List.of() : pairs;
    }

    private static String safe(@Nullable String text) {
        String safe = Texts.withoutKeys(text == null ? "null" : text);
        return safe.length() <= MAX_FIELD
                ? safe
                : safe.substring(0, MAX_FIELD) + "…(+" + (safe.length() - MAX_FIELD) + ")";
    }

    private static String visible(String text) {
        return Texts.oneLine(text, Integer.MAX_VALUE);
    }
}
