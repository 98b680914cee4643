package dev.countersign.agent.subscription;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.countersign.agent.state.StateDirectory;
import dev.countersign.agent.svid.SvidStore;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.BundleCodec;
import dev.countersign.wire.v1.SubscribeResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this agent needs to serve after a restart while the CA is away: identity, bundle, and the
 * newest snapshot with the deltas on top of it, each exactly as it was signed. All of it is one file,
 * so that policies never outlive the identity they were made for. A write that fails is said and
 * changes nothing in memory: serving goes on.
 */
public final class LastKnownGood implements SvidStore {
    private static final Logger LOG = LoggerFactory.getLogger(LastKnownGood.class);
    private static final String IDENTITY = "identity";
    private static final String BUNDLE = "bundle";
    private static final String FEED = "feed";

    private final Optional<StateDirectory> directory;

    public LastKnownGood(Optional<StateDirectory> directory) {
        this.directory = directory;
    }

    @Override
    public Optional<byte[]> load() {
        return section(IDENTITY);
    }

    @Override
    public void save(byte[] identity) throws IOException {
        if (directory.isPresent()) {
            directory.get().put(IDENTITY, identity);
        }
    }

    /** The newest believed bundle, to be believed again. */
    public Optional<SignedTrustBundle> bundle() {
        return section(BUNDLE)
                .flatMap(bytes -> {
                    try {
                        return Optional.of(
                                BundleCodec.fromMessage(
                                        dev.countersign.wire.v1.SignedTrustBundle.parseFrom(
                                                bytes)));
                    } catch (InvalidProtocolBufferException | TrustRefused e) {
                        notUsed("bundle", e);
                        return Optional.empty();
                    }
                });
    }

    public void save(SignedTrustBundle bundle) {
        put(BUNDLE, BundleCodec.toMessage(bundle).toByteArray());
    }

    /** A snapshot and its deltas in order, to be believed again; empty when there is none. */
    List<SubscribeResponse> feed() {
        List<SubscribeResponse> messages = new ArrayList<>();
        try (ByteArrayInputStream in =
                new ByteArrayInputStream(section(FEED).orElse(new byte[0]))) {
            while (in.available() > 0) {
                messages.add(SubscribeResponse.parseDelimitedFrom(in));
            }
            return List.copyOf(messages);
        } catch (IOException e) {
            notUsed("feed", e);
            return List.of();
        }
    }

    void save(List<SubscribeResponse> feed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            for (SubscribeResponse message : feed) {
                message.writeDelimitedTo(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        put(FEED, out.toByteArray());
    }

    private Optional<byte[]> section(String name) {
        return directory.flatMap(d -> d.section(name));
    }

    private void put(String name, byte[] content) {
        if (directory.isEmpty()) {
            return;
        }
        try {
            directory.get().put(name, content);
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("what", name)
                    .addKeyValue("reason", e.toString())
                    .log("not kept: a restart without the CA would not have it");
        }
    }

    private static void notUsed(String what, Exception why) {
        LOG.atWarn()
                .addKeyValue("what", what)
                .addKeyValue("reason", why.getMessage())
                .log("kept state not used");
    }
}
