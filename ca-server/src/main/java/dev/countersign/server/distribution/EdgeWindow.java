package dev.countersign.server.distribution;

import dev.countersign.server.distribution.EdgeRecords.Loss;
import dev.countersign.server.distribution.EdgeRecords.Reported;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A window of recorded edges and why it may not show all traffic. A sentence for each reason; many of
 * one kind are one sentence with a count.
 *
 * @param since what is asked of the records: what was seen since then
 * @param from where recording begins, when that is later: what the first report told of
 */
public record EdgeWindow(Instant since, Instant from, Instant to, List<String> incompleteBecause) {
    /** An agent reports once a minute, also when it saw nothing. */
    static final Duration SILENCE = Duration.ofMinutes(3);

    /** A first report tells of the minute before it. */
    private static final Duration REPORTED_BACK = Duration.ofMinutes(1);

    private static final int SHOWN = 5;

    public EdgeWindow {
        incompleteBecause = List.copyOf(incompleteBecause);
    }

    /**
     * @param asked where the window begins; empty = where recording does, at most {@link
     *     EdgeRecords#KEPT} ago
     * @param connected agents with a stream to this server
     */
    public static EdgeWindow of(
            Optional<Instant> asked,
            Instant now,
            EdgeRecords records,
            List<Subscriber.View> connected) {
        Instant oldest = now.minus(EdgeRecords.KEPT);
        Instant since = asked.filter(time -> time.isAfter(oldest)).orElse(oldest);
        Instant from = since;
        List<Reported> reporters = records.reporters(from);
        Optional<Instant> began =
                reporters.stream()
                        .map(one -> one.first().minus(REPORTED_BACK))
                        .min(Instant::compareTo);
        List<String> because = new ArrayList<>();
        if (began.isEmpty()) {
            because.add("no agent reported since " + text(from));
        } else if (began.get().isAfter(from)) {
            if (asked.isPresent()) {
                because.add("recording began at " + text(began.get()));
            }
            from = began.get();
        }
        records.losses(from).forEach(loss -> because.add(sentence(loss)));
        because.addAll(silent(connected, reporters, now));
        because.addAll(vanished(connected, reporters, now));
        return new EdgeWindow(since, from, now, because);
    }

    private static String sentence(Loss loss) {
        String whose = loss.identity().isEmpty() ? "" : " of " + loss.identity();
        return switch (loss.cause()) {
            case AGENT_TABLE ->
                    loss.count()
                            + " decisions"
                            + whose
                            + " had no room in the table of their agent, last on "
                            + day(loss);
            case IDENTITY_BOUND ->
                    loss.count()
                            + " decisions"
                            + whose
                            + " were on edges beyond its "
                            + EdgeRecords.MAX_EDGES_OF_ONE
                            + ", last on "
                            + day(loss);
            case STORE_BOUND ->
                    loss.count()
                            + " edges beyond "
                            + EdgeRecords.MAX_EDGES
                            + " were cleared away, last on "
                            + day(loss);
        };
    }

    private static List<String> silent(
            List<Subscriber.View> connected, List<Reported> reporters, Instant now) {
        Map<String, Instant> last = new HashMap<>();
        reporters.forEach(one -> last.put(key(one.identity(), one.instance()), one.last()));
        Instant before = now.minus(SILENCE);
        List<String> names =
                connected.stream()
                        .filter(view -> view.connected().isBefore(before))
                        .filter(view ->
                                !last.getOrDefault(
                                                key(view.peer().id().toString(), view.instanceId()),
                                                Instant.MIN)
                                        .isAfter(before))
                        .map(view -> view.record().account() + " (" + view.record().podName() + ")")
                        .toList();
        return many(names, "connected and silent about its traffic");
    }

    private static List<String> vanished(
            List<Subscriber.View> connected, List<Reported> reporters, Instant now) {
        Map<String, Subscriber.View> here =
                connected.stream()
                        .collect(
                                Collectors.toMap(
                                        view -> key(view.peer().id().toString(), view.instanceId()),
                                        view -> view,
                                        (a, b) -> a));
        Instant before = now.minus(SILENCE);
        List<String> names =
                reporters.stream()
                        .filter(one -> !one.ended() && one.last().isBefore(before))
                        .filter(one -> !here.containsKey(key(one.identity(), one.instance())))
                        .map(one -> one.identity() + " (" + one.pod() + ") at " + text(one.last()))
                        .toList();
        return many(names, "stopped without its last report");
    }

    private static List<String> many(List<String> names, String what) {
        if (names.isEmpty()) {
            return List.of();
        }
        String shown = names.stream().sorted().limit(SHOWN).collect(Collectors.joining(", "));
        String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
        return List.of(
                names.size()
                        + (names.size() == 1 ? " agent " : " agents, each ")
                        + what
                        + ": "
                        + shown
                        + more);
    }

    private static String key(String identity, String instance) {
        return identity + " " + instance;
    }

    private static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String day(Loss loss) {
        return text(loss.last());
    }
}
