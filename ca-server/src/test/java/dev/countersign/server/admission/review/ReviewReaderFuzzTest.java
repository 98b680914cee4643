package dev.countersign.server.admission.review;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes: refused with a reason, or a question with a uid that can be answered. */
final class ReviewReaderFuzzTest {
    @FuzzTest
    void anyBytesAreRefusedOrAQuestion(byte[] bytes) {
        try {
            ReviewRequest request = ReviewReader.read(bytes);

            assertThat(request.uid()).isNotEmpty();
            assertThat(ReviewWriter.write(request.uid(), ReviewAnswer.allowed())).isNotEmpty();
        } catch (MalformedReview malformed) {
            assertThat(malformed.getMessage()).isNotBlank();
        }
    }
}
