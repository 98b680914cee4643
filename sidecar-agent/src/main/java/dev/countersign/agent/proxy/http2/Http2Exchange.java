package dev.countersign.agent.proxy.http2;

import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.connection.RequestOutcome;
import dev.countersign.agent.proxy.http.HttpRefusal;
import dev.countersign.agent.proxy.http.HttpRefused;
import dev.countersign.agent.proxy.http.LocalResponse;
import dev.countersign.agent.proxy.http.RequestGate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its response: a stream of a {@link Http2Front} and, once it has been let in, one of
 * a {@link Http2Back}. Event loop only.
 *
 * <p>{@code (ASKING →) CONNECTING → RELAYING → ENDED}, or {@code ANSWERED} here, which swallows what
 * the client still sends for a while. The two directions end each by itself.
 */
final class Http2Exchange implements Http2Upstreams.Waiter {
    /** Of a request that was answered here: more is not worth reading to save the stream. */
    private static final int MAX_DISCARD = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(Http2Exchange.class);

    private enum State {
        ASKING,
        CONNECTING,
        RELAYING,
        ANSWERED,
        ENDED
    }

    private final Http2Front front;
    private final Http2Stream stream;
    private final RequestGate gate;
    private final Http2Record record;
    private final HeldBody held = new HeldBody();
    private State state = State.CONNECTING;
    private @Nullable Http2RequestHead head;
    private @Nullable Http2Back back;
    private @Nullable Http2Stream backStream;
    private int heldBytes;
    private int discarded;
    private boolean requestEnded;
    private boolean bodyPassed;
    private boolean responseStarted;
    private boolean responseEnded;
    private boolean retried;
    private @Nullable ChannelFuture lastWrite;

    Http2Exchange(Http2Front front, Http2Stream stream, RequestGate gate) {
        this.front = front;
        this.stream = stream;
        this.gate = gate;
        this.record = new Http2Record(front.parts());
    }

    // ---- the request ---------------------------------------------------------------------------

    void begin(Http2Headers headers, boolean end) {
        requestEnded = end;
        try {
            Http2RequestHead checked = Http2RequestHead.of(headers);
            gate.normalise(checked);
            head = checked;
            record.begin(checked);
            String full = front.parts().settings().pressure().reason();
            if (full != null) {
                front.refused(HttpRefusal.OVERLOADED, full);
                answer(LocalResponse.overloaded(full), RequestOutcome.REFUSED);
                return;
            }
            decide(checked);
        } catch (HttpRefused e) {
            refuse(e);
        }
    }

    /** Returns how many bytes of the window are free again at once. */
    int requestData(ByteBuf data, boolean end) {
        int length = data.readableBytes();
        requestEnded |= end;
        return switch (state) {
            case ASKING, CONNECTING -> {
                if (length > 0) {
                    held.add(data);
                    heldBytes += length;
                }
                yield 0;
            }
            case RELAYING -> passBody(data.retain(), end) ? 0 : length;
            case ANSWERED -> {
                discarded += length;
                if (discarded > MAX_DISCARD && !end) {
                    resetFront(Http2Error.NO_ERROR.code());
                }
                yield length;
            }
            case ENDED -> length;
        };
    }

    void requestTrailers(Http2Headers trailers) {
        requestEnded = true;
        try {
            Http2Fields.cleanTrailer(trailers, true);
        } catch (HttpRefused e) {
            refuse(e);
            return;
        }
        switch (state) {
            case ASKING, CONNECTING -> held.trailers(trailers);
            case RELAYING -> passTrailers(trailers);
            case ANSWERED, ENDED -> {}
        }
    }

    void requestReset(long code) {
        record.tell(RequestOutcome.CANCELLED);
        abandonBack(code);
        end();
    }

    /** The stream is gone, whole or broken off. */
    void frontClosed() {
        if (!requestEnded || !responseEnded) {
            abandonBack(Http2Error.CANCEL.code());
        }
        record.tell(RequestOutcome.CANCELLED);
        end();
    }

    private void decide(Http2RequestHead checked) {
        RequestGate.Ruling ruling = gate.decide(checked, this::decideAgain);
        record.decided(gate.verdict(), gate.trace());
        switch (ruling) {
            case RequestGate.Ruling.Pass pass -> {
                front.parts().connection().ifPresent(OpenConnection::countRequest);
                checked.add(gate.addedFields());
                state = State.CONNECTING;
                front.parts().upstreams().acquire(false, this);
            }
            case RequestGate.Ruling.Refuse refusal -> {
                front.parts().connection().ifPresent(OpenConnection::countRequest);
                answer(refusal.response(), RequestOutcome.DENIED);
            }
            case RequestGate.Ruling.Wait wait -> state = State.ASKING;
        }
    }

    /** On any thread. */
    private void decideAgain() {
        front.loop()
                .execute(() -> {
                    if (state == State.ASKING && head != null) {
                        decide(head);
                    }
                });
    }

