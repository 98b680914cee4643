package dev.countersign.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.countersign.feed.Acknowledgement;
import dev.countersign.feed.AgentStatus;
import dev.countersign.feed.Delta;
import dev.countersign.feed.DenyEntry;
import dev.countersign.feed.DirectoryEntry;
import dev.countersign.feed.KeySet;
import dev.countersign.feed.Snapshot;
import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.RequestAuthentication;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.SigningContext;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.v1.SignedDelta;
import dev.countersign.wire.v1.SignedSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Snapshots and deltas to the bytes that are signed, and back; acknowledgements and status.
 *
 * <p>The only way from a signed message to a {@link Snapshot} is {@code verify}: signature first,
 * then form, subject and revision.
 */
public final class FeedCodec {
    /** Goes before a snapshot's payload when it is signed. */
    public static final String SNAPSHOT_CONTEXT = SigningContext.SNAPSHOT.text();

    /** Goes before a delta's payload when it is signed. */
    public static final String DELTA_CONTEXT = SigningContext.DELTA.text();

    /** Bytes of one payload: what a gRPC channel takes by default, less its envelope. */
    public static final int MAX_PAYLOAD = 4 * 1024 * 1024 - 1024;

    private static final int MAX_TEXT = 1024;

    private FeedCodec() {}

    /** The payload to sign. */
    public static byte[] encode(Snapshot snapshot) {
        var message =
                dev.countersign.wire.v1.Snapshot.newBuilder()
                        .setTrustDomain(snapshot.trustDomain().name())
                        .setSubject(snapshot.subject().toString())
                        .setRevision(snapshot.revision())
                        .setIssuedAt(Timestamps.encode(snapshot.issuedAt()))
                        .setBundle(BundleCodec.toMessage(snapshot.bundle()))
                        .setSettings(FeedParts.encode(snapshot.settings()))
                        .setSubscriber(FeedParts.encode(snapshot.subscriber()));
        snapshot.policies().forEach(policy -> message.addPolicies(PolicyCodec.encode(policy)));
        snapshot.deny().forEach(entry -> message.addDeny(FeedParts.encode(entry)));
        snapshot.directory().forEach(entry -> message.addDirectory(FeedParts.encode(entry)));
        snapshot.peerAuthentications()
                .forEach(one -> message.addPeerAuthentications(AuthenticationCodec.encode(one)));
        snapshot.requestAuthentications()
                .forEach(one -> message.addRequestAuthentications(AuthenticationCodec.encode(one)));
        snapshot.keySets().forEach(keys -> message.addKeySets(AuthenticationCodec.encode(keys)));
        snapshot.federated()
                .forEach(one -> message.addFederatedBundles(FederationCodec.encode(one)));
        return message.build().toByteArray();
    }

    /** The payload to sign. */
    public static byte[] encode(Delta delta) {
        var message =
                dev.countersign.wire.v1.Delta.newBuilder()
                        .setTrustDomain(delta.trustDomain().name())
                        .setSubject(delta.subject().toString())
                        .setBaseRevision(delta.baseRevision())
                        .setRevision(delta.revision())
                        .setIssuedAt(Timestamps.encode(delta.issuedAt()))
                        .addAllRemovedPolicies(delta.removedPolicies())
                        .addAllRemovedDenyIds(delta.removedDeny())
                        .addAllRemovedDirectory(delta.removedDirectory());
        delta.upsertedPolicies()
                .forEach(policy -> message.addUpsertedPolicies(PolicyCodec.encode(policy)));
        delta.upsertedDeny().forEach(entry -> message.addAddedDeny(FeedParts.encode(entry)));
        delta.upsertedDirectory()
                .forEach(entry -> message.addUpsertedDirectory(FeedParts.encode(entry)));
        delta.bundle().ifPresent(bundle -> message.setBundle(BundleCodec.toMessage(bundle)));
        delta.settings().ifPresent(settings -> message.setSettings(FeedParts.encode(settings)));
        delta.subscriber()
                .ifPresent(subscriber -> message.setSubscriber(FeedParts.encode(subscriber)));
        delta.peerAuthentications()
                .upserted()
                .forEach(one ->
                        message.addUpsertedPeerAuthentications(AuthenticationCodec.encode(one)));
        delta.requestAuthentications()
                .upserted()
                .forEach(one ->
                        message.addUpsertedRequestAuthentications(AuthenticationCodec.encode(one)));
        delta.keySets()
                .upserted()
                .forEach(keys -> message.addUpsertedKeySets(AuthenticationCodec.encode(keys)));
        delta.federated()
                .upserted()
                .forEach(one -> message.addUpsertedFederatedBundles(FederationCodec.encode(one)));
        message.addAllRemovedFederatedBundles(delta.federated().removed());
        message.addAllRemovedPeerAuthentications(delta.peerAuthentications().removed())
                .addAllRemovedRequestAuthentications(delta.requestAuthentications().removed())
                .addAllRemovedKeySets(delta.keySets().removed());
        return message.build().toByteArray();
    }

