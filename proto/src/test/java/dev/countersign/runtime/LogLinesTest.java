package dev.countersign.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

final class LogLinesTest {
    private static final String JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwcyJ9.c2lnbmF0dXJl";
    private static final String PEM =
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----";

    private final LoggerContext context = new LoggerContext();

    @Test
    void aLineIsOneJsonObjectWithKeyValuesOfTheirType() throws IOException {
        LoggingEvent event = event("issued certificate", null);
        event.addKeyValuePair(new KeyValuePair("pod", "shop/web-0"));
        event.addKeyValuePair(new KeyValuePair("millis", 11));
        event.addKeyValuePair(new KeyValuePair("first", true));
        JsonNode json = json(event);
        assertThat(json.get("ts").asText()).isEqualTo("2026-03-01T10:15:00.000Z");
        assertThat(json.get("level").asText()).isEqualTo("INFO");
        assertThat(json.get("logger").asText()).isEqualTo("dev.countersign.Some");
        assertThat(json.get("msg").asText()).isEqualTo("issued certificate");
        assertThat(json.get("pod").asText()).isEqualTo("shop/web-0");
        assertThat(json.get("millis").isInt()).isTrue();
        assertThat(json.get("first").isBoolean()).isTrue();
    }

    @Test
    void aKeyValueCannotPassForTheMessage() throws IOException {
        LoggingEvent event = event("real", null);
        event.addKeyValuePair(new KeyValuePair("msg", "forged"));
        JsonNode json = json(event);
        assertThat(json.get("msg").asText()).isEqualTo("real");
        assertThat(json.get("_msg").asText()).isEqualTo("forged");
    }

    @Test
    void hostileTextCannotForgeALine() {
        LoggingEvent event = event("got\nINFO forged\u2028\u001b[31m", null);
        event.addKeyValuePair(new KeyValuePair("path", "/a\r\n\"x\""));
        for (Logging.Format format : Logging.Format.values()) {
            assertThat(line(format, event).strip()).doesNotContain("\n", "\r", "\u2028", "\u001b");
        }
    }

    @Test
    void secretsThatSomebodyTriesToLogAreHidden() {
        LoggingEvent event = event("got " + JWT + " and " + PEM, new IOException("bad: " + JWT));
        event.addKeyValuePair(new KeyValuePair("token", "plain"));
        event.addKeyValuePair(new KeyValuePair("body", "x" + PEM));
        event.addKeyValuePair(new KeyValuePair("bytes", new byte[] {1}));
        for (Logging.Format format : Logging.Format.values()) {
            assertThat(line(format, event))
                    .doesNotContain("eyJhbGci", "c2lnbmF0dXJl", "MC4CAQ", "plain")
                    .contains("(hidden)");
        }
    }

    @Test
    void fieldsAreCut() {
        LoggingEvent event = event("x".repeat(100_000), null);
        event.addKeyValuePair(new KeyValuePair("csr", "y".repeat(100_000)));
        for (Logging.Format format : Logging.Format.values()) {
            assertThat(line(format, event)).hasSizeLessThan(6_000).contains("…(+97952)");
        }
    }

    @Test
    void aFaultIsToldWithItsCausesAndPlace() throws IOException {
        JsonNode json =
                json(event("failed", new IOException("outer", new IllegalStateException("inner"))));
        assertThat(json.get("cause").asText())
                .isEqualTo("java.io.IOException: outer <- java.lang.IllegalStateException: inner");
        assertThat(json.get("stack").asText()).contains("LogLinesTest");
    }

    @Test
    void textIsForEyes() {
        LoggingEvent event = event("issued certificate", null);
        event.addKeyValuePair(new KeyValuePair("pod", "shop/web-0"));
        assertThat(line(Logging.Format.TEXT, event))
                .isEqualTo("10:15:00.000 INFO issued certificate  pod=shop/web-0\n");
    }

    private static JsonNode json(LoggingEvent event) throws IOException {
        return new ObjectMapper().readTree(line(Logging.Format.JSON, event));
    }

    private static String line(Logging.Format format, LoggingEvent event) {
        return new String(new LogLines(format).encode(event), StandardCharsets.UTF_8);
    }

    private LoggingEvent event(String message, @Nullable Throwable thrown) {
        Logger logger = context.getLogger("dev.countersign.Some");
        LoggingEvent event =
                new LoggingEvent("fqcn", logger, Level.INFO, message, thrown, new Object[0]);
        event.setInstant(Instant.parse("2026-03-01T10:15:00Z"));
        return event;
    }
}
