package dev.countersign.agent.proxy.tls;

import dev.countersign.agent.roots.RootCounter;
import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.svid.SvidSource;
import dev.countersign.identity.SpiffeId;
import dev.countersign.trust.DenyList;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS contexts in force. Each new identity makes a new generation; connections that are open keep
 * theirs. The bundle is no part of a context: it is read at every handshake, so a new bundle needs no
 * new generation.
 */
public final class TlsContexts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsContexts.class);

    private final SvidSource svids;
    private final SvidVerifier verifier;
    private final DenyList denyList;
    private final PeerTrustManager trust;
    private final AtomicReference<@Nullable TlsGeneration> current = new AtomicReference<>();
    private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();

    /** Replaced, but a loop may just be reading it; released when the next one is replaced. */
    private @Nullable TlsGeneration previous;

    private boolean closed;

    public TlsContexts(
            SvidSource svids, SvidVerifier verifier, DenyList denyList, RootCounter roots) {
        this.svids = svids;
        this.verifier = verifier;
        this.denyList = denyList;
        this.trust = new PeerTrustManager(verifier, denyList, roots);
        svids.onChange(this::take);
    }

    /** Called with each new generation's number, on the rotator's thread. */
    public void onGeneration(LongConsumer listener) {
        listeners.add(listener);
    }

    /** The generation new connections get; 0 while there is no identity. */
    public long generation() {
        TlsGeneration now = current.get();
        return now == null ? 0 : now.number();
    }

    /** Who we are; empty while there is no valid identity. */
    public Optional<SpiffeId> own() {
        return svids.current().map(held -> held.svid().id());
    }

    /** For an accepted connection; empty while this agent has no valid identity. */
    public Optional<SslHandler> inbound(ByteBufAllocator buffers) {
        return usable().map(generation -> generation.inboundHandler(buffers));
    }

    /** For a connection to exactly {@code expected}; empty while there is no valid identity. */
    public Optional<SslHandler> outbound(
            ByteBufAllocator buffers, SpiffeId expected, Alpn.Use use) {
        Optional<SslHandler> handler =
                usable().map(generation -> generation.outboundHandler(buffers, use));
        handler.ifPresent(tls -> trust.expect(tls, expected));
        return handler;
    }

    /** The proof left by the handshake; empty when it did not finish. */
    public static Optional<VerifiedPeer> verifiedPeer(SslHandler tls) {
        return PeerTrustManager.verifiedPeer(tls.engine());
    }

    /**
     * Whether the peer of an open connection would still be believed: its chain against the bundle of
     * now, and the deny list. A certificate that has expired meanwhile is no reason to close.
     */
    public boolean stillBelieved(SslHandler tls, VerifiedPeer peer) {
        if (denyList.denies(peer).isPresent()) {
            return false;
        }
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
                chain.add((X509Certificate) certificate);
            }
            believes(chain, peer);
            return true;
        } catch (TrustRefused | SSLPeerUnverifiedException e) {
            return false;
        }
    }

    /**
     * Whether a change came between the verification in a handshake and now, and the peer would not be
     * believed any more: asked once a connection stands where the next change will find it.
     */
    public boolean overtaken(SslHandler tls, VerifiedPeer peer) {
        boolean changed =
                peer.bundleEpoch() != verifier.epoch() || denyList.denies(peer).isPresent();
        return changed && !stillBelieved(tls, peer);
    }

    private void believes(List<X509Certificate> chain, VerifiedPeer peer) throws TrustRefused {
        try {
            verifier.verify(chain, peer.id());
        } catch (TrustRefused e) {
            if (e.refusal() != Refusal.EXPIRED) {
                throw e;
            }
            // Time alone closes nothing; a root taken out of the bundle meanwhile does.
            verifier.at(peer.notAfter().minusSeconds(1)).verify(chain, peer.id());
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        release(current.getAndSet(null));
        release(previous);
        previous = null;
    }

    private Optional<TlsGeneration> usable() {
        return svids.current().isPresent() ? Optional.ofNullable(current.get()) : Optional.empty();
    }

    private synchronized void take(HeldSvid held) {
        if (closed) {
            return;
        }
        try {
            TlsGeneration next = new TlsGeneration(held, trust);
            release(previous);
            previous = current.getAndSet(next);
            LOG.atDebug()
                    .addKeyValue("generation", held.generation())
                    .addKeyValue("id", held.svid().id())
                    .log("new TLS contexts");
        } catch (SSLException e) {
            LOG.atError()
                    .addKeyValue("generation", held.generation())
                    .setCause(e)
                    .log("TLS contexts cannot be made; the last ones stay in use");
            return;
        }
        listeners.forEach(listener -> listener.accept(held.generation()));
    }

    private static void release(@Nullable TlsGeneration generation) {
        if (generation != null) {
            generation.release();
        }
    }
}
