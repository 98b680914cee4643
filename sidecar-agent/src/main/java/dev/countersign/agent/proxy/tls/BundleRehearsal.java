package dev.countersign.agent.proxy.tls;

import dev.countersign.agent.roots.RootCounter;
import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.svid.SvidSource;
import dev.countersign.trust.BundleTrial;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustBundles;
import dev.countersign.trust.TrustRefused;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries a bundle as this agent would use it: new contexts, and one whole handshake of this agent with
 * itself, in memory, both ends verified by the bundle.
 *
 * <p>A bundle under which the own leaf is nobody's is no failure of the bundle: that is what distrust
 * looks like. It is taken, and the rotator renews by token at once.
 */
public final class BundleRehearsal implements BundleTrial {
    private static final Logger LOG = LoggerFactory.getLogger(BundleRehearsal.class);

    /** Client hello, server flight, client flight: the rest is for key updates and tickets. */
    private static final int MAX_FLIGHTS = 8;

    private final SvidSource svids;
    private final InstantSource clock;

    public BundleRehearsal(SvidSource svids, InstantSource clock) {
        this.svids = svids;
        this.clock = clock;
    }

    @Override
    public void run(TrustBundle candidate) throws TrustRefused {
        Optional<HeldSvid> held = svids.current();
        if (held.isEmpty()) {
            return; // its roots were read one by one; there is nothing to try it with
        }
        SvidVerifier verifier = new SvidVerifier(TrustBundles.fixed(candidate), clock);
        try {
            verifier.verify(held.get().svid().chain());
        } catch (TrustRefused refused) {
            LOG.atWarn()
                    .addKeyValue("epoch", candidate.epoch())
                    .addKeyValue("reason", refused.getMessage())
                    .log("the new bundle does not carry this agent's own certificate");
            return;
        }
        rehearse(held.get(), verifier, candidate.epoch());
    }

    private void rehearse(HeldSvid held, SvidVerifier verifier, long epoch) throws TrustRefused {
        PeerTrustManager trust =
                new PeerTrustManager(verifier, peer -> Optional.empty(), new RootCounter(clock));
        try {
            TlsGeneration contexts = new TlsGeneration(held, trust);
            try {
                SslHandler server = contexts.inboundHandler(UnpooledByteBufAllocator.DEFAULT);
                SslHandler client =
                        contexts.outboundHandler(UnpooledByteBufAllocator.DEFAULT, Alpn.Use.HTTP1);
                trust.expect(client, held.svid().id());
                shakeHands(client, server);
                check(client, held);
                check(server, held);
            } finally {
                contexts.release();
            }
        } catch (SSLException | RuntimeException failed) {
            throw new TrustRefused(
                    Refusal.BUNDLE_UNUSABLE,
                    "bundle: epoch "
                            + epoch
                            + ": "
                            + failed.getMessage()
                            + " (expected: a handshake of this agent with itself)",
                    failed);
        }
    }

    private static void shakeHands(SslHandler client, SslHandler server) {
        EmbeddedChannel at = new EmbeddedChannel(server);
        EmbeddedChannel from = new EmbeddedChannel(client);
        try {
            for (int flight = 0;
                    flight < MAX_FLIGHTS && !(isOver(client) && isOver(server));
                    flight++) {
                carry(from, at);
                carry(at, from);
            }
        } finally {
            from.finishAndReleaseAll();
            at.finishAndReleaseAll();
        }
    }

    private static void carry(EmbeddedChannel from, EmbeddedChannel to) {
        for (ByteBuf bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
            to.writeInbound(bytes);
        }
    }

    private static boolean isOver(SslHandler tls) {
        return tls.handshakeFuture().isDone();
    }

    private static void check(SslHandler tls, HeldSvid held) throws SSLException {
        if (!tls.handshakeFuture().isSuccess()) {
            Throwable cause = tls.handshakeFuture().cause();
            throw new SSLException(
                    "handshake: " + (cause == null ? "not finished" : cause.getMessage()), cause);
        }
        boolean itself =
                TlsContexts.verifiedPeer(tls)
                        .filter(peer -> peer.id().equals(held.svid().id()))
                        .isPresent();
        if (!itself) {
            throw new SSLException("handshake: peer unverified");
        }
    }
}
