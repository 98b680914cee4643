package dev.countersign.server.rpc;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.internal.tcnative.SSL;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/**
 * TLS contexts by generation: a new connection gets the newest, an open one keeps its own, so that a
 * rotation never breaks an open connection. No connection gives tickets: resuming would skip the
 * verifier.
 */
final class RotatingSslContext extends SslContext {
    private final AtomicReference<SslContext> generations;

    RotatingSslContext(SslContext first) {
        this.generations = new AtomicReference<>(first);
    }

    void replace(SslContext next) {
        generations.set(next);
    }

    private SslContext newest() {
        return Objects.requireNonNull(generations.get());
    }

    @Override
    public boolean isClient() {
        return newest().isClient();
    }

    @Override
    public List<String> cipherSuites() {
        return newest().cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // the only form that SslContext lets a subclass answer
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return newest().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return withoutTickets(newest().newEngine(allocator));
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String host, int port) {
        return withoutTickets(newest().newEngine(allocator, host, port));
    }

    @Override
    public SSLSessionContext sessionContext() {
        return newest().sessionContext();
    }

    /** Netty turns TLS 1.3 tickets on for every new engine; off again, before its handshake. */
    private static SSLEngine withoutTickets(SSLEngine engine) {
        SSL.setOptions(((ReferenceCountedOpenSslEngine) engine).sslPointer(), SSL.SSL_OP_NO_TICKET);
        return engine;
    }
}
