package dev.countersign.agent.proxy.http;

import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.connection.RequestOutcome;
import dev.countersign.agent.proxy.http.FrontSession.State;
import io.netty.buffer.ByteBuf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way in: reads requests, has each decided, and passes its body on. */
final class FrontRequests implements BodyFramer.Sink {
    /** Of a denied request: more is not worth reading to save the connection. */
    private static final int MAX_DISCARD = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(FrontRequests.class);

    private final FrontSession session;
    private final FrontResponses responses;
    private boolean processing;

    FrontRequests(FrontSession session) {
        this.session = session;
        this.responses = new FrontResponses(session, this::process);
    }

    FrontResponses responses() {
        return responses;
    }

    /** Works on what has arrived, as far as it goes. */
    void process() {
        if (processing) {
            return;
        }
        processing = true;
        try {
            while (session.pending != null
                    && session.pending.isReadable()
                    && step(session.pending)) {
                // Each step consumes something or changes the state.
            }
        } catch (HttpRefused e) {
            refuse(e);
        } finally {
            processing = false;
        }
        if (session.pending != null && !session.pending.isReadable()) {
            session.releasePending();
        }
    }

    /** A head that was begun and not finished in time. */
    void refuseSlowHead() {
        session.exchange.beginRefused();
        session.requestBody.begin(BodyFraming.NONE, 0, false);
        refuse(
                new HttpRefused(
                        HttpRefusal.HEAD_TIMEOUT,
                        "head: incomplete (expected: within "
                                + session.settings.headTimeout()
                                + ")"));
    }

    /** A body of which nothing came for long. */
    void refuseSlowBody() {
        refuse(
                new HttpRefused(
                        HttpRefusal.BODY_TIMEOUT,
                        "body: nothing came (expected: within "
                                + session.settings.stallTimeout()
                                + ")"));
    }

    @Override
    public void data(ByteBuf slice) {
        HttpBack back = session.back;
        if (session.state == State.BODY && back != null) {
            session.exchange.requestBytes += slice.readableBytes();
            back.write(slice);
        } else {
            session.discarded += slice.readableBytes();
            slice.release();
        }
    }

    private boolean step(ByteBuf in) throws HttpRefused {
        return switch (session.state) {
            case HEAD -> readHead(in);
            case BODY -> readBody(in);
            case DISCARD -> discard(in);
            case AWAIT, ASKING -> {
                session.client.autoRead(false);
                yield false;
            }
            case CLOSING -> {
                session.releasePending();
                yield false;
            }
        };
    }

    private boolean readHead(ByteBuf in) throws HttpRefused {
        int length = HeadBuffer.findEnd(in, session.scanned);
        if (length <= 0) {
            if (session.scanned == 0) {
                session.deadline.arm(session.settings.headTimeout());
            }
            session.scanned = length;
            return false;
        }
        session.scanned = 0;
        session.deadline.disarm();
        Http1RequestHead head = HttpScratch.ofLoop().request;
        int start = in.readerIndex();
        session.exchange.beginRefused();
        head.parse(in, length);
        session.gate.normalise(head);
        session.exchange.begin(head);
        session.requestBody.begin(head.framing(), head.contentLength(), false);
        String full = session.settings.pressure().reason();
        if (full != null) {
            refuseOverloaded(full);
            return true;
        }
        RequestGate.Ruling ruling = session.gate.decide(head, this::decideAgain);
        session.exchange.verdict = session.gate.verdict();
        session.exchange.trace = session.gate.trace();
        switch (ruling) {
            case RequestGate.Ruling.Pass pass -> pass(head);
            case RequestGate.Ruling.Refuse refusal -> {
                session.connection.ifPresent(OpenConnection::countRequest);
                session.answer(refusal.response(), RequestOutcome.DENIED);
            }
            case RequestGate.Ruling.Wait wait -> {
                in.readerIndex(start);
                session.state = State.ASKING;
                session.client.autoRead(false);
            }
        }
        return session.state != State.ASKING;
    }

    /** On any thread: the head that waits is read once more. */
    private void decideAgain() {
        session.client
                .loop()
                .execute(() -> {
                    if (session.state == State.ASKING) {
                        session.state = State.HEAD;
                        process();
                        if (!session.reading) {
                            session.flushBack();
                            session.client.flush();
                        }
                    }
                });
    }

    private void pass(Http1RequestHead head) {
        session.connection.ifPresent(OpenConnection::countRequest);
        Exchange exchange = session.exchange;
        if (exchange.upgrade.isPresent() || exchange.connect) {
            exchange.recheck = session.gate.recheck(head);
        }
        AddedFields added = session.gate.addedFields();
        ByteBuf out = session.client.buffer(head.size() + added.lines().length);
        head.writeTo(out, added, exchange.upgrade);
        exchange.waitingHead = out;
        session.state = session.requestBody.done() ? State.AWAIT : State.BODY;
        // A tunnel uses its connection up, and must not be lost to a stale one.
        session.upstreams.acquire(session.client.loop(), exchange.connect, responses);
    }

    /** There is room for no more; the connection gives back what it holds. */
    private void refuseOverloaded(String full) {
        session.settings
                .metrics()
                .requestRefused(session.settings.direction(), HttpRefusal.OVERLOADED.name());
        session.exchange.keepAlive = false;
        session.answer(LocalResponse.overloaded(full), RequestOutcome.REFUSED);
    }

    private boolean readBody(ByteBuf in) throws HttpRefused {
        HttpBack to = session.back;
        if (to == null) {
            session.client.autoRead(false);
            return false;
        }
        if (!to.writable()) {
            // Flushing may make room at once. What reports that finds this loop running and leaves
            // the rest to it, so it is this loop that has to look again.
            to.flush();
            if (session.state != State.BODY || session.back != to) {
                return true;
            }
            if (!to.writable()) {
                session.client.autoRead(false);
                return false;
            }
        }
        session.requestBody.consume(in, this);
        if (session.requestBody.done()) {
            bodyEnded();
        }
        return true;
    }

    /** Passing it on may have failed, and the request been answered, while its end was read. */
    private void bodyEnded() {
        switch (session.state) {
            case BODY -> session.state = State.AWAIT;
            case DISCARD -> session.nextRequest();
            case HEAD, ASKING, AWAIT, CLOSING -> {}
        }
    }

    private boolean discard(ByteBuf in) throws HttpRefused {
        session.requestBody.consume(in, this);
        if (session.requestBody.done()) {
            session.nextRequest();
        } else if (session.discarded > MAX_DISCARD) {
            session.linger();
        }
        return true;
    }

    private void refuse(HttpRefused cause) {
        LOG.atDebug()
                .addKeyValue("direction", session.settings.direction())
                .addKeyValue("remote", session.client.context().channel().remoteAddress())
                .log("request refused: {}", cause.getMessage());
        session.settings
                .metrics()
                .requestRefused(session.settings.direction(), cause.refusal().name());
        session.abandonBack();
        session.exchange.keepAlive = false;
        if (session.exchange.responseStarted) {
            session.ended(RequestOutcome.REFUSED, 0);
            session.client.close();
        } else {
            session.answer(LocalResponse.refused(cause.refusal()), RequestOutcome.REFUSED);
        }
    }
}
