package dev.countersign.server.admission;

import dev.countersign.server.admission.review.MalformedReview;
import dev.countersign.server.admission.review.ReviewAnswer;
import dev.countersign.server.admission.review.ReviewReader;
import dev.countersign.server.admission.review.ReviewRequest;
import dev.countersign.server.admission.review.ReviewWriter;
import dev.countersign.server.admission.review.Reviewer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call: how large it is, whose turn it is, what is asked, what is answered. */
final class ReviewHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(ReviewHandler.class);

    /** Of the 10 s that the API server waits; a review itself takes milliseconds. */
    private static final Duration TURN = Duration.ofSeconds(4);

    /** 16 MiB. */
    private static final long MAX_DISCARDED = 16 << 20;

    private static final String JSON = "application/json";

    private final Map<String, Reviewer> reviewers;
    private final Semaphore turns;
    private final MeterRegistry metrics;

    ReviewHandler(Map<String, Reviewer> reviewers, int concurrent, MeterRegistry metrics) {
        this.reviewers = reviewers;
        this.turns = new Semaphore(concurrent);
        this.metrics = metrics;
        metrics.gauge("countersign.admission.waiting", turns, Semaphore::getQueueLength);
    }

    /** An HTTP error, in words. */
    private static final class Unanswerable extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;
        private final String reason;

        Unanswerable(int status, String reason, String message) {
            super(message, null, false, false);
            this.status = status;
            this.reason = reason;
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        try {
            Reviewer reviewer = reviewer(request);
            // No thread waits for who sends slowly; one is taken when all is there.
            Content.Source.asByteArrayAsync(
                    request,
                    ReviewReader.MAX_BYTES,
                    Promise.Invocable.<byte[]>from(
                            InvocationType.BLOCKING,
                            body -> answer(request, reviewer, body, response, callback),
                            failure -> refuse(response, unreadable(), callback)));
        } catch (Unanswerable why) {
            // Who is still sending hears no answer: so much is taken in without being kept.
            if (request.getLength() > MAX_DISCARDED) {
                refuse(response, why, callback);
            } else {
                Content.Source.consumeAll(
                        request, Callback.from(() -> refuse(response, why, callback)));
            }
        }
        return true;
    }

    private Reviewer reviewer(Request request) throws Unanswerable {
        Reviewer reviewer = reviewers.get(Request.getPathInContext(request));
        if (reviewer == null) {
            throw new Unanswerable(
                    HttpStatus.NOT_FOUND_404,
                    "PATH_UNKNOWN",
                    "no such webhook (expected: " + String.join(", ", reviewers.keySet()) + ")");
        }
        if (!request.getMethod().equals("POST")) {
            throw new Unanswerable(
                    HttpStatus.METHOD_NOT_ALLOWED_405, "METHOD_WRONG", "expected: POST");
        }
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        if (type == null || !type.startsWith(JSON)) {
            throw new Unanswerable(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE_415, "TYPE_WRONG", "expected: " + JSON);
        }
        if (request.getLength() > ReviewReader.MAX_BYTES) {
            throw new Unanswerable(
                    HttpStatus.PAYLOAD_TOO_LARGE_413,
                    "TOO_LARGE",
                    "body: "
                            + request.getLength()
                            + " bytes (expected: <= "
                            + ReviewReader.MAX_BYTES
                            + ")");
        }
        return reviewer;
    }

    private static Unanswerable unreadable() {
        return new Unanswerable(
                HttpStatus.BAD_REQUEST_400,
                "BODY_UNREADABLE",
                "body: broken off, or over " + ReviewReader.MAX_BYTES + " bytes");
    }

    private void answer(
            Request request, Reviewer reviewer, byte[] body, Response response, Callback callback) {
        try {
            byte[] answer = inTurn(Request.getPathInContext(request), reviewer, body);
            response.setStatus(HttpStatus.OK_200);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON);
            response.write(true, ByteBuffer.wrap(answer), callback);
        } catch (Unanswerable why) {
            refuse(response, why, callback);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            callback.failed(ending);
        }
    }

    private byte[] inTurn(String path, Reviewer reviewer, byte[] body)
            throws Unanswerable, InterruptedException {
        if (!turns.tryAcquire(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new Unanswerable(
                    HttpStatus.SERVICE_UNAVAILABLE_503, "BUSY", "too many reviews at once");
        }
        try {
            return reviewed(path, reviewer, body);
        } finally {
            turns.release();
        }
    }

    private byte[] reviewed(String path, Reviewer reviewer, byte[] body) throws Unanswerable {
        long began = System.nanoTime();
        ReviewRequest asked;
        try {
            asked = ReviewReader.read(body);
        } catch (MalformedReview malformed) {
            throw new Unanswerable(
                    HttpStatus.BAD_REQUEST_400,
                    malformed.reason().name(),
                    String.valueOf(malformed.getMessage()));
        }
        ReviewAnswer answer;
        try {
            answer = reviewer.review(asked);
        } catch (RuntimeException fault) {
            LOG.atError().setCause(fault).addKeyValue("review", asked).log("a review failed");
            throw new Unanswerable(
                    HttpStatus.INTERNAL_SERVER_ERROR_500, "FAULT", "fault; see the server's log");
        }
        if (answer instanceof ReviewAnswer.Refused refused) {
            LOG.atInfo()
                    .addKeyValue("review", asked)
                    .addKeyValue("reason", refused.reason())
                    .log("refused an object");
        }
        Timer.builder("countersign.admission.reviews")
                .tag("path", path)
                .tag("outcome", outcome(answer))
                .register(metrics)
                .record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
        return ReviewWriter.write(asked.uid(), answer);
    }

    private static String outcome(ReviewAnswer answer) {
        return switch (answer) {
            case ReviewAnswer.Allowed allowed -> "allowed";
            case ReviewAnswer.Patched patched -> "patched";
            case ReviewAnswer.Refused refused -> "refused";
        };
    }

    private void refuse(Response response, Unanswerable why, Callback callback) {
        metrics.counter("countersign.admission.unanswered", "reason", why.reason).increment();
        response.setStatus(why.status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain;charset=utf-8");
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        byte[] text = (why.getMessage() + "\n").getBytes(StandardCharsets.UTF_8);
        response.write(true, ByteBuffer.wrap(text), callback);
    }
}