    public static SignedSnapshot signedSnapshot(byte[] payload, String keyId, byte[] signature) {
        return SignedSnapshot.newBuilder()
                .setPayload(ByteString.copyFrom(payload))
                .setKeyId(keyId)
                .setSignature(ByteString.copyFrom(signature))
                .build();
    }

    public static SignedDelta signedDelta(byte[] payload, String keyId, byte[] signature) {
        return SignedDelta.newBuilder()
                .setPayload(ByteString.copyFrom(payload))
                .setKeyId(keyId)
                .setSignature(ByteString.copyFrom(signature))
                .build();
    }

    /**
     * Believes a snapshot, fresh from the stream or kept across a restart.
     *
     * @param self whose agent this is; its trust domain must be the snapshot's
     * @param lastSeen the highest revision seen so far; 0 = none
     * @throws TrustRefused SNAPSHOT_BAD_SIGNATURE, SNAPSHOT_MALFORMED, SNAPSHOT_OTHER_SUBJECT,
     *     SNAPSHOT_WENT_BACK, or BUNDLE_* for the form of the bundle in it
     */
    public static Snapshot verify(
            SignedSnapshot signed, SigningKeys keys, SpiffeId self, long lastSeen)
            throws TrustRefused {
        byte[] payload =
                believed(
                        SigningContext.SNAPSHOT,
                        signed.getPayload(),
                        signed.getKeyId(),
                        signed.getSignature(),
                        keys);
        try {
            var message = dev.countersign.wire.v1.Snapshot.parseFrom(payload);
            checkSubject(message.getSubject(), message.getTrustDomain(), self);
            checkRevision(message.getRevision(), lastSeen);
            return decode(message);
        } catch (InvalidProtocolBufferException | IllegalArgumentException | MalformedMessage bad) {
            throw malformed("snapshot", bad);
        }
    }

    /**
     * Believes a delta and applies it.
     *
     * @param held the snapshot in force
     * @throws TrustRefused SNAPSHOT_BAD_SIGNATURE, SNAPSHOT_OTHER_SUBJECT, SNAPSHOT_WENT_BACK,
     *     SNAPSHOT_OTHER_BASE: ask for a snapshot; SNAPSHOT_MALFORMED, or BUNDLE_* for the form of
     *     the bundle in it
     */
    public static Snapshot verify(SignedDelta signed, SigningKeys keys, Snapshot held)
            throws TrustRefused {
        byte[] payload =
                believed(
                        SigningContext.DELTA,
                        signed.getPayload(),
                        signed.getKeyId(),
                        signed.getSignature(),
                        keys);
        try {
            var message = dev.countersign.wire.v1.Delta.parseFrom(payload);
            checkSubject(message.getSubject(), message.getTrustDomain(), held.subject());
            checkRevision(message.getRevision(), held.revision());
            checkBase(message.getBaseRevision(), held.revision());
            return held.apply(decode(message));
        } catch (InvalidProtocolBufferException | IllegalArgumentException | MalformedMessage bad) {
            throw malformed("delta", bad);
        }
    }

    public static dev.countersign.wire.v1.Acknowledgement encode(Acknowledgement news) {
        return dev.countersign.wire.v1.Acknowledgement.newBuilder()
                .setRevision(news.revision())
                .setRefusal(news.refusal())
                .setBundleEpoch(news.bundleEpoch())
                .setBundleHash(news.bundleHash())
                .setLeafIssuerKeyId(news.leafIssuerKeyId())
                .setOldestConnectionIssuerKeyId(news.oldestConnectionIssuerKeyId())
                .setLeafRootKeyId(news.leafRootKeyId())
                .setOldestConnectionRootKeyId(news.oldestConnectionRootKeyId())
                .setClockOffsetMillis(news.clockOffset().toMillis())
                .build();
    }

