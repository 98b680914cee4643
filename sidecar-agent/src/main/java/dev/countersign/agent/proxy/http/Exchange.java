package dev.countersign.agent.proxy.http;

import dev.countersign.agent.authorization.Verdict;
import dev.countersign.agent.proxy.connection.Direction;
import dev.countersign.agent.proxy.connection.EndedRequest;
import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.connection.RequestOutcome;
import dev.countersign.agent.tracing.SpanContext;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request and its response, as far as the front must remember it. Used again for the next. */
final class Exchange {
    boolean toHead;
    boolean http10;
    boolean keepAlive;
    boolean expectsContinue;

    /** Whether a tunnel is asked for: whatever the answer is, no request follows. */
    boolean connect;

    boolean repeatable;
    boolean retried;
    boolean responseStarted;
    boolean connectionStays;
    int status;
    Optional<String> upgrade = Optional.empty();
    RequestGate.@Nullable Recheck recheck;
    @Nullable Verdict verdict;
    @Nullable SpanContext trace;

    /** The mTLS connection that it goes out on, where it does. */
    Optional<OpenConnection> carrier = Optional.empty();

    long requestBytes;
    long responseBytes;

    private String method = "";
    private String host = "";
    private String path = "";
    private long started;
    private long answered;

    /** The head on its way to a connection that is not there yet. */
    @Nullable ByteBuf waitingHead;

    /** The head once more, for a kept connection that turns out stale. */
    @Nullable ByteBuf spareHead;

    void begin(Http1RequestHead head) {
        end();
        started = System.nanoTime();
        toHead = head.method().equals("HEAD");
        http10 = head.http10();
        connect = head.isConnect();
        keepAlive = head.keepAlive() && !connect;
        expectsContinue = head.expectsContinue();
        repeatable = head.safe() && head.framing() == BodyFraming.NONE;
        upgrade = head.upgrade();
        method = head.method();
        host = head.host();
        path = head.path();
    }

    /** Nothing was parsed: answer as HTTP/1.1 and close. */
    void beginRefused() {
        end();
        started = System.nanoTime();
        method = "";
        host = "";
        path = "";
        toHead = false;
        http10 = false;
        connect = false;
        keepAlive = false;
    }

    void responseStarted(int finalStatus) {
        responseStarted = true;
        status = finalStatus;
        answered = System.nanoTime();
    }

    /** What is to be told of it; before {@link #end}. */
    EndedRequest ended(
            Direction direction,
            RequestOutcome outcome,
            int told,
            Optional<OpenConnection> connection) {
        return new EndedRequest(
                direction,
                outcome,
                told,
                "http/1.1",
                method,
                host,
                path,
                connection.flatMap(OpenConnection::peer),
                connection.map(OpenConnection::targetPort).orElse(0),
                verdict,
                trace,
                -1,
                started,
                answered,
                System.nanoTime(),
                requestBytes,
                responseBytes);
    }

    void end() {
        retried = false;
        responseStarted = false;
        connectionStays = false;
        status = 0;
        recheck = null;
        verdict = null;
        trace = null;
        carrier = Optional.empty();
        requestBytes = 0;
        responseBytes = 0;
        answered = 0;
        upgrade = Optional.empty();
        waitingHead = release(waitingHead);
        spareHead = release(spareHead);
    }

    @Nullable ByteBuf takeWaitingHead() {
        ByteBuf head = waitingHead;
        waitingHead = null;
        return head;
    }

    @Nullable ByteBuf takeSpareHead() {
        ByteBuf head = spareHead;
        spareHead = null;
        return head;
    }

    private static @Nullable ByteBuf release(@Nullable ByteBuf buffer) {
        if (buffer != null) {
            buffer.release();
        }
        return null;
    }
}
