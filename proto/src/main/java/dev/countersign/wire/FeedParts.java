package dev.countersign.wire;

import dev.countersign.feed.AgentSettings;
import dev.countersign.feed.DenyEntry;
import dev.countersign.feed.DirectoryEntry;
import dev.countersign.feed.OnPeerCertificateExpiry;
import dev.countersign.feed.SocketText;
import dev.countersign.feed.SubscriberRecord;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.wire.v1.Endpoint;
import dev.countersign.wire.v1.IssuerSerial;
import dev.countersign.wire.v1.ServiceProtocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The parts that snapshots and deltas share. Model constructors hold the bounds. */
final class FeedParts {
    /** A century: what is longer is a mistake, and would overflow sums of instants. */
    private static final long MAX_STALE_SECONDS = 100L * 365 * 24 * 60 * 60;

    private FeedParts() {}

    static dev.countersign.wire.v1.DenyEntry encode(DenyEntry entry) {
        var message =
                dev.countersign.wire.v1.DenyEntry.newBuilder()
                        .setId(entry.id())
                        .setReason(entry.reason());
        entry.expires().ifPresent(expires -> message.setExpires(Timestamps.encode(expires)));
        switch (entry.target()) {
            case DenyEntry.Identity identity -> message.setSpiffeId(identity.id().toString());
            case DenyEntry.Pod pod -> message.setPodUid(pod.uid());
            case DenyEntry.Certificate certificate ->
                    message.setCertificate(
                            IssuerSerial.newBuilder()
                                    .setIssuerKeyId(certificate.issuerKeyId())
                                    .setSerial(certificate.serial()));
            case DenyEntry.Issuer issuer -> message.setIssuerKeyId(issuer.keyId());
        }
        return message.build();
    }

    static DenyEntry decode(dev.countersign.wire.v1.DenyEntry message) throws MalformedMessage {
        return new DenyEntry(
                message.getId(),
                decodeTarget(message),
                message.hasExpires()
                        ? Optional.of(Timestamps.decode(message.getExpires()))
                        : Optional.empty(),
                message.getReason());
    }

    static dev.countersign.wire.v1.DirectoryEntry encode(DirectoryEntry entry) {
        var message =
                dev.countersign.wire.v1.DirectoryEntry.newBuilder()
                        .setName(entry.name())
                        .setProtocol(encode(entry.protocol()));
        entry.addresses().forEach(address -> message.addAddresses(SocketText.of(address)));
        for (DirectoryEntry.Endpoint endpoint : entry.endpoints()) {
            message.addEndpoints(
                    Endpoint.newBuilder()
                            .setAddress(SocketText.of(endpoint.address()))
                            .setSpiffeId(endpoint.peer().map(SpiffeId::toString).orElse(""))
                            .setNotReady(!endpoint.ready()));
        }
        return message.build();
    }

    static DirectoryEntry decode(dev.countersign.wire.v1.DirectoryEntry message) {
        List<DirectoryEntry.Endpoint> endpoints = new ArrayList<>();
        for (Endpoint endpoint : message.getEndpointsList()) {
            Optional<SpiffeId> peer =
                    endpoint.getSpiffeId().isEmpty()
                            ? Optional.empty()
                            : Optional.of(SpiffeId.parse(endpoint.getSpiffeId()));
            endpoints.add(
                    new DirectoryEntry.Endpoint(
                            SocketText.parse(endpoint.getAddress()),
                            peer,
                            !endpoint.getNotReady()));
        }
        return new DirectoryEntry(
                message.getName(),
                message.getAddressesList().stream().map(SocketText::parse).toList(),
                decode(message.getProtocol()),
                endpoints);
    }

    private static ServiceProtocol encode(DirectoryEntry.Protocol protocol) {
        return switch (protocol) {
            case AUTO -> ServiceProtocol.SERVICE_PROTOCOL_UNSPECIFIED;
            case HTTP -> ServiceProtocol.SERVICE_PROTOCOL_HTTP;
            case TCP -> ServiceProtocol.SERVICE_PROTOCOL_TCP;
        };
    }

    /** One of a later version is found out from the first bytes. */
    private static DirectoryEntry.Protocol decode(ServiceProtocol protocol) {
        return switch (protocol) {
            case SERVICE_PROTOCOL_HTTP -> DirectoryEntry.Protocol.HTTP;
            case SERVICE_PROTOCOL_TCP -> DirectoryEntry.Protocol.TCP;
            case SERVICE_PROTOCOL_UNSPECIFIED, UNRECOGNIZED -> DirectoryEntry.Protocol.AUTO;
        };
    }