    /** Malformed requests reset their stream (RFC 9113 section 8.1.1), others are answered. */
    private void refuse(HttpRefused cause) {
        front.refused(cause.refusal(), cause.getMessage());
        switch (cause.refusal()) {
            case BAD_PATH, HOST_MISSING, EXPECTATION_UNKNOWN, TOO_MANY_HEADERS ->
                    answer(LocalResponse.refused(cause.refusal()), RequestOutcome.REFUSED);
            default -> {
                record.tell(RequestOutcome.REFUSED);
                abandonBack(Http2Error.CANCEL.code());
                resetFront(Http2Error.PROTOCOL_ERROR.code());
            }
        }
    }

    private boolean passBody(ByteBuf data, boolean end) {
        Http2Stream to = backStream;
        int length = data.readableBytes();
        if (to == null || back == null || (length == 0 && !end)) {
            data.release();
            return false;
        }
        bodyPassed = true;
        record.requestBytes(length);
        ChannelFuture written = back.data(to.id(), data, end);
        if (length > 0) {
            written.addListener(done -> front.returnWindow(stream, length));
        }
        return true;
    }

    private void passTrailers(Http2Headers trailers) {
        if (back != null && backStream != null) {
            bodyPassed = true;
            back.headers(backStream.id(), trailers, true);
        }
    }

    // ---- where it goes -------------------------------------------------------------------------

    @Override
    public void ready(Http2Back found) {
        if (state != State.CONNECTING || head == null) {
            return;
        }
        back = found;
        record.goesOn(found.context().channel());
        state = State.RELAYING;
        Http2Stream opened = found.open(this, head.headers(), requestEnded && held.isEmpty());
        if (opened == null) {
            answer(LocalResponse.badGateway(), RequestOutcome.FAILED);
            return;
        }
        backStream = opened;
        passHeld();
    }

    @Override
    public void failed(Throwable cause) {
        if (state != State.CONNECTING) {
            return;
        }
        LOG.atInfo()
                .addKeyValue("direction", front.parts().settings().direction())
                .addKeyValue("cause", cause.getMessage())
                .log("cannot reach where the request goes");
        answer(
                switch (cause) {
                    case ConnectTimeoutException late -> LocalResponse.gatewayTimeout();
                    case Overloaded full -> LocalResponse.overloaded(full.what());
                    default -> LocalResponse.badGateway();
                },
                RequestOutcome.FAILED);
    }

    private void passHeld() {
        heldBytes = 0;
        for (ByteBuf data = held.poll(); data != null; data = held.poll()) {
            boolean last = requestEnded && !held.hasData() && !held.hasTrailers();
            int length = data.readableBytes();
            if (!passBody(data, last)) {
                front.returnWindow(stream, length);
            }
        }
        Http2Headers trailers = held.takeTrailers();
        if (trailers != null) {
            passTrailers(trailers);
        }
    }

    // ---- the response --------------------------------------------------------------------------

    void responseHeaders(Http2Headers headers, boolean end) {
        if (state != State.RELAYING || back == null) {
            return;
        }
        try {
            if (responseStarted) {
                Http2Fields.cleanTrailer(headers, back.toApplication());
                record.grpcStatus(headers);
                lastWrite = front.headers(stream.id(), headers, true);
                responseEnded();
            } else {
                responseHead(headers, end, back.toApplication());
            }
        } catch (HttpRefused e) {
            responseRefused(e);
        }
    }

    /** Returns how many bytes of the window are free again at once. */
    int responseData(ByteBuf data, boolean end) {
        int length = data.readableBytes();
        if (state != State.RELAYING || back == null || backStream == null) {
            return length;
        }
        if (length > 0 || end) {
            record.responseBytes(length);
            Http2Back from = back;
            Http2Stream fromStream = backStream;
            ChannelFuture written = front.data(stream.id(), data.retain(), end);
            lastWrite = written;
            if (length > 0) {
                written.addListener(done -> from.returnWindow(fromStream, length));
            }
        }
        if (end) {
            responseEnded();
        }
        return 0;
    }

    void responseReset(long code) {
        backStream = null;
        if (state != State.RELAYING) {
            return;
        }
        if (responseEnded) {
            stopRequest(code);
        } else if (code == Http2Error.REFUSED_STREAM.code() && mayRepeat(true)) {
            repeat(false);
        } else {
            record.tell(RequestOutcome.FAILED);
            resetFront(code);
        }
    }

