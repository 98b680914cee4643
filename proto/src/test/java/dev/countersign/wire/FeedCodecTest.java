package dev.countersign.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import dev.countersign.feed.Acknowledgement;
import dev.countersign.feed.AgentStatus;
import dev.countersign.feed.FeedCases;
import dev.countersign.feed.RootUsage;
import dev.countersign.feed.Snapshot;
import dev.countersign.identity.SpiffeId;
import dev.countersign.testing.Cases;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.SigningContext;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustRefused;
import dev.countersign.wire.v1.DenyEntry;
import dev.countersign.wire.v1.SignedDelta;
import dev.countersign.wire.v1.SignedSnapshot;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class FeedCodecTest {
    private static final KeyPair SIGNER = FeedCases.AUTHORITY.bundleSigner();
    private static final SigningKeys KEYS = SigningKeys.of(FeedCases.AUTHORITY.bundle());
    private static final SpiffeId SELF = FeedCases.WEB;

    static Stream<Long> seeds() {
        return Cases.seeds(100);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everySnapshotSurvivesTheRoundTrip(long seed) throws TrustRefused {
        Snapshot snapshot = new FeedCases(seed).snapshot(7);

        assertThat(FeedCodec.verify(signed(snapshot), KEYS, SELF, 0)).isEqualTo(snapshot);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyDeltaLeadsToTheSnapshotItWasMadeFor(long seed) throws TrustRefused {
        FeedCases cases = new FeedCases(seed);
        Snapshot held = cases.snapshot(7);
        Snapshot next = cases.snapshot(9);

        assertThat(FeedCodec.verify(signedDelta(held, next), KEYS, held)).isEqualTo(next);
    }

    @Test
    void theSameSnapshotGivesTheSameBytes() {
        assertThat(FeedCodec.encode(new FeedCases(3).snapshot(1)))
                .isEqualTo(FeedCodec.encode(new FeedCases(3).snapshot(1)));
    }

    @Test
    void aStrangersSignatureIsRefused() {
        byte[] payload = FeedCodec.encode(FeedCases.small(1));
        KeyPair stranger = TestAuthority.create("x", MutableClock.create(), 5).bundleSigner();
        byte[] signature = TestAuthority.sign(SigningContext.SNAPSHOT, payload, stranger);

        assertRefused(
                Refusal.SNAPSHOT_BAD_SIGNATURE,
                FeedCodec.signedSnapshot(
                        payload, SigningKeys.idOf(stranger.getPublic()), signature));
        assertRefused(
                Refusal.SNAPSHOT_BAD_SIGNATURE,
                FeedCodec.signedSnapshot(payload, SigningKeys.idOf(SIGNER.getPublic()), signature));
    }

    @Test
    void aChangedByteIsRefused() {
        byte[] payload = FeedCodec.encode(FeedCases.small(1));
        SignedSnapshot genuine = signed(FeedCases.small(1));
        payload[payload.length - 3] ^= 1;

        assertRefused(
                Refusal.SNAPSHOT_BAD_SIGNATURE,
                FeedCodec.signedSnapshot(
                        payload, genuine.getKeyId(), genuine.getSignature().toByteArray()));
    }

    @Test
    void aSignatureMadeForADeltaIsWorthNothingOnASnapshot() {
        byte[] payload = FeedCodec.encode(FeedCases.small(1));

        assertRefused(
                Refusal.SNAPSHOT_BAD_SIGNATURE,
                FeedCodec.signedSnapshot(
                        payload,
                        SigningKeys.idOf(SIGNER.getPublic()),
                        TestAuthority.sign(SigningContext.DELTA, payload, SIGNER)));
    }

    @Test
    void aSnapshotForAnotherSubjectIsRefused() {
        TrustRefused refused =
                catchThrowableOfType(
                        TrustRefused.class,
                        () ->
                                FeedCodec.verify(
                                        signed(FeedCases.small(1)),
                                        KEYS,
                                        SpiffeId.parse("spiffe://test.example/ns/shop/sa/other"),
                                        0));

        assertThat(refused.refusal()).isEqualTo(Refusal.SNAPSHOT_OTHER_SUBJECT);
        assertRefused(
                Refusal.SNAPSHOT_OTHER_SUBJECT,
                changed(snapshot -> snapshot.setTrustDomain("other.example")));
    }

    @Test
    void aSnapshotOlderThanTheLastSeenIsRefusedAndTheSameIsNot() throws TrustRefused {
        SignedSnapshot fifth = signed(FeedCases.small(5));

        TrustRefused refused =
                catchThrowableOfType(
                        TrustRefused.class, () -> FeedCodec.verify(fifth, KEYS, SELF, 6));

        assertThat(refused.refusal()).isEqualTo(Refusal.SNAPSHOT_WENT_BACK);
        assertThat(FeedCodec.verify(fifth, KEYS, SELF, 5).revision()).isEqualTo(5);
    }

    @Test
    void aSnapshotThatIsUnderstoodByHalfIsRefused() {
        assertMalformed(snapshot -> snapshot.clearIssuedAt());
        assertMalformed(snapshot -> snapshot.clearBundle());
        assertMalformed(snapshot -> snapshot.clearSettings());
        assertMalformed(snapshot -> snapshot.clearSubscriber());
        assertMalformed(snapshot -> snapshot.setRevision(0));
        assertMalformed(snapshot -> snapshot.addDeny(DenyEntry.newBuilder().setId("d")));
        assertMalformed(
                snapshot -> snapshot.addDeny(DenyEntry.newBuilder().setPodUid("uid").setId("")));
        assertMalformed(snapshot ->
                snapshot.addDeny(DenyEntry.newBuilder().setId("d").setSpiffeId("spiffe://td/%41")));
        assertMalformed(snapshot -> snapshot.addPolicies(snapshot.getPolicies(0)));
        assertMalformed(snapshot -> snapshot.getSettingsBuilder().clearMesh());
        assertMalformed(snapshot -> snapshot.getSettingsBuilder().clearOnPeerCertificateExpiry());
        assertMalformed(
                snapshot -> snapshot.getSettingsBuilder().setOnPeerCertificateExpiryValue(77));
        assertMalformed(snapshot -> snapshot.getSettingsBuilder().setMaxStaleSeconds(-1));
        assertMalformed(snapshot -> snapshot.getSubscriberBuilder().setNamespace("Shop"));
        assertMalformed(
                snapshot -> snapshot.setIssuedAt(Timestamp.newBuilder().setSeconds(1L << 60)));
    }

    @Test
    void bytesThatAreNoSnapshotAreMalformedEvenWhenSigned() {
        assertRefused(Refusal.SNAPSHOT_MALFORMED, signed(new byte[] {(byte) 0xff}));
        assertThatThrownBy(() ->
                        FeedCodec.verify(
                                signed(new byte[FeedCodec.MAX_PAYLOAD + 1]), KEYS, SELF, 0))
                .hasMessageStartingWith("SNAPSHOT_MALFORMED: SNAPSHOT: 4193281 bytes");
    }

    @Test
    void theFormOfTheBundleInsideIsChecked() {
        assertRefused(
                Refusal.BUNDLE_EMPTY,
                changed(snapshot -> snapshot.getBundleBuilder().clearPayload()));
    }

    @Test
    void aDeltaOfAnotherBaseIsRefused() {
        Snapshot held = FeedCases.small(1);
        SignedDelta delta = signedDelta(FeedCases.small(2), FeedCases.small(3));

        assertThat(refusalOf(delta, held)).isEqualTo(Refusal.SNAPSHOT_OTHER_BASE);
    }

    @Test
    void aDeltaForAnotherSubjectIsRefused() throws InvalidProtocolBufferException {
        byte[] payload =
                dev.countersign.wire.v1.Delta.parseFrom(
                                FeedCodec.encode(FeedCases.small(1).deltaTo(FeedCases.small(2))))
                        .toBuilder()
                        .setSubject("spiffe://test.example/ns/shop/sa/other")
                        .build()
                        .toByteArray();

        assertThat(refusalOf(signedDelta(payload), FeedCases.small(1)))
                .isEqualTo(Refusal.SNAPSHOT_OTHER_SUBJECT);
    }

    @Test
    void aDeltaThatWasAlreadyAppliedIsRefused() {
        SignedDelta delta = signedDelta(FeedCases.small(1), FeedCases.small(2));

        assertThat(refusalOf(delta, FeedCases.small(3))).isEqualTo(Refusal.SNAPSHOT_WENT_BACK);
        assertThat(refusalOf(delta, FeedCases.small(2))).isEqualTo(Refusal.SNAPSHOT_OTHER_BASE);
    }

    @Test
    void aSignatureMadeForASnapshotIsWorthNothingOnADelta() {
        byte[] payload = FeedCodec.encode(FeedCases.small(1).deltaTo(FeedCases.small(2)));
        SignedDelta delta =
                FeedCodec.signedDelta(
                        payload,
                        SigningKeys.idOf(SIGNER.getPublic()),
                        TestAuthority.sign(SigningContext.SNAPSHOT, payload, SIGNER));

        assertThat(refusalOf(delta, FeedCases.small(1))).isEqualTo(Refusal.SNAPSHOT_BAD_SIGNATURE);
    }

    @Test
    void anAcknowledgementSurvivesTheRoundTrip() throws MalformedMessage {
        Acknowledgement news =
                new Acknowledgement(
                        7, "no", 3, "ab", "cd", "ef", "01", "23", Duration.ofMillis(-250));

        assertThat(FeedCodec.decode(FeedCodec.encode(news))).isEqualTo(news);
    }

    @Test
    void aStatusSurvivesTheRoundTrip() throws MalformedMessage {
        AgentStatus status =
                new AgentStatus(
                        "id",
                        FeedCases.NOW,
                        "1f",
                        12,
                        Duration.ofMillis(3),
                        4,
                        Optional.of(
                                new RootUsage(
                                        FeedCases.NOW,
                                        List.of(
                                                new RootUsage.Use(
                                                        "a1", 9, Optional.of(FeedCases.NOW), 2),
                                                new RootUsage.Use("b2", 0, Optional.empty(), 0)),
                                        3,
                                        4,
                                        Optional.empty())));

        assertThat(FeedCodec.decode(FeedCodec.encode(status))).isEqualTo(status);
    }

    @Test
    void whatAnAgentReportsIsBounded() {
        var news = dev.countersign.wire.v1.Acknowledgement.newBuilder();
        var status = dev.countersign.wire.v1.AgentStatus.newBuilder();

        assertThatThrownBy(() -> FeedCodec.decode(news.setRefusal("x".repeat(1025)).build()))
                .isInstanceOf(MalformedMessage.class)
                .hasMessageStartingWith("refusal: 1025");
        assertThatThrownBy(() -> FeedCodec.decode(news.clear().setRevision(-1).build()))
                .hasMessageStartingWith("revision: 18446744073709551615");
        assertThatThrownBy(() ->
                        FeedCodec.decode(
                                status.setCertificateNotAfter(Timestamp.newBuilder().setNanos(-1))
                                        .build()))
                .isInstanceOf(MalformedMessage.class);
    }

    private static void assertMalformed(Consumer<dev.countersign.wire.v1.Snapshot.Builder> change) {
        assertRefused(Refusal.SNAPSHOT_MALFORMED, changed(change));
    }

    private static void assertRefused(Refusal refusal, SignedSnapshot snapshot) {
        TrustRefused refused =
                catchThrowableOfType(
                        TrustRefused.class, () -> FeedCodec.verify(snapshot, KEYS, SELF, 0));

        assertThat(refused).as("expected %s", refusal).isNotNull();
        assertThat(refused.refusal()).as(refused.getMessage()).isEqualTo(refusal);
    }

    private static Refusal refusalOf(SignedDelta delta, Snapshot held) {
        return catchThrowableOfType(TrustRefused.class, () -> FeedCodec.verify(delta, KEYS, held))
                .refusal();
    }

    private static SignedSnapshot changed(
            Consumer<dev.countersign.wire.v1.Snapshot.Builder> change) {
        try {
            var snapshot =
                    dev.countersign.wire.v1.Snapshot.parseFrom(FeedCodec.encode(FeedCases.small(1)))
                            .toBuilder();
            change.accept(snapshot);
            return signed(snapshot.build().toByteArray());
        } catch (InvalidProtocolBufferException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static SignedSnapshot signed(Snapshot snapshot) {
        return signed(FeedCodec.encode(snapshot));
    }

    private static SignedSnapshot signed(byte[] payload) {
        return FeedCodec.signedSnapshot(
                payload,
                SigningKeys.idOf(SIGNER.getPublic()),
                TestAuthority.sign(SigningContext.SNAPSHOT, payload, SIGNER));
    }

    private static SignedDelta signedDelta(Snapshot from, Snapshot to) {
        return signedDelta(FeedCodec.encode(from.deltaTo(to)));
    }

    private static SignedDelta signedDelta(byte[] payload) {
        return FeedCodec.signedDelta(
                payload,
                SigningKeys.idOf(SIGNER.getPublic()),
                TestAuthority.sign(SigningContext.DELTA, payload, SIGNER));
    }
}
