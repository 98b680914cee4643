package dev.countersign.wire;

import com.google.protobuf.Timestamp;
import dev.countersign.feed.RootUsage;
import dev.countersign.wire.v1.RootUse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What an agent says of the roots that its handshakes needed. */
public final class RootUsageCodec {
    private RootUsageCodec() {}

    public static dev.countersign.wire.v1.RootUsage encode(RootUsage usage) {
        var message =
                dev.countersign.wire.v1.RootUsage.newBuilder()
                        .setSince(Timestamps.encode(usage.since()))
                        .setUntrustedInbound(usage.untrustedInbound())
                        .setUntrustedOutbound(usage.untrustedOutbound());
        usage.lastUntrusted().ifPresent(at -> message.setLastUntrusted(Timestamps.encode(at)));
        for (RootUsage.Use use : usage.uses()) {
            RootUse.Builder one =
                    RootUse.newBuilder()
                            .setRootKeyId(use.rootKeyId())
                            .setHandshakes(use.handshakes())
                            .setOpenConnections(use.openConnections());
            use.last().ifPresent(at -> one.setLast(Timestamps.encode(at)));
            message.addUses(one);
        }
        return message.build();
    }

    /**
     * @throws IllegalArgumentException for a time that is none, or for too many roots
     */
    static RootUsage decode(dev.countersign.wire.v1.RootUsage message) throws MalformedMessage {
        List<RootUsage.Use> uses = new ArrayList<>(message.getUsesCount());
        for (RootUse use : message.getUsesList()) {
            uses.add(
                    new RootUsage.Use(
                            FeedCodec.bounded("root_key_id", use.getRootKeyId()),
                            FeedCodec.notNegative("handshakes", use.getHandshakes()),
                            time(use.hasLast(), use.getLast()),
                            FeedCodec.notNegative("open_connections", use.getOpenConnections())));
        }
        return new RootUsage(
                Timestamps.decode(message.getSince()),
                uses,
                FeedCodec.notNegative("untrusted_inbound", message.getUntrustedInbound()),
                FeedCodec.notNegative("untrusted_outbound", message.getUntrustedOutbound()),
                time(message.hasLastUntrusted(), message.getLastUntrusted()));
    }

    private static Optional<Instant> time(boolean present, Timestamp timestamp) {
        return present ? Optional.of(Timestamps.decode(timestamp)) : Optional.empty();
    }
}
