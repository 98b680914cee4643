package dev.countersign.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request and its response, as far as the front must remember it. Used again for the next. */
final class Exchange {
    boolean toHead;
    boolean http10;
    boolean keepAlive;
    boolean expectsContinue;
    boolean repeatable;
    boolean retried;
    boolean responseStarted;
    boolean connectionStays;
    int status;
    Optional<String> upgrade = Optional.empty();
    RequestGate.@Nullable TunnelCheck tunnelCheck;

    /** The head on its way to a connection that is not there yet. */
    @Nullable ByteBuf waitingHead;

    /** The head once more, for a kept connection that turns out stale. */
    @Nullable ByteBuf spareHead;

    void begin(RequestHead head) {
        end();
        toHead = head.method().equals("HEAD");
        http10 = head.http10();
        keepAlive = head.keepAlive();
        expectsContinue = head.expectsContinue();
        repeatable = head.safe() && head.framing() == BodyFraming.NONE;
        upgrade = head.upgrade();
    }

    /** Nothing was parsed: answer as HTTP/1.1 and close. */
    void beginRefused() {
        end();
        toHead = false;
        http10 = false;
        keepAlive = false;
    }

    void end() {
        retried = false;
        responseStarted = false;
        connectionStays = false;
        status = 0;
        tunnelCheck = null;
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