    /** An agent is believed by its certificate only so far: texts are bounded. */
    public static Acknowledgement decode(dev.countersign.wire.v1.Acknowledgement message)
            throws MalformedMessage {
        return new Acknowledgement(
                notNegative("revision", message.getRevision()),
                bounded("refusal", message.getRefusal()),
                notNegative("bundle_epoch", message.getBundleEpoch()),
                bounded("bundle_hash", message.getBundleHash()),
                bounded("leaf_issuer_key_id", message.getLeafIssuerKeyId()),
                bounded(
                        "oldest_connection_issuer_key_id",
                        message.getOldestConnectionIssuerKeyId()),
                bounded("leaf_root_key_id", message.getLeafRootKeyId()),
                bounded("oldest_connection_root_key_id", message.getOldestConnectionRootKeyId()),
                Duration.ofMillis(message.getClockOffsetMillis()));
    }

    public static dev.countersign.wire.v1.AgentStatus encode(AgentStatus status) {
        var message =
                dev.countersign.wire.v1.AgentStatus.newBuilder()
                        .setInstanceId(status.instanceId())
                        .setCertificateNotAfter(Timestamps.encode(status.certificateNotAfter()))
                        .setCertificateSerial(status.certificateSerial())
                        .setOpenConnections(status.openConnections())
                        .setClockOffsetMillis(status.clockOffset().toMillis())
                        .setRotations(status.rotations());
        status.rootUsage().ifPresent(usage -> message.setRootUsage(RootUsageCodec.encode(usage)));
        return message.build();
    }

    public static AgentStatus decode(dev.countersign.wire.v1.AgentStatus message)
            throws MalformedMessage {
        try {
            return new AgentStatus(
                    bounded("instance_id", message.getInstanceId()),
                    Timestamps.decode(message.getCertificateNotAfter()),
                    bounded("certificate_serial", message.getCertificateSerial()),
                    notNegative("open_connections", message.getOpenConnections()),
                    Duration.ofMillis(message.getClockOffsetMillis()),
                    notNegative("rotations", message.getRotations()),
                    message.hasRootUsage()
                            ? Optional.of(RootUsageCodec.decode(message.getRootUsage()))
                            : Optional.empty());
        } catch (IllegalArgumentException outOfBounds) {
            throw new MalformedMessage("status: " + outOfBounds.getMessage(), outOfBounds);
        }
    }

    private static byte[] believed(
            SigningContext context,
            ByteString payload,
            String keyId,
            ByteString signature,
            SigningKeys keys)
            throws TrustRefused {
        if (payload.size() > MAX_PAYLOAD || signature.size() > BundleCodec.MAX_SIGNATURE) {
            throw new TrustRefused(
                    Refusal.SNAPSHOT_MALFORMED,
                    context
                            + ": "
                            + payload.size()
                            + " bytes, signature "
                            + signature.size()
                            + " (expected: <= "
                            + MAX_PAYLOAD
                            + ", <= "
                            + BundleCodec.MAX_SIGNATURE
                            + ")");
        }
        byte[] bytes = payload.toByteArray();
        keys.verify(context, bytes, keyId, signature.toByteArray());
        return bytes;
    }

    private static Snapshot decode(dev.countersign.wire.v1.Snapshot message)
            throws MalformedMessage, TrustRefused {
        boolean whole =
                message.hasIssuedAt()
                        && message.hasBundle()
                        && message.hasSettings()
                        && message.hasSubscriber();
        if (!whole) {
            throw new MalformedMessage(
                    "issued_at, bundle, settings or subscriber: missing (expected: all)");
        }
        return new Snapshot(
                new TrustDomain(message.getTrustDomain()),
                SpiffeId.parse(message.getSubject()),
                message.getRevision(),
                Timestamps.decode(message.getIssuedAt()),
                decodePolicies(message.getPoliciesList()),
                BundleCodec.fromMessage(message.getBundle()),
                decodeDeny(message.getDenyList()),
                decodeDirectory(message.getDirectoryList()),
                FeedParts.decode(message.getSettings()),
                FeedParts.decode(message.getSubscriber()),
                decodePeers(message.getPeerAuthenticationsList()),
                decodeRequests(message.getRequestAuthenticationsList()),
                decodeKeys(message.getKeySetsList()),
                FederationCodec.decode(message.getFederatedBundlesList()));
    }

