package dev.countersign.agent.proxy.tls;

import dev.countersign.agent.svid.HeldSvid;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

/** The contexts made from one held identity. Native memory: {@link #release} when replaced. */
final class TlsGeneration {
    private static final String TLS_1_3 = "TLSv1.3";

    /** The hybrid group first (draft-ietf-tls-ecdhe-mlkem); P-256 for clients that know no other. */
    private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256"};

    private static final List<String> CIPHERS =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384");

    /**
     * Netty hands a key on in a key store of its own, in memory and with no password. The default
     * type derives keys from that nothing, 20 000 rounds for each context: 0.1 s until compiled.
     */
    private static final String KEY_STORE = "JKS";

    /**
     * In the order in which we choose. A foreign client that knows both versions of HTTP gets
     * HTTP/1.1, which every application speaks: nothing is translated.
     */
    private static final ApplicationProtocolConfig INBOUND =
            alpn(
                    List.of(
                            Alpn.FRAMED,
                            Alpn.HTTP2,
                            Alpn.HTTP,
                            Alpn.FOREIGN_HTTP,
                            Alpn.FOREIGN_HTTP2));

    private final long number;
    private final SslContext inbound;
    private final Map<Alpn.Use, SslContext> outbound = new EnumMap<>(Alpn.Use.class);

    TlsGeneration(HeldSvid held, PeerTrustManager trust) throws SSLException {
        number = held.generation();
        X509Certificate[] chain = held.svid().chain().toArray(X509Certificate[]::new);
        inbound =
                common(SslContextBuilder.forServer(held.key(), chain), trust)
                        .clientAuth(ClientAuth.REQUIRE)
                        .applicationProtocolConfig(INBOUND)
                        .build();
        for (Alpn.Use use : Alpn.Use.values()) {
            outbound.put(use, outbound(held, chain, trust, use));
        }
    }

    /** For looking at a server: as towards a peer, whoever answers, and with tickets as they come. */
    static SslContext probing(HeldSvid held, TrustManagerFactory anybody) throws SSLException {
        X509Certificate[] chain = held.svid().chain().toArray(X509Certificate[]::new);
        return SslContextBuilder.forClient()
                .keyManager(held.key(), chain)
                .trustManager(anybody)
                .sslProvider(SslProvider.OPENSSL_REFCNT)
                .keyStoreType(KEY_STORE)
                .protocols("TLSv1.2", TLS_1_3)
                .endpointIdentificationAlgorithm(null)
                .applicationProtocolConfig(alpn(List.of(Alpn.HTTP2, Alpn.HTTP, Alpn.FRAMED)))
                .option(OpenSslContextOption.GROUPS, GROUPS)
                .option(OpenSslContextOption.USE_TASKS, Boolean.FALSE)
                .build();
    }

    long number() {
        return number;
    }

    SslHandler inboundHandler(ByteBufAllocator buffers) {
        return withoutResumption(inbound.newHandler(buffers));
    }

    SslHandler outboundHandler(ByteBufAllocator buffers, Alpn.Use use) {
        return withoutResumption(
                Objects.requireNonNull(outbound.get(use), "every use has one").newHandler(buffers));
    }

    /** Open connections hold their own reference. */
    void release() {
        ReferenceCountUtil.release(inbound);
        outbound.values().forEach(ReferenceCountUtil::release);
    }

    private static SslContext outbound(
            HeldSvid held, X509Certificate[] chain, PeerTrustManager trust, Alpn.Use use)
            throws SSLException {
        return common(SslContextBuilder.forClient().keyManager(held.key(), chain), trust)
                .endpointIdentificationAlgorithm(null)
                .applicationProtocolConfig(alpn(use.offered()))
                .build();
    }

    private static SslContextBuilder common(SslContextBuilder builder, PeerTrustManager trust) {
        return builder.sslProvider(SslProvider.OPENSSL_REFCNT)
                .keyStoreType(KEY_STORE)
                .protocols(TLS_1_3)
                .ciphers(CIPHERS)
                .trustManager(trust)
                .sessionCacheSize(1)
                .sessionTimeout(1)
                .option(OpenSslContextOption.GROUPS, GROUPS)
                .option(OpenSslContextOption.USE_TASKS, Boolean.FALSE);
    }

    private static ApplicationProtocolConfig alpn(List<String> protocols) {
        return new ApplicationProtocolConfig(
                Protocol.ALPN,
                SelectorFailureBehavior.NO_ADVERTISE,
                SelectedListenerFailureBehavior.ACCEPT,
                protocols);
    }

    /** Netty turns TLS 1.3 tickets on for every new engine; off again, before its handshake. */
    private static SslHandler withoutResumption(SslHandler handler) {
        ReferenceCountedOpenSslEngine engine = (ReferenceCountedOpenSslEngine) handler.engine();
        SSL.setOptions(engine.sslPointer(), SSL.SSL_OP_NO_TICKET);
        return handler;
    }
}
