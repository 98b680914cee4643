package dev.countersign.policy.analysis;

import dev.countersign.policy.analysis.region.Box;
import dev.countersign.policy.analysis.region.Dimension.Plain;
import dev.countersign.policy.analysis.region.Ranges;
import dev.countersign.policy.analysis.region.Texts;
import dev.countersign.policy.analysis.text.Language;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts how often requests of a set were observed. */
final class SeenTraffic {

    private final Space space;
    private final WrittenTexts texts;
    private final Map<String, List<SeenRequests>> byNamespace = new HashMap<>();

    SeenTraffic(List<SeenRequests> seen, Space space) {
        this.space = space;
        this.texts = new WrittenTexts(space.automata());
        for (SeenRequests one : seen) {
            byNamespace
                    .computeIfAbsent(one.destination().namespace(), key -> new ArrayList<>())
                    .add(one);
        }
    }

    /**
     * How many requests were decided so, that may be of this box.
     *
     * @param same whether an observed destination is one of those that are meant
     */
    long count(Destination destination, Same same, Box box, boolean http, boolean allowed) {
        long count = 0;
        for (SeenRequests one :
                byNamespace.getOrDefault(destination.workload().namespace(), List.of())) {
            boolean alike = one.allowed() == allowed && (one.method() != null) == http;
            if (alike && same.test(one)) {
                Box observed = boxOf(one);
                count += observed != null && observed.overlaps(box) ? one.count() : 0;
            }
        }
        return count;
    }

    private @Nullable Box boxOf(SeenRequests seen) {
        Language nothing = space.automata().nothing();
        String source = seen.source();
        Texts caller =
                source == null
                        ? new Texts(true, nothing)
                        : new Texts(false, space.automata().of(List.of(source)));
        Box box = Box.of(Plain.IDENTITY, caller);
        box = box == null ? null : box.with(Plain.PORT, Ranges.ports(List.of(seen.port())));
        String method = seen.method();
        if (method != null && box != null) {
            box = box.with(Plain.METHOD, new Texts(false, space.automata().of(List.of(method))));
        }
        String path = seen.path();
        return path == null || box == null
                ? box
                : box.with(Plain.PATH, new Texts(false, paths(path)));
    }

    private Language paths(String path) {
        try {
            return texts.path(path);
        } catch (IllegalArgumentException e) {
            return space.automata().of(List.of(path));
        }
    }

    /** Whether the destination of observed requests is one that is meant. */
    @FunctionalInterface
    interface Same {
        boolean test(SeenRequests seen);
    }
}