    private static Delta decode(dev.countersign.wire.v1.Delta message)
            throws MalformedMessage, TrustRefused {
        if (!message.hasIssuedAt()) {
            throw new MalformedMessage("issued_at: missing (expected: a timestamp)");
        }
        return new Delta(
                new TrustDomain(message.getTrustDomain()),
                SpiffeId.parse(message.getSubject()),
                message.getBaseRevision(),
                message.getRevision(),
                Timestamps.decode(message.getIssuedAt()),
                decodePolicies(message.getUpsertedPoliciesList()),
                message.getRemovedPoliciesList(),
                message.hasBundle()
                        ? Optional.of(BundleCodec.fromMessage(message.getBundle()))
                        : Optional.empty(),
                decodeDeny(message.getAddedDenyList()),
                message.getRemovedDenyIdsList(),
                decodeDirectory(message.getUpsertedDirectoryList()),
                message.getRemovedDirectoryList(),
                message.hasSettings()
                        ? Optional.of(FeedParts.decode(message.getSettings()))
                        : Optional.empty(),
                message.hasSubscriber()
                        ? Optional.of(FeedParts.decode(message.getSubscriber()))
                        : Optional.empty(),
                new Delta.Changes<>(
                        decodePeers(message.getUpsertedPeerAuthenticationsList()),
                        message.getRemovedPeerAuthenticationsList()),
                new Delta.Changes<>(
                        decodeRequests(message.getUpsertedRequestAuthenticationsList()),
                        message.getRemovedRequestAuthenticationsList()),
                new Delta.Changes<>(
                        decodeKeys(message.getUpsertedKeySetsList()),
                        message.getRemovedKeySetsList()),
                new Delta.Changes<>(
                        FederationCodec.decode(message.getUpsertedFederatedBundlesList()),
                        message.getRemovedFederatedBundlesList()));
    }

    private static List<AuthorizationPolicy> decodePolicies(
            List<dev.countersign.wire.v1.AuthorizationPolicy> messages) throws MalformedMessage {
        List<AuthorizationPolicy> policies = new ArrayList<>(messages.size());
        for (var message : messages) {
            policies.add(PolicyCodec.decode(message));
        }
        return policies;
    }

    private static List<PeerAuthentication> decodePeers(
            List<dev.countersign.wire.v1.PeerAuthentication> messages) throws MalformedMessage {
        List<PeerAuthentication> all = new ArrayList<>(messages.size());
        for (var message : messages) {
            all.add(AuthenticationCodec.decode(message));
        }
        return all;
    }

    private static List<RequestAuthentication> decodeRequests(
            List<dev.countersign.wire.v1.RequestAuthentication> messages) throws MalformedMessage {
        List<RequestAuthentication> all = new ArrayList<>(messages.size());
        for (var message : messages) {
            all.add(AuthenticationCodec.decode(message));
        }
        return all;
    }

    private static List<KeySet> decodeKeys(List<dev.countersign.wire.v1.KeySet> messages) {
        return messages.stream().map(AuthenticationCodec::decode).toList();
    }

    private static List<DenyEntry> decodeDeny(List<dev.countersign.wire.v1.DenyEntry> messages)
            throws MalformedMessage {
        List<DenyEntry> entries = new ArrayList<>(messages.size());
        for (var message : messages) {
            entries.add(FeedParts.decode(message));
        }
        return entries;
    }

    private static List<DirectoryEntry> decodeDirectory(
            List<dev.countersign.wire.v1.DirectoryEntry> messages) {
        return messages.stream().map(FeedParts::decode).toList();
    }

    private static void checkSubject(String subject, String trustDomain, SpiffeId self)
            throws TrustRefused {
        boolean ours =
                subject.equals(self.toString()) && trustDomain.equals(self.trustDomain().name());
        if (!ours) {
            throw new TrustRefused(
                    Refusal.SNAPSHOT_OTHER_SUBJECT,
                    "subject: another's (expected: " + self + " of " + self.trustDomain() + ")");
        }
    }

    private static void checkRevision(long revision, long lastSeen) throws TrustRefused {
        if (revision < lastSeen) {
            throw new TrustRefused(
                    Refusal.SNAPSHOT_WENT_BACK,
                    "revision: " + revision + " (expected: >= " + lastSeen + ")");
        }
    }

    private static void checkBase(long base, long held) throws TrustRefused {
        if (base != held) {
            throw new TrustRefused(
                    Refusal.SNAPSHOT_OTHER_BASE,
                    "base revision: " + base + " (expected: " + held + ")");
        }
    }

    private static TrustRefused malformed(String what, Exception cause) {
        return new TrustRefused(
                Refusal.SNAPSHOT_MALFORMED, what + ": " + cause.getMessage(), cause);
    }

    static String bounded(String field, String text) throws MalformedMessage {
        if (text.length() > MAX_TEXT) {
            throw new MalformedMessage(
                    field + ": " + text.length() + " characters (expected: <= " + MAX_TEXT + ")");
        }
        return text;
    }

    static long notNegative(String field, long value) throws MalformedMessage {
        if (value < 0) {
            throw new MalformedMessage(
                    field + ": " + Long.toUnsignedString(value) + " (expected: < 2^63)");
        }
        return value;
    }
}
