package dev.countersign.policy.analysis;

import dev.countersign.policy.analysis.region.Box;
import dev.countersign.policy.analysis.region.Dimension.Plain;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.region.Texts;
import dev.countersign.policy.analysis.text.Language;

/** What everybody may ask of a destination. */
final class Exposure {

    private final Space space;

    Exposure(Space space) {
        this.space = space;
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
        Region asked = occurring.and(Region.of(Plain.IDENTITY, new Texts(false, callers)));
        Region refused = space.minus(asked, allowed);
        Region refusedToSome = Region.NOTHING;
        for (Box box : refused.boxes()) {
            refusedToSome = refusedToSome.or(Region.of(box.without(Plain.IDENTITY)));
        }
        return space.minus(asked, refusedToSome);
    }
}
