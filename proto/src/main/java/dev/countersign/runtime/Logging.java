package dev.countersign.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** Logback, set up by hand: JSON lines on standard error, or text for a terminal. */
public final class Logging {
    private static final int MAX_FIELD = 2048;

    /** How a line looks. */
    public enum Format {
        JSON,
        TEXT
    }

    private Logging() {}

    /** Replaces whatever was set up; {@code level} is of our own packages, others say warnings. */
    public static void configure(Format format, Level level) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        EncoderBase<ILoggingEvent> encoder =
                format == Format.JSON ? new JsonLines() : new TextLines();
        encoder.setContext(context);
        encoder.start();
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        context.getLogger("dev.countersign").setLevel(level);
    }

    private static String cut(String text) {
        return text.length() <= MAX_FIELD ? text : text.substring(0, MAX_FIELD) + "…";
    }

    private static String cause(ILoggingEvent event) {
        var thrown = event.getThrowableProxy();
        return thrown == null ? "" : thrown.getClassName() + ": " + thrown.getMessage();
    }

    private abstract static class Lines extends EncoderBase<ILoggingEvent> {
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
            return line(event).getBytes(StandardCharsets.UTF_8);
        }

        abstract String line(ILoggingEvent event);
    }

    private static final class JsonLines extends Lines {
        @Override
        String line(ILoggingEvent event) {
            StringBuilder json = new StringBuilder(256);
            json.append("{\"ts\":")
                    .append(OpsServer.quote(Instant.ofEpochMilli(event.getTimeStamp()).toString()));
            field(json, "level", event.getLevel().toString());
            field(json, "logger", event.getLoggerName());
            field(json, "msg", event.getFormattedMessage());
            if (event.getKeyValuePairs() != null) {
                for (KeyValuePair pair : event.getKeyValuePairs()) {
                    field(json, pair.key, String.valueOf(pair.value));
                }
            }
            if (event.getThrowableProxy() != null) {
                field(json, "cause", cause(event));
            }
            return json.append("}\n").toString();
        }

        private static void field(StringBuilder json, String name, String value) {
            json.append(',')
                    .append(OpsServer.quote(name))
                    .append(':')
                    .append(OpsServer.quote(cut(value)));
        }
    }

    private static final class TextLines extends Lines {
        @Override
        String line(ILoggingEvent event) {
            StringBuilder text = new StringBuilder(160);
            text.append(Instant.ofEpochMilli(event.getTimeStamp()).toString(), 11, 23)
                    .append(' ')
                    .append(event.getLevel())
                    .append(' ')
                    .append(printable(event.getFormattedMessage()));
            if (event.getKeyValuePairs() != null) {
                for (KeyValuePair pair : event.getKeyValuePairs()) {
                    text.append("  ")
                            .append(pair.key)
                            .append('=')
                            .append(printable(String.valueOf(pair.value)));
                }
            }
            String cause = cause(event);
            return text.append(cause.isEmpty() ? "" : "  cause=" + printable(cause))
                    .append('\n')
                    .toString();
        }

        /** One event, one line: hostile text cannot forge another. */
        private static String printable(String text) {
            return cut(text).replace('\n', '|').replaceAll("\\p{Cntrl}", "?");
        }
    }
}
