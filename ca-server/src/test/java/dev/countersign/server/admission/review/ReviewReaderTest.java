package dev.countersign.server.admission.review;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.server.admission.review.MalformedReview.Reason;
import dev.countersign.server.admission.review.ReviewRequest.Operation;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ReviewReaderTest {
    private static final String DELETE =
            """
            {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-1",
             "kind":{"group":"countersign.dev","version":"v1","kind":"AuthorizationPolicy"},
             "namespace":"shop","name":"orders","operation":"DELETE","dryRun":true,
             "userInfo":{"username":"alice"},"object":null,
             "oldObject":{"metadata":{"name":"orders"}}}}
            """;

    @Test
    void aDeletionHasNoObjectAndTheOneBefore() throws Exception {
        ReviewRequest request = read(DELETE);

        assertThat(request.operation()).isEqualTo(Operation.DELETE);
        assertThat(request.kind()).hasToString("countersign.dev/v1 AuthorizationPolicy");
        assertThat(request.object()).isEmpty();
        assertThat(request.oldObject()).isPresent();
        assertThat(request.dryRun()).isTrue();
        assertThat(request.user()).isEqualTo("alice");
    }

    /** Openings by which some readers would take it for UTF-32 and UTF-16. */
    @ParameterizedTest
    @ValueSource(strings = {"000064", "64000000", "fffe7b00", "c328"})
    void onlyUtf8IsRead(String hex) {
        MalformedReview refused =
                catchThrowableOfType(
                        MalformedReview.class,
                        () -> ReviewReader.read(HexFormat.of().parseHex(hex)));

        assertThat(refused.reason()).isEqualTo(Reason.NOT_JSON);
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nonsense | NOT_JSON",
                "[] | NOT_JSON",
                "{\"kind\":\"a\",\"kind\":\"b\"} | NOT_JSON",
                "{} {} | NOT_JSON",
                "{\"apiVersion\":\"admission.k8s.io/v1beta1\",\"kind\":\"AdmissionReview\"} |"
                        + " VERSION_UNKNOWN",
                "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\"} |"
                        + " FIELD_MISSING",
                "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
                        + "\"request\":{\"uid\":7}} | FIELD_WRONG",
            })
    void whatIsNoQuestionIsRefusedByName(String body, Reason reason) {
        assertThat(refused(body).reason()).isEqualTo(reason);
    }

    @Test
    void anOperationOfTomorrowIsRefusedWithWhatIsKnown() {
        assertThat(refused(DELETE.replace("\"DELETE\"", "\"ARCHIVE\"")))
                .hasMessage(
                        "request.operation: ARCHIVE (expected: CREATE, UPDATE, DELETE or CONNECT)");
    }

    @Test
    void anAnswerEchoesTheUidAndCutsLongWarnings() {
        String answer =
                new String(
                        ReviewWriter.write(
                                "u-1", new ReviewAnswer.Allowed(List.of("w".repeat(1000)))),
                        StandardCharsets.UTF_8);

        assertThat(answer)
                .startsWith(
                        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
                                + "\"response\":{\"uid\":\"u-1\",\"allowed\":true,\"warnings\":[\"w")
                .hasSizeLessThan(450);
    }

    private static ReviewRequest read(String body) throws MalformedReview {
        return ReviewReader.read(body.getBytes(StandardCharsets.UTF_8));
    }

    private static MalformedReview refused(String body) {
        return catchThrowableOfType(MalformedReview.class, () -> read(body));
    }
}
