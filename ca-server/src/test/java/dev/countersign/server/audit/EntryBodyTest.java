package dev.countersign.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.identity.SpiffeId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class EntryBodyTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:15:00.123Z");
    private static final IssuanceIntent INTENT =
            new IssuanceIntent(
                    "a1".repeat(20),
                    "1f2e",
                    SpiffeId.parse("spiffe://example.org/ns/shop/sa/web"),
                    "web-0",
                    "uid-1",
                    Optional.of("node-1"),
                    "bb",
                    "cc",
                    NOW.minusSeconds(300),
                    NOW.plusSeconds(3600),
                    NOW,
                    "dd",
                    "uid-2",
                    Optional.of(NOW.minusSeconds(7)));

    @Test
    void anIntentIsReadBackAsItWasWritten() {
        IssuanceIntent bare =
                new IssuanceIntent(
                        "a1".repeat(20),
                        "1f2e",
                        INTENT.id(),
                        "",
                        "",
                        Optional.empty(),
                        "bb",
                        "cc",
                        NOW,
                        NOW,
                        NOW,
                        "");

        assertThat(EntryBody.parse(EntryBody.of(INTENT).json()).intent()).isEqualTo(INTENT);
        assertThat(EntryBody.parse(EntryBody.of(bare).json()).intent()).isEqualTo(bare);
    }

    @Test
    void equalContentIsEqualText() {
        assertThat(EntryBody.issued(INTENT, "ee", NOW).json())
                .isEqualTo(
                        "{\"at\":\"2026-03-01T10:15:00.123Z\",\"certificate\":\"ee\","
                                + "\"identity\":\"spiffe://example.org/ns/shop/sa/web\",\"issuer\":\""
                                + "a1".repeat(20)
                                + "\",\"serial\":\"1f2e\",\"type\":\"ISSUED\"}");
    }

    @Test
    void textFromOutsideCannotBreakOutOfItsMember() {
        String hostile = "\",\"type\":\"ISSUED\"}\n\u0000\u2028\ud83d\ude00\ud800\\";
        AuditEvent event =
                new AuditEvent(
                        AuditEvent.Type.ISSUANCE_REFUSED, NOW, hostile, Map.of("reason", hostile));

        EntryBody body = EntryBody.of(event);

        assertThat(body.json()).matches("[\\x20-\\x7e]*");
        assertThat(EntryBody.parse(body.json()).text("type")).isEqualTo("ISSUANCE_REFUSED");
        assertThat(EntryBody.parse(body.json()).fact("reason")).isEqualTo(hostile);
    }

    @Test
    void textIsCutAndFactsAreCounted() {
        AuditEvent event =
                new AuditEvent(
                        AuditEvent.Type.ADMIN_CALL,
                        NOW,
                        "x".repeat(5000),
                        Map.of("a", "y".repeat(2000)));

        EntryBody.Parsed body = EntryBody.parse(EntryBody.of(event).json());

        assertThat(body.text("identity")).hasSize(1024);
        assertThat(body.fact("a")).hasSize(1024);
    }

    @Test
    void whatIsNoBodyIsSaidSo() {
        assertThatThrownBy(() -> EntryBody.parse("[]"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> EntryBody.parse("{")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> EntryBody.parse("{\"type\":\"ISSUED\"}").intent())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: INTENT");
    }
}
