package dev.countersign.policy.analysis;

import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.PathNormalizer.Mode;
import dev.countersign.policy.analysis.text.Automata;
import dev.countersign.policy.analysis.text.Language;
import dev.countersign.policy.analysis.text.Shape;
import java.util.ArrayList;
import java.util.List;

/** The paths that {@link PathNormalizer#isNormal} accepts, as a language. */
final class NormalPaths {

    private static final String UNRESERVED =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    private NormalPaths() {}

    static Language of(Mode mode, Automata automata) {
        List<Shape> faults = new ArrayList<>();
        faults.add(Shape.literal("#"));
        faults.add(Shape.literal("?"));
        faults.add(Shape.literal("\0"));
        faults.add(escape('\0'));
        if (mode != Mode.NONE) {
            UNRESERVED.chars().forEach(c -> faults.add(escape((char) c)));
            faults.add(Shape.literal("\\"));
        }
        if (mode == Mode.MERGE_SLASHES || mode == Mode.DECODE_AND_MERGE_SLASHES) {
            faults.add(Shape.literal("//"));
        }
        if (mode == Mode.DECODE_AND_MERGE_SLASHES) {
            faults.add(escape('/'));
            faults.add(escape('\\'));
        }
        Language absolute = automata.of(Shape.sequence(Shape.literal("/"), Shape.ANY));
        Language faulty =
                automata.of(Shape.sequence(Shape.ANY, new Shape.Choice(faults), Shape.ANY));
        Language normal = absolute.minus(faulty);
        Language undotted = mode == Mode.NONE ? normal : normal.minus(dotSegments(automata));
        return undotted.or(automata.of(List.of("*")));
    }

    private static Language dotSegments(Automata automata) {
        return automata.of(
                Shape.sequence(
                        Shape.ANY,
                        Shape.choice(Shape.literal("/."), Shape.literal("/..")),
                        Shape.choice(
                                Shape.literal(""), Shape.sequence(Shape.literal("/"), Shape.ANY))));
    }

    /** A percent sign and two hexadecimal digits of either case. */
    private static Shape escape(char c) {
        return Shape.sequence(
                Shape.literal("%"), new Shape.FoldedLiteral(String.format("%02x", (int) c)));
    }
}
