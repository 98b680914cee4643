package dev.countersign.server.distribution;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.authentication.PeerAuthentication;
import dev.countersign.policy.authentication.RequestAuthentication;
import dev.countersign.policy.parse.Notice;
import dev.countersign.policy.parse.ParsedPolicies;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import dev.countersign.policy.parse.Problem;
import dev.countersign.server.audit.RecordsUnavailable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Policies that come one by one, each with an author of its own: each is accepted or refused by itself.
 * Where the newest version of one is refused, its last good version stays in force; one that never was
 * good is left out, and said to be.
 *
 * <p>Changes are collected by {@link #put} and {@link #remove} and come into force together with {@link
 * #publish}, which is first called when everything that is written has come: until then agents are told
 * nothing and keep what they have. Thread-safe.
 */
public final class WrittenPolicies {
    /** Of all kinds together; those that come when there are so many are refused. */
    public static final int MAX_POLICIES = 50_000;

    private static final int SHOWN_PROBLEMS = 3;
    private static final Logger log = LoggerFactory.getLogger(WrittenPolicies.class);

    private final PolicyFeed feed;
    private final AllowKeeper keeper;
    private final Map<Key, Entry> entries = new TreeMap<>();
    private volatile Map<Key, Verdict> verdicts = Map.of();

    public WrittenPolicies(PolicyFeed feed, AllowKeeper keeper) {
        this.feed = feed;
        this.keeper = keeper;
        feed.await();
    }

    /** What a policy is called. */
    public record Key(String group, String kind, String namespace, String name)
            implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::group)
                        .thenComparing(Key::kind)
                        .thenComparing(Key::namespace)
                        .thenComparing(Key::name);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }

        @Override
        public String toString() {
            return kind + " " + namespace + "/" + name;
        }
    }

    /**
     * One version.
     *
     * @param generation rises with every change of what is written
     * @param document JSON, as {@link PolicyParser} reads it
     */
    public record Written(Key key, long generation, byte[] document) {}

    /** What became of the newest version. */
    public sealed interface Verdict {
        long generation();
    }

    /** It is in force. */
    public record Accepted(long generation, ParsedPolicies parsed, List<Notice> notices)
            implements Verdict {
        public Accepted {
            notices = List.copyOf(notices);
        }
    }

    /**
     * It is not.
     *
     * @param code stable
     * @param message with path, value and expectation
     * @param lastGood whether an earlier version is in force instead
     */
    public record Refused(long generation, String code, String message, boolean lastGood)
            implements Verdict {}

    /** Takes a version in; it comes into force with the next {@link #publish}. */
    public synchronized void put(Written written) {
        Entry entry = entries.computeIfAbsent(written.key(), key -> new Entry());
        entry.read(written, entries.size() > MAX_POLICIES);
    }

    /** It was deleted; with the next {@link #publish} it is out of force. */
    public synchronized void remove(Key key) {
        entries.remove(key);
    }

    /** What is known now. */
    public synchronized List<Key> keys() {
        return List.copyOf(entries.keySet());
    }

    /** Puts what is written into force. */
    public synchronized void publish() {
        try {
            MeshPolicies mesh = admitted();
            long before = feed.state().revision();
            feed.publish(mesh);
            keeper.inForce(mesh);
            entries.values().forEach(Entry::isInForce);
            tell(before, mesh);
        } catch (RecordsUnavailable unavailable) {
            feed.refuse("what was in force cannot be told now: " + unavailable.getMessage());
        }
    }

    /** As of the last {@link #publish}. */
    public Map<Key, Verdict> verdicts() {
        return verdicts;
    }

    /** Refuses, one after another, those that would leave a workload without an ALLOW. */
    private MeshPolicies admitted() {
        entries.values().forEach(Entry::choose);
        while (true) {
            MeshPolicies mesh = assembled(entries.values());
            List<OpenGuard.Door> doors = keeper.doors(mesh);
            boolean held = false;
            for (OpenGuard.Door door : doors) {
                held |= hold(door);
            }
            if (!held) {
                return mesh;
            }
        }
    }

    private boolean hold(OpenGuard.Door door) {
        for (Entry entry : entries.values()) {
            if (entry.holds(door.policy())) {
                entry.refuse(
                        Problem.Code.LAST_ALLOW_TO_DRY_RUN.name(),
                        OpenGuard.refusal(List.of(door)).orElseThrow());
                return true;
            }
        }
        return false;
    }

    private static MeshPolicies assembled(Collection<Entry> entries) {
        List<AuthorizationPolicy> policies = new ArrayList<>();
        List<PeerAuthentication> peers = new ArrayList<>();
        List<RequestAuthentication> requests = new ArrayList<>();
        List<AuthorizationPolicy> mayOpen = new ArrayList<>();
        for (Entry entry : entries) {
            ParsedPolicies chosen = entry.chosen;
            if (chosen != null) {
                policies.addAll(chosen.policies());
                peers.addAll(chosen.peerAuthentications());
                requests.addAll(chosen.requestAuthentications());
                mayOpen.addAll(chosen.mayOpen());
            }
        }
        return new MeshPolicies(policies, peers, requests, mayOpen);
    }

    private void tell(long before, MeshPolicies mesh) {
        Map<Key, Verdict> now = new HashMap<>();
        entries.forEach((key, entry) -> now.put(key, entry.verdict()));
        Map<Key, Verdict> then = verdicts;
        verdicts = Map.copyOf(now);
        List<String> refused = new ArrayList<>();
        new TreeMap<>(now)
                .forEach((key, verdict) -> {
                    if (verdict instanceof Refused one) {
                        refused.add(key + ": " + one.message());
                        warn(key, one, then.get(key));
                    }
                });
        if (!refused.isEmpty()) {
            feed.refuse(refused.size() + " refused, the first: " + refused.getFirst());
        }
        if (feed.state().revision() != before) {
            log.atInfo()
                    .addKeyValue("policies", mesh.policies().size())
                    .addKeyValue("peerAuthentications", mesh.peerAuthentications().size())
                    .addKeyValue("requestAuthentications", mesh.requestAuthentications().size())
                    .addKeyValue("refused", refused.size())
                    .addKeyValue("revision", feed.state().revision())
                    .log("policies in force");
        }
    }

    private static void warn(Key key, Refused now, @Nullable Verdict then) {
        if (!now.equals(then)) {
            log.atWarn()
                    .addKeyValue("policy", key)
                    .addKeyValue("reason", now.message())
                    .addKeyValue("lastGoodInForce", now.lastGood())
                    .log("policy refused");
        }
    }

    /** One policy: its newest version, and what of it is or comes into force. */
    private static final class Entry {
        private long generation;
        private @Nullable ParsedPolicies newest;
        private @Nullable ParsedPolicies inForce;
        private @Nullable ParsedPolicies chosen;
        private @Nullable Refused unreadable;
        private @Nullable Refused refused;

        void read(Written written, boolean tooMany) {
            generation = written.generation();
            newest = null;
            unreadable = null;
            if (tooMany) {
                unreadable =
                        refusal(
                                Problem.Code.LIMIT.name(),
                                "more policies than " + MAX_POLICIES + " (expected: fewer)");
                return;
            }
            try {
                newest = PolicyParser.parse(written.key().toString(), written.document());
            } catch (PolicyRefused problems) {
                unreadable =
                        refusal(
                                problems.problems().getFirst().code().name(),
                                shown(problems.problems()));
            }
        }

        void choose() {
            refused = unreadable;
            chosen = newest != null ? newest : inForce;
        }

        void refuse(String code, String message) {
            // Once the last good version itself is in the way there is nothing to fall back to.
            chosen = Objects.equals(chosen, inForce) ? null : inForce;
            refused = refusal(code, message);
        }

        boolean holds(AuthorizationPolicy policy) {
            return chosen != null && chosen.policies().contains(policy);
        }

        void isInForce() {
            inForce = chosen;
        }

        Verdict verdict() {
            Refused no = refused;
            if (no != null) {
                return new Refused(no.generation(), no.code(), no.message(), inForce != null);
            }
            ParsedPolicies yes = newest;
            if (yes == null) {
                throw new IllegalStateException("neither read nor refused");
            }
            List<Notice> notices = new ArrayList<>(yes.warnings());
            notices.addAll(yes.hints());
            return new Accepted(generation, yes, notices);
        }

        private Refused refusal(String code, String message) {
            return new Refused(generation, code, message, false);
        }

        /** Line numbers are those of JSON that nobody wrote: left out. */
        private static String shown(List<Problem> problems) {
            StringBuilder text = new StringBuilder();
            for (Problem problem : problems.subList(0, Math.min(SHOWN_PROBLEMS, problems.size()))) {
                text.append(text.isEmpty() ? "" : "; ")
                        .append(problem.path().isEmpty() ? "" : problem.path() + ": ")
                        .append(problem.value())
                        .append(" (expected: ")
                        .append(problem.expected())
                        .append(')');
            }
            int more = problems.size() - SHOWN_PROBLEMS;
            return more > 0 ? text + "; and " + more + " more" : text.toString();
        }
    }
}
