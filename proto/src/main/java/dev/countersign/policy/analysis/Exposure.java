package dev.countersign.policy.analysis;

import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.analysis.region.Box;
import dev.countersign.policy.analysis.region.Dimension.Plain;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.region.Texts;
import dev.countersign.policy.analysis.text.Language;
import java.util.List;

/** What everybody may ask of a destination. */
final class Exposure {

    private static final String UNLIKELY = "of-whom-no-policy-speaks";

    private final Space space;
    private final List<String> strangers;

    /** Exposure in a mesh. */
    Exposure(Space space, MeshSettings mesh) {
        this.space = space;
        this.strangers =
                List.of(
                        UNLIKELY + "/ns/" + UNLIKELY + "/sa/" + UNLIKELY,
                        mesh.trustDomain() + "/ns/" + UNLIKELY + "/sa/" + UNLIKELY);
    }

    /** The allowed requests of callers without an identity. */
    Region ofPlaintext(Region allowed) {
        return allowed.and(Region.of(Plain.IDENTITY, new Texts(true, space.automata().nothing())));
    }

    /**
     * The requests that are allowed whoever of these asks: exact, since the callers for whom a
     * request is not allowed are taken away from the requests, and not from the callers.
     */
    Region ofEvery(Language callers, Region allowed, Region occurring) {
        if (!isAllowedSomewhere(callers, allowed)) {
            return Region.NOTHING;
        }
        Region asked = occurring.and(Region.of(Plain.IDENTITY, new Texts(false, callers)));
        Region refused = space.minus(asked, allowed);
        Region refusedToSome = Region.NOTHING;
        for (Box box : refused.boxes()) {
            refusedToSome = refusedToSome.or(Region.of(box.without(Plain.IDENTITY)));
        }
        return space.minus(asked, refusedToSome);
    }

    /** Whether a caller of whom no policy speaks is allowed anything: if not, not everybody is. */
    private boolean isAllowedSomewhere(Language callers, Region allowed) {
        String nobodyKnown = callers.witness(strangers);
        return nobodyKnown != null
                && allowed.boxes().stream()
                        .map(box -> box.get(Plain.IDENTITY))
                        .anyMatch(values ->
                                !(values instanceof Texts texts) || texts.contains(nobodyKnown));
    }
}
