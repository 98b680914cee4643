package dev.countersign.agent.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What came of a request before it was known where it goes: no more than its window, which is not
 * given back meanwhile.
 */
final class HeldBody {
    private final Deque<ByteBuf> data = new ArrayDeque<>(2);
    private @Nullable Http2Headers trailers;

    void add(ByteBuf slice) {
        data.add(slice.retain());
    }

    void trailers(Http2Headers last) {
        trailers = last;
    }

    @Nullable Http2Headers takeTrailers() {
        Http2Headers last = trailers;
        trailers = null;
        return last;
    }

    boolean isEmpty() {
        return data.isEmpty() && trailers == null;
    }

    @Nullable ByteBuf poll() {
        return data.poll();
    }

    boolean hasData() {
        return !data.isEmpty();
    }

    boolean hasTrailers() {
        return trailers != null;
    }

    void release() {
        data.forEach(ByteBuf::release);
        data.clear();
        trailers = null;
    }
}
