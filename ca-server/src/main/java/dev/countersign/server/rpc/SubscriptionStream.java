package dev.countersign.server.rpc;

import dev.countersign.edges.EdgeReport;
import dev.countersign.feed.SubscriberRecord;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.distribution.DenialRow;
import dev.countersign.server.distribution.Subscriber;
import dev.countersign.server.rpc.SubscriptionGrpcService.Parts;
import dev.countersign.trust.VerifiedPeer;
import dev.countersign.wire.EdgeCodec;
import dev.countersign.wire.FeedCodec;
import dev.countersign.wire.MalformedMessage;
import dev.countersign.wire.v1.DenialReport;
import dev.countersign.wire.v1.Hello;
import dev.countersign.wire.v1.KeyRefresh;
import dev.countersign.wire.v1.SubscribeRequest;
import dev.countersign.wire.v1.SubscribeResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an agent sends on its stream: hello first, then acknowledgements, denials, edges, status. gRPC calls
 * these methods one at a time.
 */
final class SubscriptionStream implements StreamObserver<SubscribeRequest> {
    private static final Logger log = LoggerFactory.getLogger(SubscriptionStream.class);
    private static final int PROTOCOL_VERSION = 1;
    private static final int MAX_TEXT = 128;
    private static final int MAX_KEY_ADDRESSES = 16;

    /** A held revision is a time; one from further ahead is not one of ours. */
    private static final Duration MAX_AHEAD = Duration.ofDays(1);

    private final Parts parts;
    private final GrpcOutbox outbox;
    private final Optional<VerifiedPeer> peer;
    private final InetAddress address;
    private volatile @Nullable Subscriber subscriber;

    SubscriptionStream(
            Parts parts,
            ServerCallStreamObserver<SubscribeResponse> call,
            Optional<VerifiedPeer> peer,
            InetAddress address) {
        this.parts = parts;
        this.outbox = new GrpcOutbox(call, parts.bundles(), parts.clock());
        this.peer = peer;
        this.address = address;
        call.setOnReadyHandler(this::flush);
        call.setOnCancelHandler(this::leave);
        // We end streams too: one that is refused half-way must give its place back.
        call.setOnCloseHandler(this::leave);
    }

    @Override
    public void onNext(SubscribeRequest request) {
        Subscriber current = subscriber;
        if (current == null) {
            begin(request);
            return;
        }
        try {
            switch (request.getMessageCase()) {
                case ACKNOWLEDGEMENT ->
                        current.acknowledged(
                                FeedCodec.decode(request.getAcknowledgement()),
                                parts.clock().instant());
                case DENIALS -> denials(current, request.getDenials());
                case STATUS -> current.reported(FeedCodec.decode(request.getStatus()));
                case EDGES -> edges(current, EdgeCodec.decode(request.getEdges()));
                case KEY_REFRESH -> keyRefresh(current, request.getKeyRefresh());
                case HELLO -> refuse("HELLO_TWICE", "hello: second (expected: once, first)");
                case MESSAGE_NOT_SET -> refuse("REQUEST_EMPTY", "message: none");
            }
        } catch (MalformedMessage malformed) {
            refuse("REQUEST_MALFORMED", String.valueOf(malformed.getMessage()));
        }
    }

    @Override
    public void onError(Throwable gone) {
        leave();
    }

    @Override
    public void onCompleted() {
        leave();
        outbox.complete();
    }

    private void begin(SubscribeRequest request) {
        if (peer.isEmpty()) {
            outbox.fail(
                    Status.Code.UNAUTHENTICATED,
                    "SUBSCRIBER_WITHOUT_CERTIFICATE",
                    "client certificate: none (expected: the workload's own)");
            return;
        }
        if (peer.get().id().serviceAccount().isEmpty()) {
            outbox.fail(
                    Status.Code.PERMISSION_DENIED,
                    "SUBSCRIBER_NOT_WORKLOAD",
                    "client certificate: " + peer.get().id() + " (expected: a workload's own)");
            return;
        }
        if (request.getMessageCase() != SubscribeRequest.MessageCase.HELLO) {
            refuse("HELLO_MISSING", "first message: no hello (expected: hello)");
            return;
        }
        Hello hello = request.getHello();
        if (!acceptable(hello)) {
            return;
        }
        Optional<String> denied = parts.denied().apply(peer.get());
        if (denied.isPresent()) {
            outbox.fail(
                    Status.Code.UNAUTHENTICATED,
                    "SUBSCRIBER_DENIED",
                    "certificate of "
                            + peer.get().id()
                            + " is denied: "
                            + denied.get()
                            + " (expected: another, by token)");
            return;
        }
        Optional<SubscriberRecord> record = parts.records().record(peer.get());
        if (record.isEmpty()) {
            outbox.fail(
                    Status.Code.UNAUTHENTICATED,
                    "SUBSCRIBER_UNKNOWN",
                    "certificate of " + peer.get().id() + " stands for no workload on record");
            return;
        }
        join(hello, peer.get(), record.get());
    }

