package dev.countersign.agent.proxy.http2;

import dev.countersign.agent.authorization.Verdict;
import dev.countersign.agent.proxy.connection.EndedRequest;
import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.connection.RequestOutcome;
import dev.countersign.agent.tracing.SpanContext;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is to be told of one request when it is over; told once, whatever happens afterwards. */
final class Http2Record {
    private static final String GRPC_STATUS = "grpc-status";
    private static final int LAST_GRPC_STATUS = 16;

    private final Http2Front.Parts parts;
    private final long started = System.nanoTime();
    private @Nullable Http2RequestHead head;
    private @Nullable Verdict verdict;
    private @Nullable SpanContext trace;
    private Optional<OpenConnection> secured;
    private long answered;
    private long requestBytes;
    private long responseBytes;
    private int status;
    private int grpcStatus = -1;
    private boolean told;

    Http2Record(Http2Front.Parts parts) {
        this.parts = parts;
        this.secured = parts.connection();
    }

    void begin(Http2RequestHead checked) {
        head = checked;
    }

    void decided(@Nullable Verdict made, @Nullable SpanContext place) {
        verdict = made;
        trace = place;
    }

    /** It goes on over this channel. */
    void goesOn(Channel channel) {
        secured = secured.or(() -> OpenConnection.of(channel));
    }

    void answered(int finalStatus, Http2Headers headers) {
        status = finalStatus;
        answered = System.nanoTime();
        grpcStatus(headers);
    }

    void answeredHere(LocalAnswer answer) {
        status = answer.status();
        grpcStatus = answer.grpcStatus();
        answered = System.nanoTime();
    }

    /** Of a head alone, or of trailers. */
    void grpcStatus(Http2Headers headers) {
        if (head != null && head.isGrpc()) {
            int sent = headers.getInt(GRPC_STATUS, -1);
            grpcStatus = sent >= 0 && sent <= LAST_GRPC_STATUS ? sent : grpcStatus;
        }
    }

    void requestBytes(int more) {
        requestBytes += more;
    }

    void responseBytes(int more) {
        responseBytes += more;
    }

    void tell(RequestOutcome outcome) {
        if (told) {
            return;
        }
        told = true;
        secured.ifPresent(open -> open.carried(requestBytes, responseBytes));
        parts.settings()
                .ends()
                .ended(
                        new EndedRequest(
                                parts.settings().direction(),
                                outcome,
                                status,
                                "h2",
                                head == null ? "" : head.method(),
                                head == null ? "" : head.host(),
                                head == null ? "" : head.path(),
                                secured.flatMap(OpenConnection::peer),
                                secured.map(OpenConnection::targetPort).orElse(0),
                                verdict,
                                trace,
                                grpcStatus,
                                started,
                                answered,
                                System.nanoTime(),
                                requestBytes,
                                responseBytes));
    }
}
