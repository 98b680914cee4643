package dev.countersign.server.rpc;

import com.google.protobuf.ByteString;
import dev.countersign.server.authority.RotationView;
import dev.countersign.server.authority.rotation.BundleKey;
import dev.countersign.server.authority.rotation.KnownRoot;
import dev.countersign.server.authority.rotation.PastRoot;
import dev.countersign.server.authority.rotation.RotationState;
import dev.countersign.server.authority.rotation.RotationState.Moving;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.trust.TrustBundle;
import dev.countersign.wire.Timestamps;
import dev.countersign.wire.v1.ListRootsResponse;
import dev.countersign.wire.v1.RootRole;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.List;

/** Roots as messages: what each is there for, and what lives under it. */
final class RootMessages {
    private RootMessages() {}

    static ListRootsResponse roots(RotationView view, TrustBundle bundle) {
        RotationState state = view.state();
        ListRootsResponse.Builder answer =
                ListRootsResponse.newBuilder()
                        .setBundleEpoch(bundle.epoch())
                        .setBundleKeyId(state.bundleKeys().signer().id())
                        .setNextBundleKeyId(
                                state.bundleKeys().next().map(BundleKey::id).orElse(""));
        all(state).forEach(root -> answer.addRoots(message(root, view)));
        state.holdings().past().forEach(past -> answer.addRoots(message(past)));
        return answer.build();
    }

    private static List<KnownRoot> all(RotationState state) {
        List<KnownRoot> roots = new ArrayList<>(state.trusted());
        if (state instanceof Moving moving) {
            moving.roots()
                    .ifPresent(change -> {
                        for (KnownRoot one : List.of(change.from(), change.to())) {
                            if (!roots.contains(one)) {
                                roots.add(one);
                            }
                        }
                    });
        }
        return roots;
    }

    private static dev.countersign.wire.v1.KnownRoot.Builder message(
            KnownRoot root, RotationView view) {
        try {
            var message =
                    dev.countersign.wire.v1.KnownRoot.newBuilder()
                            .setKeyId(root.keyId())
                            .setSubject(root.certificate().getSubjectX500Principal().getName())
                            .setKeyName(root.keyName())
                            .setNotBefore(
                                    Timestamps.encode(
                                            root.certificate().getNotBefore().toInstant()))
                            .setNotAfter(Timestamps.encode(root.notAfter()))
                            .setSha256(KeyIds.sha256(root.certificate()))
                            .setRole(role(root, view.state()))
                            .setCertificate(ByteString.copyFrom(root.certificate().getEncoded()));
            view.seen()
                    .leavesUnder(root)
                    .ifPresent(live ->
                            message.setLiveLeaves(live.count())
                                    .setLastLeafNotAfter(Timestamps.encode(live.lastNotAfter())));
            return message;
        } catch (CertificateEncodingException impossible) {
            throw new IllegalStateException(impossible); // it was decoded from DER
        }
    }

    private static dev.countersign.wire.v1.KnownRoot.Builder message(PastRoot past) {
        return dev.countersign.wire.v1.KnownRoot.newBuilder()
                .setKeyId(past.keyId())
                .setSubject(past.subject())
                .setKeyName(past.keyName())
                .setNotAfter(Timestamps.encode(past.notAfter()))
                .setRole(
                        past.distrusted() ? RootRole.ROOT_ROLE_DISTRUSTED : RootRole.ROOT_ROLE_PAST)
                .setSince(Timestamps.encode(past.since().at()));
    }

    private static RootRole role(KnownRoot root, RotationState state) {
        if (root.equals(state.signing())) {
            return RootRole.ROOT_ROLE_SIGNING;
        }
        if (state instanceof Moving moving && moving.roots().isPresent()) {
            if (root.equals(moving.roots().get().to())) {
                return RootRole.ROOT_ROLE_SUCCESSOR;
            }
            if (root.equals(moving.roots().get().from())) {
                return RootRole.ROOT_ROLE_RETIRING;
            }
        }
        return RootRole.ROOT_ROLE_STANDBY;
    }
}
