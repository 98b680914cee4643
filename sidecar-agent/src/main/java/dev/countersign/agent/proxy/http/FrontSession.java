package dev.countersign.agent.proxy.http;

import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.connection.RequestOutcome;
import dev.countersign.agent.proxy.relay.Wire;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the two halves of a client's connection share: where it stands, and how it goes on. Event loop
 * only.
 */
final class FrontSession {
    /** Where the connection stands; see {@link HttpFront}. */
    enum State {
        HEAD,
        ASKING,
        BODY,
        DISCARD,
        AWAIT,
        CLOSING
    }

    final HttpSettings settings;
    final RequestGate gate;
    final Upstreams upstreams;
    final Wire wire;
    final Optional<OpenConnection> connection;
    final ClientEnd client;
    final Deadline deadline;
    final BodyFramer requestBody = new BodyFramer();
    final Exchange exchange = new Exchange();
    State state = State.HEAD;
    @Nullable HttpBack back;

    /** Read from the client and not yet understood. */
    @Nullable ByteBuf pending;

    /** Of an incomplete head: what {@link HeadBuffer#findEnd} said. */
    int scanned;

    /** Of a body that nobody gets: how much was swallowed. */
    long discarded;

    /** Whether a read of the client's socket is being worked on, which ends in a flush. */
    boolean reading;

    boolean lastRequest;
    boolean inputEnded;

    FrontSession(HttpFront.Parts parts, ClientEnd client, Deadline deadline) {
        this.settings = parts.settings();
        this.gate = parts.gate();
        this.upstreams = parts.upstreams();
        this.wire = parts.wire();
        this.connection = parts.connection();
        this.client = client;
        this.deadline = deadline;
    }

    /** Answers here, instead of passing the request on. */
    void answer(LocalResponse response, RequestOutcome outcome) {
        boolean complete = requestBody.done();
        boolean stays =
                exchange.keepAlive && !lastRequest && (complete || !exchange.expectsContinue);
        ended(outcome, response.status());
        client.write(
                response.write(client.context().alloc(), stays, exchange.http10, exchange.toHead));
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
            client.flush();
        }
    }

    /** The one place where the outcome of a request is known. */
    void ended(RequestOutcome outcome, int status) {
        Optional<OpenConnection> secured = connection.or(() -> exchange.carrier);
        secured.ifPresent(open -> open.carried(exchange.requestBytes, exchange.responseBytes));
        settings.ends().ended(exchange.ended(settings.direction(), outcome, status, secured));
    }

    /** Answered before its body was read: swallowing a short one saves the connection. */
    void discardRest() {
        discarded = 0;
        state = State.DISCARD;
        deadline.arm(settings.headTimeout());
        client.autoRead(true);
    }

    void nextRequest() {
        if (lastRequest) {
            linger();
            return;
        }
        state = State.HEAD;
        scanned = 0;
        deadline.arm(settings.idleTimeout());
        client.autoRead(true);
    }

    /** Answers were written; whatever the client still sends is read away, for a while. */
    void linger() {
        state = State.CLOSING;
        releasePending();
        client.finishAndRead();
        deadline.arm(settings.lingerTimeout());
    }

    /** Takes away the connection that the request went to, which has no more to say. */
    void abandonBack() {
        HttpBack abandoned = back;
        back = null;
        if (abandoned != null) {
            abandoned.abandon();
        }
    }

    void flushBack() {
        if (back != null) {
            back.flush();
        }
    }

    /** Has a deadline while it is the client's turn to send more of a body. */
    void watchBody() {
        if (state == State.BODY) {
            if (client.reads()) {
                deadline.arm(settings.stallTimeout());
            } else {
                deadline.disarm();
            }
        } else if (state == State.AWAIT && client.writable()) {
            deadline.disarm();
        }
    }

    void releasePending() {
        if (pending != null) {
            pending.release();
            pending = null;
        }
    }
}
