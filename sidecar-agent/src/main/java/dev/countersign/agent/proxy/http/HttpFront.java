package dev.countersign.agent.proxy.http;

import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.connection.RequestOutcome;
import dev.countersign.agent.proxy.relay.Drain;
import dev.countersign.agent.proxy.relay.StreamSignal;
import dev.countersign.agent.proxy.relay.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection: reads requests one after the other, has each decided, passes it on and its
 * response back. Bodies stream through; a pipelined request waits until the one before is answered.
 *
 * <p>{@code HEAD → (ASKING → HEAD) → (BODY) → AWAIT → HEAD …}; {@code ASKING} waits until somebody
 * else has said what to do with the head, which then is read again; {@code DISCARD} swallows the body of a request that was
 * answered here, {@code CLOSING} whatever comes after the last answer.
 */
public final class HttpFront extends ChannelInboundHandlerAdapter
        implements Upstreams.Waiter, BodyFramer.Sink {
    /** Of a denied request: more is not worth reading to save the connection. */
    private static final int MAX_DISCARD = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(HttpFront.class);

    private enum State {
        HEAD,
        ASKING,
        BODY,
        DISCARD,
        AWAIT,
        CLOSING
    }

    private final HttpSettings settings;
    private final RequestGate gate;
    private final Upstreams upstreams;
    private final Wire wire;
    private final Optional<OpenConnection> connection;
    private final BodyFramer requestBody = new BodyFramer();
    private final Exchange exchange = new Exchange();
    private State state = State.HEAD;
    private @Nullable ClientEnd client;
    private @Nullable Deadline deadline;
    private @Nullable HttpBack back;
    private @Nullable ByteBuf pending;
    private int scanned;
    private long discarded;
    private boolean processing;
    private boolean reading;
    private boolean lastRequest;
    private boolean inputEnded;

    /**
     * @param connection its entry in the table, when it has one
     */
    public HttpFront(
            HttpSettings settings,
            RequestGate gate,
            Upstreams upstreams,
            Wire wire,
            Optional<OpenConnection> connection) {
        this.settings = settings;
        this.gate = gate;
        this.upstreams = upstreams;
        this.wire = wire;
        this.connection = connection;
    }

    // ---- the client's side -------------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        client = new ClientEnd(context, wire);
        deadline = new Deadline(context.channel().eventLoop(), this::deadlineMissed);
        deadline.arm(settings.idleTimeout());
        if (wire.tls() == null) {
            context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
        context.channel().config().setAutoRead(true);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        releasePending();
        deadline().cancel();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (state == State.CLOSING) {
            in.release();
            return;
        }
        reading = true;
        pending =
                pending == null
                        ? in
                        : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(
                                context.alloc(), pending, in);
        process();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        if (back != null) {
            back.flush();
        }
        flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (back != null && context.channel().isWritable()) {
            back.autoRead(true);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof Drain) {
            drain();
        } else if (event == StreamSignal.RESET) {
            context.close();
        } else if (event == ChannelInputShutdownEvent.INSTANCE
                || event == StreamSignal.FINISHED
                || (event instanceof SslCloseCompletionEvent closed && closed.isSuccess())) {
            inputEnded();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        state = State.CLOSING;
        deadline().cancel();
        releasePending();
        exchange.end();
        HttpBack abandoned = back;
        back = null;
        if (abandoned != null) {
            abandoned.abandon();
        }
        upstreams.frontClosed();
    }

    // ---- requests ----------------------------------------------------------------------------

    private void process() {
        if (processing) {
            return;
        }
        processing = true;
        try {
            while (pending != null && pending.isReadable() && step(pending)) {
                // Each step consumes something or changes the state.
            }
        } catch (HttpRefused e) {
            refuse(e);
        } finally {
            processing = false;
        }
        if (pending != null && !pending.isReadable()) {
            releasePending();
        }
    }

    private boolean step(ByteBuf in) throws HttpRefused {
        return switch (state) {
            case HEAD -> readHead(in);
            case BODY -> readBody(in);
            case DISCARD -> discard(in);
            case AWAIT, ASKING -> {
                client().autoRead(false);
                yield false;
            }
            case CLOSING -> {
                releasePending();
                yield false;
            }
        };
    }

    private boolean readHead(ByteBuf in) throws HttpRefused {
        int length = HeadBuffer.findEnd(in, scanned);
        if (length <= 0) {
            if (scanned == 0) {
                deadline().arm(settings.headTimeout());
            }
            scanned = length;
            return false;
        }
        scanned = 0;
        deadline().disarm();
        RequestHead head = HttpScratch.ofLoop().request;
        int start = in.readerIndex();
        exchange.beginRefused();
        head.parse(in, length);
        gate.normalise(head);
        exchange.begin(head);
        requestBody.begin(head.framing(), head.contentLength(), false);
        switch (gate.decide(head, this::decideAgain)) {
            case RequestGate.Ruling.Pass pass -> pass(head);
            case RequestGate.Ruling.Refuse refusal -> {
                connection.ifPresent(OpenConnection::countRequest);
                answer(refusal.response(), RequestOutcome.DENIED);
            }
            case RequestGate.Ruling.Wait wait -> {
                in.readerIndex(start);
                state = State.ASKING;
                client().autoRead(false);
            }
        }
        return state != State.ASKING;
    }

    /** On any thread: the head that waits is read once more. */
    private void decideAgain() {
        client().loop()
                .execute(() -> {
                    if (state == State.ASKING) {
                        state = State.HEAD;
                        process();
                        if (!reading) {
                            if (back != null) {
                                back.flush();
                            }
                            flush();
                        }
                    }
                });
    }

    private void pass(RequestHead head) {
        connection.ifPresent(OpenConnection::countRequest);
        if (exchange.upgrade.isPresent()) {
            exchange.tunnelCheck = gate.tunnel(head);
        }
        byte[] added = gate.addedFields();
        ByteBuf out = client().buffer(head.size() + added.length);
        head.writeTo(out, added, exchange.upgrade);
        exchange.waitingHead = out;
        state = requestBody.done() ? State.AWAIT : State.BODY;
        upstreams.acquire(client().loop(), false, this);
    }

    private boolean readBody(ByteBuf in) throws HttpRefused {
        HttpBack to = back;
        if (to == null) {
            client().autoRead(false);
            return false;
        }
        if (!to.writable()) {
            // Flushing may make room at once. What reports that finds this loop running and leaves
            // the rest to it, so it is this loop that has to look again.
            to.flush();
            if (state != State.BODY || back != to) {
                return true;
            }
            if (!to.writable()) {
                client().autoRead(false);
                return false;
            }
        }
        requestBody.consume(in, this);
        if (requestBody.done()) {
            bodyEnded();
        }
        return true;
    }

    /** Passing it on may have failed, and the request been answered, while its end was read. */
    private void bodyEnded() {
        switch (state) {
            case BODY -> state = State.AWAIT;
            case DISCARD -> nextRequest();
            case HEAD, ASKING, AWAIT, CLOSING -> {}
        }
    }

    @Override
    public void data(ByteBuf slice) {
        if (state == State.BODY && back != null) {
            back.write(slice);
        } else {
            discarded += slice.readableBytes();
            slice.release();
        }
    }

    private boolean discard(ByteBuf in) throws HttpRefused {
        requestBody.consume(in, this);
        if (requestBody.done()) {
            nextRequest();
        } else if (discarded > MAX_DISCARD) {
            linger();
        }
        return true;
    }

    private void refuse(HttpRefused cause) {
        LOG.atDebug()
                .addKeyValue("direction", settings.direction())
                .addKeyValue("remote", client().context().channel().remoteAddress())
                .log("request refused: {}", cause.getMessage());
        settings.metrics().requestRefused(settings.direction(), cause.refusal().name());
        HttpBack abandoned = back;
        back = null;
        if (abandoned != null) {
            abandoned.abandon();
        }
        exchange.keepAlive = false;
        if (exchange.responseStarted) {
            settings.metrics().request(settings.direction(), RequestOutcome.REFUSED, 0);
            client().close();
        } else {
            answer(LocalResponse.refused(cause.refusal()), RequestOutcome.REFUSED);
        }
    }

    /** Answers here, instead of passing the request on. */
    private void answer(LocalResponse response, RequestOutcome outcome) {
        boolean complete = requestBody.done();
        boolean stays =
                exchange.keepAlive && !lastRequest && (complete || !exchange.expectsContinue);
        settings.metrics().request(settings.direction(), outcome, response.status());
        client().write(
                        response.write(
                                client().context().alloc(),
                                stays,
                                exchange.http10,
                                exchange.toHead));
        boolean toHead = exchange.toHead;
        exchange.end();
        exchange.toHead = toHead;
        if (!stays) {
            linger();
        } else if (complete) {
            nextRequest();
        } else {
            discardRest();
        }
        if (!reading) {
            flush();
        }
    }

    /** Answered before its body was read: swallowing a short one saves the connection. */
    private void discardRest() {
        discarded = 0;
        state = State.DISCARD;
        deadline().arm(settings.headTimeout());
        client().autoRead(true);
    }

    private void nextRequest() {
        if (lastRequest) {
            linger();
            return;
        }
        state = State.HEAD;
        scanned = 0;
        deadline().arm(settings.idleTimeout());
        client().autoRead(true);
    }

    // ---- the other side ----------------------------------------------------------------------

    @Override
    public void ready(HttpBack found) {
        ByteBuf head = exchange.takeWaitingHead();
        if (head == null) {
            upstreams.release(found);
            return;
        }
        back = found;
        if (exchange.repeatable && found.used()) {
            exchange.spareHead = head.retainedDuplicate();
        }
        found.begin(this, head);
        client().autoRead(true);
        process();
        if (!reading && back == found) {
            found.flush();
        }
    }

    @Override
    public void failed(Throwable cause) {
        if (exchange.waitingHead == null) {
            return;
        }
        LOG.atInfo()
                .addKeyValue("direction", settings.direction())
                .addKeyValue("cause", cause.getMessage())
                .log("cannot reach where the request goes");
        answer(
                cause instanceof ConnectTimeoutException
                        ? LocalResponse.gatewayTimeout()
                        : LocalResponse.badGateway(),
                RequestOutcome.FAILED);
        process();
    }

    boolean toHead() {
        return exchange.toHead;
    }

    boolean http10() {
        return exchange.http10;
    }

    void interim(ResponseHead head) {
        if (!exchange.http10) {
            ByteBuf out = client().buffer(head.size());
            head.writeInterimTo(out);
            client().write(out);
        }
    }

    void responseHead(ResponseHead head, BodyFraming framing) {
        boolean unchunked = exchange.http10 && framing == BodyFraming.CHUNKED;
        exchange.responseStarted = true;
        exchange.status = head.status();
        exchange.connectionStays =
                exchange.keepAlive
                        && !lastRequest
                        && !unchunked
                        && framing != BodyFraming.UNTIL_CLOSE
                        && (state == State.AWAIT || !exchange.expectsContinue);
        ByteBuf out = client().buffer(head.size());
        head.writeTo(
                out,
                new ResponseHead.Persistence(exchange.connectionStays, exchange.http10, unchunked));
        client().write(out);
    }

    void responseData(ByteBuf slice) {
        client().write(slice);
        if (!client().writable()) {
            flush();
            if (!client().writable() && back != null) {
                back.autoRead(false);
            }
        }
    }

    void responseEnd(HttpBack from) {
        back = null;
        from.autoRead(true);
        settings.metrics().request(settings.direction(), RequestOutcome.FORWARDED, exchange.status);
        if (from.reusable() && requestBody.done()) {
            upstreams.release(from);
        } else {
            from.close();
        }
        boolean stays = exchange.connectionStays;
        exchange.end();
        if (stays && !requestBody.done()) {
            discardRest();
            process();
        } else if (stays) {
            nextRequest();
            process();
            if (back != null) {
                back.flush();
            }
        } else if (requestBody.done() && pending == null) {
            state = State.CLOSING;
            client().closeAfterFlush();
        } else {
            linger();
        }
    }

    void responseBroken(HttpBack from, HttpRefused cause) {
        back = null;
        ByteBuf spare = exchange.takeSpareHead();
        if (spare != null && !from.answered() && !exchange.retried) {
            exchange.retried = true;
            exchange.waitingHead = spare;
            settings.metrics().retried();
            upstreams.acquire(client().loop(), true, this);
            return;
        }
        if (spare != null) {
            spare.release();
        }
        LOG.atInfo()
                .addKeyValue("direction", settings.direction())
                .addKeyValue("cause", cause.getMessage())
                .log("response broken off");
        if (exchange.responseStarted) {
            settings.metrics()
                    .request(settings.direction(), RequestOutcome.FAILED, exchange.status);
            state = State.CLOSING;
            client().breakOff();
        } else {
            answer(LocalResponse.badGateway(), RequestOutcome.FAILED);
            process();
        }
    }

    /** From here on both connections carry bytes that are nobody's business. */
    void upgraded(HttpBack from, ResponseHead head, ByteBuf rest) {
        Optional<String> asked = exchange.upgrade;
        Optional<String> given = head.upgrade();
        if (asked.isEmpty() || given.isEmpty() || !asked.get().equalsIgnoreCase(given.get())) {
            rest.release();
            from.close();
            responseBroken(
                    from,
                    new HttpRefused(
                            HttpRefusal.RESPONSE_UNEXPECTED,
                            "status: 101 for " + given + " (expected: " + asked + ")"));
            return;
        }
        settings.metrics().request(settings.direction(), RequestOutcome.FORWARDED, head.status());
        RequestGate.TunnelCheck check = exchange.tunnelCheck;
        connection.ifPresent(open -> {
            open.speaks("tunnel");
            if (check != null) {
                open.recheckedBy(check::stillAllowed);
            }
        });
        ByteBuf early = pending;
        pending = null;
        back = null;
        exchange.end();
        Tunnel.open(
                client().context(),
                wire,
                from,
                head,
                asked.get(),
                new Tunnel.Early(early, rest, inputEnded));
    }

    // ---- connection --------------------------------------------------------------------------

    void flush() {
        client().flush();
    }

    void resumeReading() {
        if (state == State.BODY) {
            client().autoRead(true);
            process();
            if (!reading && back != null) {
                back.flush();
            }
        }
    }

    private void drain() {
        lastRequest = true;
        if (state == State.HEAD && pending == null) {
            client().close();
        }
    }

    /** The client will send no more: answer what it asked, then close. */
    private void inputEnded() {
        lastRequest = true;
        inputEnded = true;
        boolean answers = state == State.AWAIT || state == State.ASKING;
        if (!answers || (wire.tls() != null && !wire.framed())) {
            client().close();
        }
    }

    private void deadlineMissed() {
        if (state == State.HEAD && pending != null) {
            exchange.beginRefused();
            requestBody.begin(BodyFraming.NONE, 0, false);
            refuse(
                    new HttpRefused(
                            HttpRefusal.HEAD_TIMEOUT,
                            "head: incomplete (expected: within " + settings.headTimeout() + ")"));
        } else {
            client().close();
        }
    }

    /** Answers were written; whatever the client still sends is read away, for a while. */
    private void linger() {
        state = State.CLOSING;
        releasePending();
        client().finishAndRead();
        deadline().arm(settings.lingerTimeout());
    }

    private ClientEnd client() {
        if (client == null) {
            throw new IllegalStateException("front: not in a pipeline (expected: added)");
        }
        return client;
    }

    private Deadline deadline() {
        if (deadline == null) {
            throw new IllegalStateException("front: not in a pipeline (expected: added)");
        }
        return deadline;
    }

    private void releasePending() {
        if (pending != null) {
            pending.release();
            pending = null;
        }
    }
}
