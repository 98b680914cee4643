package dev.countersign.server.attestation.kubernetes;

import dev.countersign.server.attestation.BearerToken;
import dev.countersign.server.attestation.Pod;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A cluster that says what a test wants, and counts what it is asked. */
final class ScriptedCluster implements ClusterPods, TokenReviews {
    final Map<String, Pod> known = new HashMap<>();
    final Set<String> gone = new HashSet<>();
    final Set<String> reviewed = new HashSet<>();
    final Map<String, Pod> there = new HashMap<>();
    boolean live = true;
    boolean away;
    Answer answer;
    int reviews;
    int asked;

    ScriptedCluster(Answer answer) {
        this.answer = answer;
    }

    static Answer authenticated(String podUid) {
        return new Answer(
                true,
                "",
                List.of("countersign"),
                "system:serviceaccount:shop:web",
                "77aa-sa",
                Optional.of("web-0"),
                Optional.of(podUid));
    }

    @Override
    public Standing standing(String podUid) {
        if (gone.contains(podUid)) {
            return new Gone();
        }
        Pod pod = known.get(podUid);
        return pod == null ? new Missing() : new Known(pod, reviewed.contains(podUid));
    }

    @Override
    public boolean isLive() {
        return live;
    }

    @Override
    public Optional<Pod> ask(String namespace, String name) throws ClusterUnavailable {
        asked++;
        refuseWhenAway();
        Optional<Pod> pod = Optional.ofNullable(there.get(namespace + "/" + name));
        pod.ifPresent(found -> known.put(found.uid().orElseThrow(), found));
        return pod;
    }

    @Override
    public void reviewed(String podUid) {
        reviewed.add(podUid);
    }

    @Override
    public Answer review(BearerToken token, Set<String> audiences) throws ClusterUnavailable {
        reviews++;
        refuseWhenAway();
        return answer;
    }

    private void refuseWhenAway() throws ClusterUnavailable {
        if (away) {
            throw new ClusterUnavailable("away");
        }
    }
}