    private boolean acceptable(Hello hello) {
        if (hello.getProtocolVersion() != PROTOCOL_VERSION) {
            refuse(
                    "HELLO_PROTOCOL_VERSION",
                    "protocol_version: "
                            + hello.getProtocolVersion()
                            + " (expected: "
                            + PROTOCOL_VERSION
                            + ")");
            return false;
        }
        if (hello.getInstanceId().isEmpty() || hello.getInstanceId().length() > MAX_TEXT) {
            refuse("HELLO_INSTANCE_ID", "instance_id: expected 1 to 128 characters");
            return false;
        }
        long newest = parts.clock().instant().plus(MAX_AHEAD).toEpochMilli();
        if (hello.getHeldRevision() < 0 || hello.getHeldRevision() > newest) {
            refuse(
                    "HELLO_REVISION",
                    "held_revision: "
                            + hello.getHeldRevision()
                            + " (expected: at most "
                            + newest
                            + ")");
            return false;
        }
        return true;
    }

    private void join(Hello hello, VerifiedPeer known, SubscriberRecord record) {
        Subscriber joined =
                new Subscriber(
                        new Subscriber.Hello(
                                hello.getInstanceId(),
                                known,
                                record,
                                address,
                                hello.getHeldRevision()),
                        outbox,
                        parts.snapshots(),
                        parts.clock().instant());
        if (parts.hub().add(joined)) {
            subscriber = joined;
        }
    }

    /** Without a receipt the agent sends them again. */
    private void denials(Subscriber reporter, DenialReport report) throws MalformedMessage {
        List<DenialRow> rows = DenialRows.of(report, reporter.view());
        try {
            parts.denials().record(rows);
            outbox.denialsReceived(report.getSequence());
        } catch (RecordsUnavailable unavailable) {
            log.atWarn()
                    .addKeyValue("agent", reporter.view().record().account())
                    .addKeyValue("denials", rows.size())
                    .addKeyValue("reason", unavailable.getMessage())
                    .log("denials not on record, the agent keeps them");
        }
    }

    /** Without a receipt the agent sends it again. */
    private void edges(Subscriber reporter, EdgeReport report) {
        if (!reporter.mayReport(parts.clock().instant())) {
            return;
        }
        if (report.last()) {
            reporter.saysGoodbye();
        }
        try {
            parts.edges().record(reporter.reporter(), report);
            outbox.receipt(report.sequence());
        } catch (RecordsUnavailable unavailable) {
            log.atWarn()
                    .addKeyValue("agent", reporter.reporter().identity())
                    .addKeyValue("sequence", report.sequence())
                    .addKeyValue("reason", unavailable.getMessage())
                    .log("edges not on record, the agent keeps them");
        }
    }

    private void keyRefresh(Subscriber current, KeyRefresh wish) throws MalformedMessage {
        if (wish.getAddressesCount() > MAX_KEY_ADDRESSES) {
            throw new MalformedMessage(
                    "key_refresh: "
                            + wish.getAddressesCount()
                            + " addresses (expected: <= "
                            + MAX_KEY_ADDRESSES
                            + ")");
        }
        current.wishedKeys(wish.getAddressesList(), parts.clock().instant());
    }

    private void flush() {
        Subscriber current = subscriber;
        if (current != null) {
            current.flush();
        }
    }

    private void leave() {
        Subscriber current = subscriber;
        if (current != null) {
            parts.hub().remove(current);
        }
    }

    private void refuse(String reason, String message) {
        outbox.fail(Status.Code.INVALID_ARGUMENT, reason, message);
    }
}
