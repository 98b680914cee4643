package dev.countersign.agent.proxy.http;

import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.connection.RequestOutcome;
import dev.countersign.agent.proxy.http.FrontSession.State;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ConnectTimeoutException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way back: what becomes of a request that was passed on, and of its response. */
final class FrontResponses implements Upstreams.Waiter {
    private static final Logger LOG = LoggerFactory.getLogger(FrontResponses.class);

    private final FrontSession session;
    private final Runnable process;

    /**
     * @param process goes on reading requests
     */
    FrontResponses(FrontSession session, Runnable process) {
        this.session = session;
        this.process = process;
    }

    @Override
    public void ready(HttpBack found) {
        ByteBuf head = session.exchange.takeWaitingHead();
        if (head == null) {
            session.upstreams.release(found);
            return;
        }
        session.back = found;
        session.exchange.carrier = OpenConnection.of(found.context().channel());
        if (session.exchange.repeatable && found.used()) {
            session.exchange.spareHead = head.retainedDuplicate();
        }
        found.begin(this, head);
        session.client.autoRead(true);
        process.run();
        if (!session.reading && session.back == found) {
            found.flush();
        }
        session.watchBody();
    }

    @Override
    public void failed(Throwable cause) {
        if (session.exchange.waitingHead == null) {
            return;
        }
        LOG.atInfo()
                .addKeyValue("direction", session.settings.direction())
                .addKeyValue("cause", cause.getMessage())
                .log("cannot reach where the request goes");
        session.answer(
                cause instanceof ConnectTimeoutException
                        ? LocalResponse.gatewayTimeout()
                        : LocalResponse.badGateway(),
                RequestOutcome.FAILED);
        process.run();
    }

    boolean toHead() {
        return session.exchange.toHead;
    }

    boolean connect() {
        return session.exchange.connect;
    }

    boolean http10() {
        return session.exchange.http10;
    }

    void interim(ResponseHead head) {
        if (!session.exchange.http10) {
            ByteBuf out = session.client.buffer(head.size());
            head.writeInterimTo(out);
            session.client.write(out);
        }
    }

    void head(ResponseHead head, BodyFraming framing) {
        Exchange exchange = session.exchange;
        boolean unchunked = exchange.http10 && framing == BodyFraming.CHUNKED;
        exchange.responseStarted(head.status());
        exchange.connectionStays =
                exchange.keepAlive
                        && !session.lastRequest
                        && !unchunked
                        && framing != BodyFraming.UNTIL_CLOSE
                        && (session.state == State.AWAIT || !exchange.expectsContinue);
        ByteBuf out = session.client.buffer(head.size());
        head.writeTo(
                out,
                new ResponseHead.Persistence(exchange.connectionStays, exchange.http10, unchunked));
        session.client.write(out);
    }

    void data(ByteBuf slice) {
        session.exchange.responseBytes += slice.readableBytes();
        session.client.write(slice);
        if (!session.client.writable()) {
            session.client.flush();
            if (!session.client.writable() && session.back != null) {
                session.back.autoRead(false);
            }
        }
    }

    void end(HttpBack from) {
        session.back = null;
        from.autoRead(true);
        session.ended(RequestOutcome.FORWARDED, session.exchange.status);
        boolean requestDone = session.requestBody.done();
        if (from.reusable() && requestDone) {
            session.upstreams.release(from);
        } else {
            from.close();
        }
        boolean stays = session.exchange.connectionStays;
        session.exchange.end();
        if (stays && !requestDone) {
            session.discardRest();
            process.run();
        } else if (stays) {
            session.nextRequest();
            process.run();
            session.flushBack();
        } else if (requestDone && session.pending == null) {
            session.state = State.CLOSING;
            session.deadline.arm(session.settings.stallTimeout());
            session.client.closeAfterFlush();
        } else {
            session.linger();
        }
    }

    void broken(HttpBack from, HttpRefused cause) {
        session.back = null;
        Exchange exchange = session.exchange;
        ByteBuf spare = exchange.takeSpareHead();
        if (spare != null && !from.answered() && !exchange.retried) {
            exchange.retried = true;
            exchange.waitingHead = spare;
            session.settings.metrics().retried();
            session.upstreams.acquire(session.client.loop(), true, this);
            return;
        }
        if (spare != null) {
            spare.release();
        }
        LOG.atInfo()
                .addKeyValue("direction", session.settings.direction())
                .addKeyValue("cause", cause.getMessage())
                .log("response broken off");
        if (exchange.responseStarted) {
            session.ended(RequestOutcome.FAILED, exchange.status);
            session.state = State.CLOSING;
            session.client.breakOff();
        } else {
            session.answer(LocalResponse.badGateway(), RequestOutcome.FAILED);
            process.run();
        }
    }

    /** From here on both connections carry bytes that are nobody's business. */
    void tunnelled(HttpBack from, ResponseHead head, ByteBuf rest) {
        Optional<String> asked = session.exchange.upgrade;
        boolean agreed =
                session.exchange.connect ? head.opensTunnel() : head.switchesTo(asked.orElse(""));
        if (!agreed) {
            rest.release();
            from.close();
            broken(
                    from,
                    new HttpRefused(
                            HttpRefusal.RESPONSE_UNEXPECTED,
                            "status: "
                                    + head.status()
                                    + " with a body, or for "
                                    + head.upgrade()
                                    + " (expected: "
                                    + (session.exchange.connect ? "200 with none" : asked)
                                    + ")"));
            return;
        }
        session.exchange.responseStarted(head.status());
        session.ended(RequestOutcome.FORWARDED, head.status());
        RequestGate.Recheck check = session.exchange.recheck;
        session.connection.ifPresent(open -> {
            open.speaks("tunnel");
            if (check != null) {
                open.recheckedBy(check::stillAllowed);
            }
        });
        ByteBuf early = session.pending;
        session.pending = null;
        session.back = null;
        session.exchange.end();
        Tunnel.open(
                session.client.context(),
                session.wire,
                from,
                Tunnel.answer(session.client.context(), head, asked),
                new Tunnel.Early(early, rest, session.inputEnded));
    }

    void flush() {
        session.client.flush();
    }

    /** The other side takes more of the body. */
    void resumeReading() {
        if (session.state == State.BODY) {
            session.client.autoRead(true);
            process.run();
            if (!session.reading) {
                session.flushBack();
            }
            session.watchBody();
        }
    }
}