    /** A stream of a back has closed: by an end of both directions, or with its connection. */
    @SuppressWarnings("ReferenceEquality") // the very stream, not one of the same number
    void backClosed(Http2Stream closed) {
        if (closed != backStream || back == null) {
            return;
        }
        backStream = null;
        if (state != State.RELAYING || responseEnded) {
            return;
        }
        if (mayRepeat(back.neverSeen(closed))) {
            repeat(true);
        } else if (responseStarted) {
            record.tell(RequestOutcome.FAILED);
            resetFront(Http2Error.INTERNAL_ERROR.code());
        } else {
            answer(LocalResponse.badGateway(), RequestOutcome.FAILED);
        }
    }

    private void responseHead(Http2Headers headers, boolean end, boolean fromApplication)
            throws HttpRefused {
        int status = Http2Response.check(headers, end, fromApplication);
        boolean interim = Http2Response.isInterim(status);
        if (!interim) {
            responseStarted = true;
            front.guard().answered();
            record.answered(status, headers);
        }
        lastWrite = front.headers(stream.id(), headers, end);
        if (end) {
            responseEnded();
        }
    }

    private void responseEnded() {
        responseEnded = true;
        record.tell(RequestOutcome.FORWARDED);
    }

    private void responseRefused(HttpRefused cause) {
        LOG.atInfo()
                .addKeyValue("direction", front.parts().settings().direction())
                .addKeyValue("cause", cause.getMessage())
                .log("response refused");
        abandonBack(Http2Error.PROTOCOL_ERROR.code());
        if (responseStarted) {
            record.tell(RequestOutcome.FAILED);
            resetFront(Http2Error.INTERNAL_ERROR.code());
        } else {
            answer(LocalResponse.badGateway(), RequestOutcome.FAILED);
        }
    }

    /** The response is whole, and nobody wants the rest of the request. */
    private void stopRequest(long code) {
        if (lastWrite != null && !requestEnded) {
            lastWrite.addListener(written -> resetFront(code));
        }
    }

    private boolean mayRepeat(boolean neverSeen) {
        if (responseStarted || retried || bodyPassed || head == null || back == null) {
            return false;
        }
        return neverSeen || (head.safe() && requestEnded && held.isEmpty() && back.used());
    }

    private void repeat(boolean fresh) {
        retried = true;
        back = null;
        state = State.CONNECTING;
        front.parts().settings().metrics().retried();
        front.parts().upstreams().acquire(fresh, this);
    }

    // ---- both ----------------------------------------------------------------------------------

    /** Policies changed. */
    void recheck() {
        boolean goesOn = state == State.CONNECTING || state == State.RELAYING;
        if (!goesOn || head == null || (requestEnded && responseEnded)) {
            return;
        }
        RequestGate.Recheck check = gate.recheck(head);
        if (!check.stillAllowed()) {
            check.refusal().ifPresent(this::endDenied);
        }
    }

    private void endDenied(LocalResponse response) {
        front.parts().settings().metrics().streamClosedByChange();
        abandonBack(Http2Error.CANCEL.code());
        if (!responseStarted) {
            answer(response, RequestOutcome.DENIED);
            return;
        }
        record.tell(RequestOutcome.DENIED);
        if (head != null && head.isGrpc() && !responseEnded) {
            state = State.ANSWERED;
            front.headers(stream.id(), LocalAnswer.trailers(response), true);
            lingerThenReset();
        } else {
            resetFront(Http2Error.CANCEL.code());
        }
    }

    private void answer(LocalResponse response, RequestOutcome outcome) {
        boolean grpc = head != null && head.isGrpc();
        LocalAnswer answer = LocalAnswer.of(response, grpc, head != null && head.toHead());
        state = State.ANSWERED;
        held.release();
        boolean bare = answer.body().length == 0;
        front.headers(stream.id(), answer.headers(), bare);
        if (!bare) {
            front.data(stream.id(), Unpooled.wrappedBuffer(answer.body()), true);
        }
        record.answeredHere(answer);
        record.tell(outcome);
        if (heldBytes > 0) {
            front.returnWindow(stream, heldBytes);
            heldBytes = 0;
        }
        lingerThenReset();
    }

    /** What the client still sends is swallowed, for a while; then it is told to stop. */
    private void lingerThenReset() {
        if (stream.state() == Http2Stream.State.CLOSED || (requestEnded && !isWaiting())) {
            return;
        }
        front.loop()
                .schedule(
                        () -> {
                            if (state == State.ANSWERED) {
                                resetFront(Http2Error.NO_ERROR.code());
                            }
                        },
                        front.parts().settings().lingerTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** Whether frames wait for the client's window. */
    private boolean isWaiting() {
        return front.encoder().flowController().hasFlowControlled(stream);
    }

    private void abandonBack(long code) {
        Http2Stream abandoned = backStream;
        backStream = null;
        if (abandoned != null && back != null && back.active()) {
            back.reset(abandoned.id(), code);
        }
    }

    private void resetFront(long code) {
        end();
        if (front.active()) {
            front.reset(stream.id(), code);
        }
    }

    private void end() {
        state = State.ENDED;
        held.release();
    }
}