    static dev.countersign.wire.v1.AgentSettings encode(AgentSettings settings) {
        return dev.countersign.wire.v1.AgentSettings.newBuilder()
                .setMesh(PolicyCodec.encode(settings.mesh()))
                .setOnPeerCertificateExpiry(encode(settings.onPeerCertificateExpiry()))
                .setMaxStaleSeconds(settings.maxStale().map(Duration::toSeconds).orElse(0L))
                .build();
    }

    static AgentSettings decode(dev.countersign.wire.v1.AgentSettings message)
            throws MalformedMessage {
        long maxStale = message.getMaxStaleSeconds();
        if (maxStale < 0 || maxStale > MAX_STALE_SECONDS) {
            throw new MalformedMessage(
                    "max_stale_seconds: "
                            + Long.toUnsignedString(maxStale)
                            + " (expected: 0 to "
                            + MAX_STALE_SECONDS
                            + ")");
        }
        if (!message.hasMesh()) {
            throw new MalformedMessage("mesh: missing (expected: settings of the mesh)");
        }
        return new AgentSettings(
                PolicyCodec.decode(message.getMesh()),
                decode(message.getOnPeerCertificateExpiry()),
                maxStale == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(maxStale)));
    }

    static dev.countersign.wire.v1.SubscriberRecord encode(SubscriberRecord subscriber) {
        return dev.countersign.wire.v1.SubscriberRecord.newBuilder()
                .setNamespace(subscriber.account().namespace())
                .setServiceAccount(subscriber.account().name())
                .setPodName(subscriber.podName())
                .setPodUid(subscriber.podUid())
                .putAllLabels(new TreeMap<>(subscriber.labels()))
                .build();
    }

    static SubscriberRecord decode(dev.countersign.wire.v1.SubscriberRecord message) {
        return new SubscriberRecord(
                new ServiceAccountName(message.getNamespace(), message.getServiceAccount()),
                message.getPodName(),
                message.getPodUid(),
                message.getLabelsMap());
    }

    private static DenyEntry.Target decodeTarget(dev.countersign.wire.v1.DenyEntry message)
            throws MalformedMessage {
        return switch (message.getTargetCase()) {
            case SPIFFE_ID -> new DenyEntry.Identity(SpiffeId.parse(message.getSpiffeId()));
            case POD_UID -> new DenyEntry.Pod(message.getPodUid());
            case CERTIFICATE ->
                    new DenyEntry.Certificate(
                            message.getCertificate().getIssuerKeyId(),
                            message.getCertificate().getSerial());
            case ISSUER_KEY_ID -> new DenyEntry.Issuer(message.getIssuerKeyId());
            case TARGET_NOT_SET ->
                    // Perhaps a kind of a later version: skipping it would let somebody in.
                    throw new MalformedMessage(
                            "deny entry \""
                                    + message.getId()
                                    + "\": no known target (expected:"
                                    + " spiffe_id, pod_uid, certificate or issuer_key_id)");
        };
    }

    private static dev.countersign.wire.v1.OnPeerCertificateExpiry encode(
            OnPeerCertificateExpiry choice) {
        return switch (choice) {
            case KEEP ->
                    dev.countersign.wire.v1.OnPeerCertificateExpiry.ON_PEER_CERTIFICATE_EXPIRY_KEEP;
            case DRAIN ->
                    dev.countersign.wire.v1.OnPeerCertificateExpiry
                            .ON_PEER_CERTIFICATE_EXPIRY_DRAIN;
            case CLOSE ->
                    dev.countersign.wire.v1.OnPeerCertificateExpiry
                            .ON_PEER_CERTIFICATE_EXPIRY_CLOSE;
        };
    }

    private static OnPeerCertificateExpiry decode(
            dev.countersign.wire.v1.OnPeerCertificateExpiry choice) throws MalformedMessage {
        return switch (choice) {
            case ON_PEER_CERTIFICATE_EXPIRY_KEEP -> OnPeerCertificateExpiry.KEEP;
            case ON_PEER_CERTIFICATE_EXPIRY_DRAIN -> OnPeerCertificateExpiry.DRAIN;
            case ON_PEER_CERTIFICATE_EXPIRY_CLOSE -> OnPeerCertificateExpiry.CLOSE;
            case ON_PEER_CERTIFICATE_EXPIRY_UNSPECIFIED, UNRECOGNIZED ->
                    throw new MalformedMessage(
                            "on_peer_certificate_expiry: "
                                    + choice
                                    + " (expected: KEEP, DRAIN or CLOSE)");
        };
    }
}
